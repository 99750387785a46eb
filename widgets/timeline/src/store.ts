/**
 * What the timeline knows and can do, without a page: the position and all that follows from it, as signals.
 *
 * A move sets the position; everything shown is worked out from it at once where the values are there. Where they are
 * not, the columns' part is shown, the values are asked for, and the moment is worked out anew when they come.
 */

import { batch, computed, effect, signal, type ReadonlySignal, type Signal } from "@preact/signals";

import { CallList } from "./callrows";
import { Choosing } from "./choosing";
import { CodeView } from "./codeview";
import { grouped } from "./counting";
import * as cursor from "./cursor";
import { loadEffects } from "./effects";
import type { Command } from "./keys";
import { Loops, type PassPicker } from "./loops";
import { momentAt, whereabouts, type FrameShown, type Moment, type Variable, type Whereabouts } from "./moment";
import type { Numbers } from "./overview";
import type { Head } from "./packed";
import { Player, REAL_CLOCK, type Clock } from "./player";
import { Reading } from "./reading";
import type { Recording } from "./recording";
import { SearchState, type Hit, type SearchKind } from "./searching";
import { firstAtLeast } from "./visits";
import { Writing } from "./writing";

/** Which panel the side shows. A wide page shows the output with the state. */
export type Tab = "state" | "output" | "calls" | "search";

/** The positions that have a mark on the scrubber, each row in ascending order. */
export interface Marks {
  readonly failures: Numbers;
  readonly outputs: Numbers;
  readonly hits: Numbers;
  readonly passes: Numbers;
  readonly changes: Numbers;
}

const UNREAD: Variable = { name: "", value: undefined, text: "", change: "", was: "", isTool: false, way: "" };
/** Milliseconds at one place before values from far ahead are asked for. */
const PATIENCE = 120;
/** As in the style sheet: from this width on there are two columns. */
const WIDE = 720;
const NONE: Numbers = [];

/** What a store is given besides the recording. */
export interface Options {
  readonly initialStep?: number;
  readonly clock?: Clock;
  readonly reducedMotion?: boolean;
  /** Told of every position that is taken. */
  readonly onStep?: (position: number) => void;
}

/** The state of one timeline and all moves in it; a view reads its signals and calls its methods. */
export class Store {
  readonly head: Head;
  readonly reading: Reading;
  readonly steps: number;

  readonly position: Signal<number>;
  readonly moment: ReadonlySignal<Moment>;
  readonly code: CodeView;
  readonly loops: Loops;
  readonly calls: CallList;
  readonly choosing: Choosing;
  readonly output: Writing;
  readonly problem = signal("");
  readonly helping = signal(false);
  readonly tab = signal<Tab>("state");
  readonly isNarrow = signal(false);
  /** Counts the changes of theme: what is drawn by hand is drawn again. */
  readonly theme = signal(0);
  /** A field that wants the focus. */
  readonly asking = signal<"" | "step" | "search">("");

  private readonly came: number[] = [];
  private readonly names = new Map<string, readonly Variable[]>();
  private readonly arrivals = signal(0);
  private readonly clock: Clock;
  private isFetching = false;
  private isDisposed = false;
  private givenUp = -1;
  private readonly tooFar = signal(-1);
  private soon: () => void = () => undefined;
  private readonly open = signal<ReadonlyMap<string, number>>(new Map());
  private readonly frameStates = signal<ReadonlyMap<string, boolean>>(new Map());
  private readonly player: Player;
  private readonly searching: SearchState;
  private readonly ends: (() => void)[] = [];
  private readonly onStep: (position: number) => void;

  constructor(readonly recording: Recording, options: Options = {}) {
    this.head = recording.head;
    this.reading = new Reading(recording);
    this.steps = recording.steps;
    this.clock = options.clock ?? REAL_CLOCK;
    this.onStep = options.onStep ?? (() => undefined);
    this.position = signal(this.within(options.initialStep ?? 0));
    this.moment = computed(() => {
      this.arrivals.value; // values that came are read anew
      return this.steadied(momentAt(this.reading, this.position.value));
    });
    this.player = new Player((steps) => this.playOn(steps), this.clock, options.reducedMotion ?? false);
    this.searching = new SearchState(recording);
    this.code = new CodeView(this.reading, this.position, this.moment);
    this.loops = new Loops(this.reading, this.position);
    this.calls = new CallList(this.reading, this.position, this.arrivals);
    this.choosing = new Choosing(recording, this.position, (problem) => (this.problem.value = problem));
    this.output = new Writing(this.head, this.position);
    this.ends.push(effect(() => this.fetch(this.moment.value)));
  }

  /** Stop all that goes on. */
  dispose(): void {
    this.isDisposed = true;
    this.soon();
    this.player.pause();
    this.choosing.unchoose();
    this.searching.dispose();
    this.reading.dispose();
    for (const end of this.ends) end();
  }

  // --- moves ----------------------------------------------------------------------------------------------------

  /** Do what a key or a button asks for. */
  do(command: Command): void {
    const here = this.position.peek();
    switch (command) {
      case "next":
        return this.goTo(here + 1);
      case "previous":
        return this.goTo(here - 1);
      case "first":
        return this.goTo(0);
      case "last":
        return this.goTo(this.steps);
      case "into":
        return this.forward(cursor.next(this.recording, here));
      case "over":
        return this.forward(cursor.over(this.recording, here));
      case "out":
        return this.forward(cursor.out(this.recording, here));
      case "back":
        return this.back();
      case "play":
        return this.play();
      case "nextHit":
      case "previousHit":
        return this.goToIf(this.searching.near(here, command === "nextHit"));
      case "nextChange":
      case "previousChange":
        return this.goToIf(this.choosing.near(here, command === "nextChange"));
      case "nextPass":
      case "previousPass":
        return this.goToNeighbourPass(command === "nextPass" ? 1 : -1);
      case "goTo":
        this.asking.value = "step";
        return;
      case "search":
        this.tab.value = "search";
        this.asking.value = "search";
        return;
      case "calls":
        this.tab.value = this.tab.peek() === "calls" ? "state" : "calls";
        return;
      case "help":
        this.helping.value = !this.helping.peek();
        return;
      case "close":
        return this.close();
    }
  }

  /** Go to a position; what lies outside means the nearest end. Ends the way back and the play. */
  goTo(position: number): void {
    this.came.length = 0;
    this.player.pause();
    this.move(position);
  }

  private goToIf(position: number | undefined): void {
    if (position !== undefined) this.goTo(position);
  }

  /** Go to a step as it was typed, `1,200`; or run to a line of the shown source, `:12`, from where we are or else back. */
  goToTyped(typed: string): void {
    const number = Number.parseInt(typed.replaceAll(/[^0-9-]/g, ""), 10);
    if (!Number.isFinite(number)) return;
    if (!typed.trim().startsWith(":")) return this.goTo(number);
    const here = this.position.peek();
    this.runTo(this.code.shown.peek(), number, true);
    if (this.position.peek() === here) this.runTo(this.code.shown.peek(), number, false);
  }

  /** A step forward that `back` can take back. */
  private forward(there: number): void {
    const here = this.position.peek();
    this.player.pause();
    if (there === here) return;
    this.came.push(here);
    this.move(there);
  }

  /** Back to where the last step forward began; where none is remembered, back over. */
  private back(): void {
    this.player.pause();
    this.move(this.came.pop() ?? cursor.back(this.recording, this.position.peek()));
  }

  /** The host wants this position shown: as a move, but the host is not told of it again. */
  showStep(position: number): void {
    if (this.within(position) === this.position.peek()) return;
    this.came.length = 0;
    this.player.pause();
    this.take(this.within(position));
  }

  private move(position: number): void {
    const there = this.within(position);
    if (there === this.position.peek()) return;
    this.take(there);
    this.onStep(there);
  }

  private take(there: number): void {
    batch(() => {
      this.code.picked.value = -1;
      this.problem.value = "";
      this.position.value = there;
    });
  }

  private within(position: number): number {
    return Math.min(Math.max(Math.trunc(position) || 0, 0), this.steps);
  }

  /** Run to the next visit of a line, or back to the one before. */
  runTo(source: number, line: number, forward: boolean): void {
    const there = this.reading.visits?.near(source, line, this.position.peek(), forward) ?? -1;
    if (there >= 0) this.goTo(there);
  }

  // --- play -----------------------------------------------------------------------------------------------------

  get playing(): ReadonlySignal<boolean> {
    return this.player.playing;
  }

  get speed(): ReadonlySignal<number> {
    return this.player.speed;
  }

  get speeds(): readonly number[] {
    return this.player.speeds;
  }

  setSpeed(speed: number): void {
    this.player.setSpeed(speed);
  }

  private play(): void {
    this.came.length = 0;
    if (this.player.playing.peek()) this.player.pause();
    else if (this.position.peek() < this.steps) this.player.play(this.steps);
  }

  private playOn(steps: number): boolean {
    this.move(this.position.peek() + steps);
    return this.position.peek() < this.steps;
  }

  /** A moment whose values are to come shows the names that its frames had last: rows stay where they are meanwhile. */
  private steadied(moment: Moment): Moment {
    if (moment.isReady) {
      for (const { openKey, variables } of moment.frames) {
        this.names.set(openKey, variables.map(({ name, isTool }) => ({ ...UNREAD, name, way: name, isTool })));
      }
      return moment;
    }
    return { ...moment, frames: moment.frames.map((frame) => ({ ...frame, variables: this.names.get(frame.openKey) ?? [] })) };
  }

  // --- values that have to be waited for ------------------------------------------------------------------------

  /** Ask for the values that the moment lacks: one load at a time, and the next one for where we are by then. */
  private fetch(moment: Moment): void {
    this.soon();
    if (moment.isWhole || this.isFetching || this.problem.peek()) return;
    if (!moment.isReady) return void this.load(moment.position, this.recording.load(moment.position));
    if (this.givenUp === moment.position) return;
    this.soon = this.clock.after(PATIENCE, () => {
      this.givenUp = moment.position; // values that lie too far apart to be held together are not asked for twice
      void this.load(moment.position, loadEffects(this.recording, moment.position));
    });
  }

  private async load(position: number, values: Promise<void>): Promise<void> {
    this.isFetching = true;
    try {
      await values;
    } catch (error) {
      if (this.position.peek() === position) this.problem.value = error instanceof Error ? error.message : String(error);
    }
    this.isFetching = false;
    if (this.isDisposed) return;
    this.arrivals.value++;
    if (this.givenUp === position && !this.moment.peek().isWhole) this.tooFar.value = position;
  }

  /** What is said where the values of the line are not there: that they come, or why they don't. */
  readonly waitingText: ReadonlySignal<string> = computed(() => {
    if (this.moment.value.isWhole || this.problem.value) return "";
    if (this.tooFar.value !== this.position.value) return "reading the values…";
    return "It calls so much that its values lie too far apart to be shown together: step into it.";
  });

  /** Show a chunk's values anew: the host has a fuller one. */
  async renew(k: number): Promise<void> {
    await this.recording.renew(k);
    this.arrivals.value++;
  }

  /** Ask again for what could not be had. */
  retry(): void {
    this.problem.value = "";
    this.arrivals.value++;
  }

  readonly isAtStart: ReadonlySignal<boolean> = computed(() => this.position.value === 0);
  readonly isAtEnd: ReadonlySignal<boolean> = computed(() => this.position.value >= this.steps);

  // --- where we are, in words -----------------------------------------------------------------------------------

  readonly placeText: ReadonlySignal<string> = computed(() => this.placeTextOf(this.position.value));

  /** "step 12 of 40, line 3, in total" */
  placeTextOf(position: number): string {
    const place = this.recordingPlace(position);
    const where = place.event === "end" ? "the end" : `line ${place.line}, in ${place.name}`;
    return `step ${grouped(position)} of ${grouped(this.steps)}, ${where}`;
  }

  recordingPlace(position: number): Whereabouts {
    return whereabouts(this.recording, position);
  }

  // --- loops ----------------------------------------------------------------------------------------------------

  /** Go to where a pass begins; they count from 0. */
  goToPass(picker: PassPicker, pass: number): void {
    const start = picker.starts[pass];
    this.goToIf(start);
  }

  private goToNeighbourPass(move: number): void {
    const picker = this.loops.passes.peek().at(-1);
    if (picker && picker.current + move >= 0 && picker.current + move < picker.count) this.goToPass(picker, picker.current + move);
  }

  // --- frames and values ----------------------------------------------------------------------------------------

  isFrameOpen(frame: FrameShown, innermost: boolean): boolean {
    return this.frameStates.value.get(frame.openKey) ?? (innermost || frame.isGlobals);
  }

  toggleFrame(frame: FrameShown, innermost: boolean): void {
    this.frameStates.value = new Map(this.frameStates.peek()).set(frame.openKey, !this.isFrameOpen(frame, innermost));
  }

  isOpen(path: string): boolean {
    return this.open.value.has(path);
  }

  toggleOpen(path: string): void {
    const open = new Map(this.open.peek());
    if (!open.delete(path)) open.set(path, 1);
    this.open.value = open;
  }

  /** How many pages of an open value are shown. */
  pagesOf(path: string): number {
    return this.open.value.get(path) ?? 1;
  }

  showMore(path: string): void {
    this.open.value = new Map(this.open.peek()).set(path, this.pagesOf(path) + 1);
  }

  // --- search ---------------------------------------------------------------------------------------------------

  get query(): ReadonlySignal<string> {
    return this.searching.query;
  }

  get searchKind(): ReadonlySignal<SearchKind> {
    return this.searching.kind;
  }

  get found(): ReadonlySignal<readonly Hit[]> {
    return this.searching.found;
  }

  get isSearching(): ReadonlySignal<boolean> {
    return this.searching.isBusy;
  }

  search(query: string): void {
    this.searching.search(query, this.searching.kind.peek());
  }

  searchIn(kind: SearchKind): void {
    this.searching.search(this.searching.query.peek(), kind);
  }

  /** The last hit at or before the position; -1 where there is none. */
  readonly hitHere: ReadonlySignal<number> = computed(() => firstAtLeast(this.searching.positions.value, this.position.value + 1) - 1);

  readonly hitsText: ReadonlySignal<string> = computed(() => {
    const { isBusy, isCut } = this.searching;
    const count = this.searching.found.value.length;
    if (this.searching.query.value === "") return "";
    if (isBusy.value) return `${grouped(count)} so far…`;
    const here = this.hitHere.value;
    const isOn = this.searching.positions.value[here] === this.position.value;
    const all = `${grouped(count)}${isCut.value ? " or more" : ""} ${count === 1 ? "hit" : "hits"}`;
    return isOn ? `${here + 1} of ${all}` : count === 0 ? "no hit" : all;
  });

  // --- marks, tabs ----------------------------------------------------------------------------------------------

  private readonly failures = computed(() => this.reading.failures());
  private readonly innermostStarts = computed(() => this.loops.passes.value.at(-1)?.starts ?? NONE);

  readonly marks: ReadonlySignal<Marks> = computed(() => ({
    failures: this.failures.value,
    outputs: this.output.times.value,
    hits: this.searching.positions.value,
    passes: this.innermostStarts.value,
    changes: this.choosing.changes.value,
  }));

  /** The page became so wide: a narrow one has a tab for each panel. */
  setWidth(width: number): void {
    const isNarrow = width < WIDE;
    if (isNarrow === this.isNarrow.peek()) return;
    batch(() => {
      this.isNarrow.value = isNarrow;
      if (this.tab.peek() === "output") this.tab.value = "state";
    });
  }

  private close(): void {
    if (this.helping.peek()) this.helping.value = false;
    else if (this.tab.peek() === "search" || this.tab.peek() === "calls") this.tab.value = "state";
    else this.choosing.unchoose();
  }
}


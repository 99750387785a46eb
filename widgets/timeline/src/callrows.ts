/**
 * The tree of calls as a list of rows, of which only those in view are made.
 *
 * Which rows there are depends on what is open: frames opened by hand, and those on the way to where we are.
 */

import { computed, signal, type ReadonlySignal } from "@preact/signals";

import type { CallTree } from "./calls";
import { grouped } from "./counting";
import { visible } from "./escape";
import { nameOf } from "./moment";
import type { Reading } from "./reading";
import type { Recording } from "./recording";
import { show } from "./values";

/** One call in the tree. */
export interface CallRow {
  readonly frame: number;
  readonly level: number;
  readonly name: string;
  readonly where: string;
  /** What it was called with, and what came of it; "" where that is not known yet. */
  readonly args: string;
  readonly result: string;
  readonly start: number;
  readonly hasCalls: boolean;
  readonly isOpen: boolean;
  readonly isOnPath: boolean;
  readonly isHere: boolean;
  readonly isBad: boolean;
}

/** The frames that are rows, in order, with their levels; at most `most` of them. */
function openRows(tree: CallTree, isOpen: (frame: number) => boolean, isThere: (frame: number) => boolean, most: number): { frames: number[]; levels: number[] } {
  const frames: number[] = [];
  const levels: number[] = [];
  const waiting: [calls: Iterator<number>, level: number][] = [[tree.children(-1).values(), 0]];
  for (let top = waiting.at(-1); top && frames.length < most; top = waiting.at(-1)) {
    const [calls, level] = top;
    const next = calls.next();
    if (next.done) {
      waiting.pop();
      continue;
    }
    if (!isThere(next.value)) continue;
    frames.push(next.value);
    levels.push(level);
    if (isOpen(next.value)) waiting.push([tree.children(next.value).values(), level + 1]);
  }
  return { frames, levels };
}

/** The rows of the call tree. */
export interface CallRows {
  readonly count: number;
  /** The row of the frame that runs; -1 where it is not among them. */
  readonly here: number;
  slice(from: number, count: number): { readonly rows: readonly CallRow[]; readonly from: number };
}

const MOST_ROWS = 200_000;
const BRIEF = { characters: 24, depth: 2 };
/** Milliseconds for the values of the calls in view; those that are left out come with the next look. */
const BUDGET = 6;

/** The rows of the tree around a position. */
export class CallList {
  private readonly recording: Recording;
  private readonly texts = new Map<number, { args: string; result: string }>();
  private readonly states = signal<ReadonlyMap<number, boolean>>(new Map());

  /** `arrivals` changes when values came. */
  constructor(
    private readonly reading: Reading,
    private readonly position: ReadonlySignal<number>,
    private readonly arrivals: ReadonlySignal<number>,
  ) {
    this.recording = reading.recording;
  }

  private readonly path = computed(() => {
    if (this.recording.steps === 0) return [];
    return this.reading.stacks.at(Math.min(this.position.value, this.recording.steps - 1));
  });

  /** The rows that are there: the same while no call begins or ends, and none is opened or closed. */
  private readonly listed = computed(() => {
    const path = new Set(this.steadyPath.value);
    const states = this.states.value;
    const isOpen = (frame: number) => states.get(frame) ?? path.has(frame);
    const isThere = (frame: number) => (this.recording.columns.frame_start[frame] ?? 0) < this.recording.steps;
    return { ...openRows(this.reading.calls, isOpen, isThere, MOST_ROWS), isOpen, path };
  });

  private knownPath: readonly number[] = [];

  private readonly steadyPath = computed(() => {
    const path = this.path.value;
    const isSame = path.length === this.knownPath.length && path.every((frame, place) => frame === this.knownPath[place]);
    return isSame ? this.knownPath : (this.knownPath = path);
  });

  readonly rows: ReadonlySignal<CallRows> = computed(() => {
    const { frames, levels, isOpen, path } = this.listed.value;
    const here = this.path.value.at(-1) ?? -1;
    this.arrivals.value; // values that came may tell more of the calls
    return {
      count: frames.length,
      here: frames.indexOf(here),
      slice: (from, count) => {
        const until = performance.now() + BUDGET;
        const shown = frames.slice(from, from + count);
        const rows = shown.map((frame, place) => this.callRow(frame, levels[from + place] ?? 0, isOpen(frame), path, here, until));
        return { from, rows };
      },
    };
  });

  /** What a call was made with and what came of it, where its values are at hand: for a list, none are read. */
  private callText(frame: number, until: number): { args: string; result: string } {
    const known = this.texts.get(frame);
    if (known) return known;
    const { frame_start: starts, frame_end: ends } = this.recording.columns;
    const [start, end] = [starts[frame] ?? 0, ends[frame] ?? -1];
    const isAtHand = this.recording.isLoaded(start) && (end < 0 || this.recording.isLoaded(end));
    if (!isAtHand || performance.now() > until || this.recording.code(frame)[0] === "module") return { args: "", result: "" };
    const text = { args: this.argsText(frame, start), result: end < 0 || end >= this.recording.steps ? "" : this.resultText(end) };
    this.texts.set(frame, text);
    return text;
  }

  private argsText(frame: number, start: number): string {
    const snapshot = this.recording.snapshot(start);
    const args = [...(snapshot?.frames.get(frame) ?? [])];
    return args.map(([name, value]) => `${visible(name)}=${show(value, snapshot?.heap ?? new Map(), BRIEF)}`).join(", ");
  }

  private resultText(end: number): string {
    const [value, snapshot] = [this.recording.value(end), this.recording.snapshot(end)];
    return value && snapshot ? show(value, snapshot.heap, BRIEF) : "";
  }

  private callRow(frame: number, level: number, isOpen: boolean, path: ReadonlySet<number>, here: number, until: number): CallRow {
    const { columns } = this.recording;
    const start = columns.frame_start[frame] ?? 0;
    const end = columns.frame_end[frame] ?? -1;
    const isBad = end >= 0 && end < this.recording.steps && this.recording.event(end) === "unwind";
    const range = end < 0 ? `from step ${grouped(start)}` : `steps ${grouped(start)} to ${grouped(end)}`;
    return {
      frame, level, start, isOpen, isBad,
      ...this.callText(frame, until),
      name: nameOf(this.recording.code(frame)[1], this.recording.head),
      where: range,
      hasCalls: this.reading.calls.children(frame).length > 0,
      isOnPath: path.has(frame),
      isHere: frame === here,
    };
  }

  /** Open a closed call, or close an open one. */
  toggle(row: CallRow): void {
    this.states.value = new Map(this.states.peek()).set(row.frame, !row.isOpen);
  }
}

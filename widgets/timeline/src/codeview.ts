/** What the code pane shows of a moment: which source and lines, where the run is in them, marks, notes, hit counts. */

import { computed, signal, type ReadonlySignal } from "@preact/signals";

import { brief } from "./counting";
import { over } from "./cursor";
import { whereabouts, type Chip, type Moment, type Place } from "./moment";
import type { Source } from "./packed";
import type { Reading } from "./reading";

/** A stretch of a line to be marked. */
export type LineMark = readonly [from: number, to: number, className: string];

/** The lines of a source that are shown, and how many are left out before and after. */
export interface LineRange {
  readonly first: number;
  readonly last: number;
  readonly above: number;
  readonly below: number;
}

const NO_MARKS: ReadonlyMap<number, readonly LineMark[]> = new Map();
const NO_CHIPS: ReadonlyMap<number, readonly Chip[]> = new Map();

/** Follows the position in the source texts. */
export class CodeView {
  /** The source that a person picked; -1 where it is that of the position. */
  readonly picked = signal(-1);
  readonly isWhole = signal(false);
  /** A stretch of code that is pointed at. */
  readonly pointed = signal<Place | null>(null);

  constructor(
    private readonly reading: Reading,
    private readonly position: ReadonlySignal<number>,
    private readonly moment: ReadonlySignal<Moment>,
  ) {}

  readonly shown: ReadonlySignal<number> = computed(() => {
    const picked = this.picked.value;
    const own = whereabouts(this.reading.recording, this.position.value).source;
    return picked >= 0 ? picked : Math.max(0, own);
  });

  private readonly ownLine = computed(() => {
    const { source, line } = whereabouts(this.reading.recording, this.position.value);
    return source === this.shown.value ? line : 0;
  });

  /** The line that is about to run, where its source is shown; else 0. */
  readonly hereLine: ReadonlySignal<number> = computed(() => (this.position.value < this.reading.recording.steps ? this.ownLine.value : 0));

  /** The line that this frame runs next; 0 where it runs none of this source. */
  readonly nextLine: ReadonlySignal<number> = computed(() => {
    const here = this.position.value;
    const next = over(this.reading.recording, here);
    if (here >= this.reading.recording.steps || next >= this.reading.recording.steps) return 0;
    const isHere = whereabouts(this.reading.recording, next).source === this.shown.value;
    return isHere ? this.reading.recording.line(next) : 0;
  });

  readonly isFailing: ReadonlySignal<boolean> = computed(() => {
    const { event } = whereabouts(this.reading.recording, this.position.value);
    return event === "raise" || event === "unwind";
  });

  readonly marks: ReadonlySignal<ReadonlyMap<number, readonly LineMark[]>> = computed(() => {
    const { failing } = this.moment.value;
    const pointed = this.pointed.value;
    const shown = this.shown.value;
    const marks = new Map<number, LineMark[]>();
    if (failing?.source === shown) addMarks(marks, failing, "m-fail");
    if (pointed?.source === shown) addMarks(marks, pointed, "m-point");
    return marks.size > 0 ? marks : NO_MARKS;
  });

  readonly chips: ReadonlySignal<ReadonlyMap<number, readonly Chip[]>> = computed(() =>
    this.moment.value.source === this.shown.value ? this.moment.value.chips : NO_CHIPS,
  );

  readonly range: ReadonlySignal<LineRange> = computed(() => rangeOf(this.reading.recording.head.sources[this.shown.value], this.isWhole.value));

  /** How many characters the longest hit count takes. */
  readonly hitWidth: ReadonlySignal<number> = computed(() => {
    const most = brief(this.reading.visits?.most ?? 0).length;
    return Math.max(3, 2 * most + 1);
  });

  /** Show a source until the next move. */
  show(source: number): void {
    this.picked.value = source;
  }

  /** "3/10": so often a line ran up to now, and in all; "" where it never ran. */
  hitText(source: number, line: number): string {
    const [soFar, inAll] = this.reading.visits?.count(source, line, this.position.value) ?? [0, 0];
    return inAll === 0 ? "" : `${brief(soFar)}/${brief(inAll)}`;
  }
}

/** So few lines that did not run are shown with those that did. */
const FEW = 3;

/** The lines of a source that are shown: those that are worth it, or all of them. */
export function rangeOf(source: Source | undefined, isWhole: boolean): LineRange {
  const count = source ? source.text.split("\n").length : 0;
  if (!source || isWhole || source.last < source.first) return { first: 1, last: count, above: 0, below: 0 };
  const first = source.first - 1 <= FEW ? 1 : source.first;
  const last = count - source.last <= FEW ? count : source.last;
  return { first, last, above: first - 1, below: count - last };
}

function addMarks(marks: Map<number, LineMark[]>, place: Place, className: string): void {
  for (let line = place.line; line <= Math.min(place.endLine, place.line + 200); line++) {
    const from = line === place.line ? place.column : 0;
    const to = line === place.endLine ? place.endColumn : Infinity;
    marks.set(line, [...(marks.get(line) ?? []), [from, to, className]]);
  }
}

/**
 * Which steps ran which line: for hit counts, and for going to the next or the previous visit of a line.
 *
 * The index is made in one pass over the columns, by counting: per line of each source a stretch of one array of steps.
 */

import type { Columns } from "./packed";

/** Steps that are worked through at a stretch. */
const STRETCH = 1 << 15;

/** The steps of all lines, grouped by source and line. */
export class Visits {
  private constructor(
    private readonly firstRow: readonly number[],
    private readonly starts: Uint32Array,
    private readonly steps: Uint32Array,
  ) {}

  /**
   * Count the visits, a stretch at a time: a generator, so that who asks may pause in between. `lengths` has how many
   * lines each source has, `sources` the source of each frame; `counted` is the event that is a visit, `count` how many
   * steps are looked at.
   */
  static *counting(lengths: readonly number[], sources: Int32Array, counted: number, columns: Columns, count: number): Generator<void, Visits> {
    const { event, frame, line } = columns;
    const firstRow: number[] = [];
    let rows = 0;
    for (const length of lengths) {
      firstRow.push(rows);
      rows += length + 1;
    }
    const firsts = Int32Array.from(sources, (source) => firstRow[source] ?? -1);
    const lasts = Int32Array.from(sources, (source) => lengths[source] ?? -1); // a text that could not be had has no lines
    const rowOf = (step: number): number => {
      const own = frame[step] ?? 0;
      const at = line[step] ?? 0;
      return event[step] === counted && at <= (lasts[own] ?? -1) ? (firsts[own] ?? rows) + at : rows;
    };
    const starts = new Uint32Array(rows + 2);
    for (let step = 0; step < count; step++) {
      const after = rowOf(step) + 1;
      starts[after] = (starts[after] ?? 0) + 1;
      if (step % STRETCH === 0) yield;
    }
    for (let row = 0; row <= rows; row++) starts[row + 1] = (starts[row + 1] ?? 0) + (starts[row] ?? 0);
    const next = starts.slice();
    const steps = new Uint32Array(count);
    for (let step = 0; step < count; step++) {
      const row = rowOf(step);
      const place = next[row] ?? 0;
      steps[place] = step;
      next[row] = place + 1;
      if (step % STRETCH === 0) yield;
    }
    return new Visits(firstRow, starts, steps);
  }

  /** The steps that ran a line, in order. */
  of(source: number, line: number): Uint32Array {
    const first = this.firstRow[source];
    const row = (first ?? 0) + line;
    if (first === undefined || row >= (this.firstRow[source + 1] ?? this.starts.length - 2)) return this.steps.subarray(0, 0);
    return this.steps.subarray(this.starts[row] ?? 0, this.starts[row + 1] ?? 0);
  }

  /** How often the line ran that ran most. */
  get most(): number {
    let most = 0;
    for (let row = 0; row + 2 < this.starts.length; row++) most = Math.max(most, (this.starts[row + 1] ?? 0) - (this.starts[row] ?? 0));
    return most;
  }

  /** How often a line ran before `position`, and how often in all. */
  count(source: number, line: number, position: number): [soFar: number, inAll: number] {
    const steps = this.of(source, line);
    return [firstAtLeast(steps, position), steps.length];
  }

  /** The next step after `position` that runs the line, or the last one before it; -1 where there is none. */
  near(source: number, line: number, position: number, forward: boolean): number {
    const steps = this.of(source, line);
    const place = forward ? firstAtLeast(steps, position + 1) : firstAtLeast(steps, position) - 1;
    return steps[place] ?? -1;
  }
}

/** The place of the first of these ascending numbers that is at least `wanted`; their count where none is. */
export function firstAtLeast(numbers: ArrayLike<number>, wanted: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

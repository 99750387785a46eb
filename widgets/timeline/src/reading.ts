/**
 * A recording with the indexes that its views share.
 *
 * Those that take a look at every step are made in short stretches, so that the page stays alive: what asks for one
 * before it is there gets nothing, and is told when it comes (`version`). Of a short run they are made at once.
 */

import { signal } from "@preact/signals";

import { CallTree } from "./calls";
import { pacer } from "./changes";
import { outBack } from "./cursor";
import { EVENTS } from "./model";
import { Passes, type LoopPass } from "./passes";
import type { Recording } from "./recording";
import { Stacks } from "./stack";
import { Visits } from "./visits";

const LINE = EVENTS.indexOf("line");
const RAISE = EVENTS.indexOf("raise");
/** Steps that may be looked at while a step is painted. */
const SHORT = 20_000;
/** Between two stacks that are found in advance. */
const STRIDE = 1 << 16;

/** One recording and its indexes. */
export class Reading {
  readonly stacks: Stacks;
  /** Counts the indexes that came. */
  readonly version = signal(0);
  private readonly passes: Passes;
  private readonly ended = new AbortController();
  private readonly coming = new Set<number>();
  private readonly callers = new Map<number, number>();
  private madeVisits: Visits | undefined;
  private madeCalls: CallTree | undefined;

  constructor(readonly recording: Recording) {
    this.stacks = new Stacks(recording);
    this.passes = new Passes(recording);
    if (recording.steps <= SHORT) this.madeVisits = drained(countingVisits(recording));
    else void this.prepare();
  }

  /** Stop the work that goes on. */
  dispose(): void {
    this.ended.abort();
  }

  private async prepare(): Promise<void> {
    this.madeVisits = await this.slowly(countingVisits(this.recording));
    if (!this.madeVisits) return;
    this.version.value++;
    await this.slowly(this.walkingStacks());
  }

  private *walkingStacks(): Generator<void, void> {
    for (let step = STRIDE; step < this.recording.steps; step += STRIDE) {
      this.stacks.at(step);
      yield;
    }
  }

  /** Drain a generator with pauses; undefined where all ended before it did. */
  private async slowly<T>(work: Generator<void, T>): Promise<T | undefined> {
    const pause = pacer(this.ended.signal);
    try {
      for (;;) {
        const turn = work.next();
        if (turn.done) return turn.value;
        await pause();
      }
    } catch (error) {
      if (this.ended.signal.aborted) return undefined;
      throw error;
    }
  }

  /** Which steps ran which line; undefined while they are counted. */
  get visits(): Visits | undefined {
    return this.version.value >= 0 ? this.madeVisits : undefined;
  }

  /** The loops around a position, outermost first; undefined while their passes are counted. */
  passesAt(position: number): LoopPass[] | undefined {
    if (position >= this.recording.steps) return [];
    const frame = this.recording.frame(position);
    const { frame_start: starts, frame_end: ends } = this.recording.columns;
    const end = (ends[frame] ?? -1) < 0 ? this.recording.steps : (ends[frame] ?? 0);
    if (this.version.value >= 0 && (end - (starts[frame] ?? 0) <= SHORT || this.passes.isCounted(frame))) return this.passes.at(position);
    if (!this.coming.has(frame)) {
      this.coming.add(frame);
      void this.slowly(this.passes.counting(frame)).then(() => {
        this.coming.delete(frame);
        this.version.value++;
      });
    }
    return undefined;
  }

  /** Who called whom. */
  get calls(): CallTree {
    this.madeCalls ??= new CallTree(this.recording);
    return this.madeCalls;
  }

  /** The line that called a frame; 0 where nobody recorded did. */
  callingLine(frame: number): number {
    let line = this.callers.get(frame);
    if (line === undefined) {
      const start = this.recording.columns.frame_start[frame] ?? 0;
      const call = outBack(this.recording, start);
      line = this.recording.depth(call) < this.recording.depth(start) ? this.recording.line(call) : 0;
      this.callers.set(frame, line);
    }
    return line;
  }

  /** The positions at which an exception passes. */
  failures(): number[] {
    const { event } = this.recording.columns;
    const failures: number[] = [];
    for (let step = event.indexOf(RAISE); step >= 0 && step < this.recording.steps; step = event.indexOf(RAISE, step + 1)) failures.push(step);
    return failures;
  }
}

function countingVisits({ columns, head, steps }: Recording): Generator<void, Visits> {
  const sources = Int32Array.from(columns.frame_code, (code) => head.codes[code]?.[2] ?? -1);
  return Visits.counting(head.sources.map((source) => source.text.split("\n").length), sources, LINE, columns, steps);
}

function drained<T>(work: Generator<void, T>): T {
  for (;;) {
    const turn = work.next();
    if (turn.done) return turn.value;
  }
}

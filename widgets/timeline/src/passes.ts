/**
 * Which pass of which run of a loop a position is in: twin of `cotrace/model/passes.py`, which has the rules.
 *
 * Passes are told from the lines of one frame in their order. A frame's are counted when one of its steps is first
 * asked for, and kept for the frames that were asked for last.
 */

import { EVENTS } from "./model";
import type { Loop } from "./packed";
import type { Recording } from "./recording";
import { firstFrom } from "./replay";

/** One run of a loop in one frame, from its header's first look to its end. */
export interface LoopRun {
  readonly loop: Loop;
  /** The loop's place among those of its source. */
  readonly number: number;
  readonly begin: number;
  readonly outer: LoopRun | null;
  /** The last step of the frame that belongs to it. */
  end: number;
  /** The step at which each pass begins. */
  readonly starts: number[];
}

/** A run of a loop, and the pass of it that a position is in: from 1, or 0 where the run has none. */
export interface LoopPass {
  readonly run: LoopRun;
  readonly current: number;
}

const LINE = EVENTS.indexOf("line");
const INNER = new Set(["<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>", "<lambda>"]);
const KEPT = 32;
/** Steps that are worked through at a stretch. */
const STRETCH = 1 << 14;

/** The loop passes of one recording. */
export class Passes {
  readonly #runs = new Map<number, LoopRun[]>();

  constructor(private readonly recording: Recording) {}

  /** The loops around a position in its own frame, outermost first. */
  at(position: number): LoopPass[] {
    if (position >= this.recording.steps) return [];
    const runs = this.ofFrame(this.recording.frame(position));
    const place = begunBy(runs, position);
    const found: LoopPass[] = [];
    for (let run = runs[place - 1] ?? null; run; run = run.outer)
      if (position <= run.end) found.push({ run, current: firstFrom(run.starts, position + 1) });
    return found.reverse();
  }

  /** The runs of loops in one frame, in the order in which they began. */
  ofFrame(frame: number): LoopRun[] {
    const known = this.#runs.get(frame);
    if (known) return known;
    const counting = this.counting(frame);
    for (let turn = counting.next(); ; turn = counting.next()) if (turn.done) return turn.value;
  }

  /** Whether a frame's passes are counted. */
  isCounted(frame: number): boolean {
    return this.#runs.has(frame);
  }

  /** Count a frame's passes, a stretch at a time: a frame of a million steps takes longer than a page may stand still. */
  *counting(frame: number): Generator<void, LoopRun[]> {
    const runs = yield* runsOf(this.recording, frame);
    this.#runs.set(frame, runs);
    for (const oldest of this.#runs.keys()) {
      if (this.#runs.size <= KEPT) break;
      this.#runs.delete(oldest);
    }
    return runs;
  }
}

/** How many of these runs, which stand in the order of their beginning, had begun at a step. */
function begunBy(runs: readonly LoopRun[], step: number): number {
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((runs[middle]?.begin ?? 0) <= step) low = middle + 1;
    else high = middle;
  }
  return low;
}

function* runsOf(recording: Recording, frame: number): Generator<void, LoopRun[]> {
  const name = recording.code(frame)[1];
  const loops = recording.source(frame)?.loops ?? [];
  if (!loops.length || INNER.has(name.slice(name.lastIndexOf(".") + 1))) return [];
  const walk = new Walk(loops);
  const { frame: frames, event, line } = recording.columns;
  const first = Math.max(recording.columns.frame_start[frame] ?? 0, 0);
  const end = recording.columns.frame_end[frame] ?? -1;
  const last = end < 0 ? recording.steps - 1 : Math.min(end, recording.steps - 1);
  for (let step = first; step <= last; step++) {
    if (step % STRETCH === 0) yield;
    if (frames[step] !== frame) continue;
    if (event[step] === LINE) walk.line(step, line[step] ?? 0);
    walk.last = step;
  }
  walk.close(walk.open);
  return walk.runs;
}

function isJoined([, , headerEnd, body]: Loop): boolean {
  return body <= headerEnd;
}

/** Follows one frame's lines. */
class Walk {
  readonly runs: LoopRun[] = [];
  open: LoopRun[] = [];
  /** The step of the frame before the one at hand. */
  last = -1;
  readonly #headers = new Map<number, [number: number, loop: Loop][]>();
  /** For each open run, the look that was not yet followed by a pass. */
  readonly #looks = new Map<LoopRun, number>();

  constructor(loops: readonly Loop[]) {
    for (const [number, loop] of loops.entries())
      for (let line = loop[1]; line <= loop[2]; line++) {
        const here = this.#headers.get(line);
        if (here) here.push([number, loop]);
        else this.#headers.set(line, [[number, loop]]);
      }
  }

  line(step: number, line: number): void {
    if (this.#isPlain(line)) return;
    for (const [place, run] of this.open.entries()) {
      if (line < run.loop[1] || line > run.loop[4]) {
        this.close(this.open.slice(place));
        break;
      }
      if (this.#atHeader(run, step, line)) {
        this.close(this.open.slice(place + 1));
        break;
      }
      const look = this.#looks.get(run);
      if (!isJoined(run.loop) && look !== undefined) {
        run.starts.push(look);
        this.#looks.delete(run);
      }
    }
    for (const [number, loop] of this.#headers.get(line) ?? [])
      if (!this.open.some((run) => run.number === number)) this.#begin(number, loop, step);
  }

  /** Whether a line changes nothing: it lies in the body of the innermost loop, where a pass has begun. Most lines do. */
  #isPlain(line: number): boolean {
    const inner = this.open.at(-1);
    if (!inner || this.#looks.size > 0 || this.#headers.has(line)) return false;
    return line > inner.loop[1] && line <= inner.loop[4];
  }

  #begin(number: number, loop: Loop, step: number): void {
    const run: LoopRun = { loop, number, begin: step, outer: this.open.at(-1) ?? null, end: -1, starts: [] };
    this.open.push(run);
    this.runs.push(run);
    this.#looks.set(run, step);
    if (isJoined(loop) && loop[0] === "while") run.starts.push(step);
  }

  /** Take in a line of an open run if it is one of its header; tell whether it is. */
  #atHeader(run: LoopRun, step: number, line: number): boolean {
    const [kind, header, headerEnd] = run.loop;
    if (isJoined(run.loop)) {
      if (line !== header) return false;
      run.starts.push(kind === "while" ? step : (this.#looks.get(run) ?? step));
      this.#looks.set(run, step);
      return true;
    }
    if (line > headerEnd) return false;
    if (!this.#looks.has(run)) this.#looks.set(run, step);
    return true;
  }

  /** End these runs, which are the innermost open ones, before the step at hand. */
  close(ended: readonly LoopRun[]): void {
    for (const run of ended) {
      run.end = this.last;
      this.#looks.delete(run);
    }
    this.open = this.open.filter((run) => !ended.includes(run));
  }
}

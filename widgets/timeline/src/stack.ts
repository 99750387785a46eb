/**
 * The frames that lie on the stack at a position: twin of `Replay._stacks` in `cotrace/model/replay.py`.
 *
 * A generator lies on whoever resumed it, so a stack is not the chain of parents. It is found by walking from a step
 * where the stack is known, and one is remembered every few thousand steps.
 */

import { EVENTS } from "./model";
import type { Recording } from "./recording";

interface Link {
  readonly frame: number;
  readonly below: Link | null;
  readonly height: number;
}

interface Place {
  readonly running: ReadonlyMap<number, Link | null>;
  readonly threads: ReadonlyMap<number, number>;
  readonly thread: number;
}

const STRIDE = 4_096;
const LINE = EVENTS.indexOf("line");
const RESUME = EVENTS.indexOf("resume");
const ENDS = new Set(["return", "unwind", "yield"].map((event) => EVENTS.indexOf(event as (typeof EVENTS)[number])));

/** Answers which frames are on the stack. */
export class Stacks {
  readonly #places: Place[] = [{ running: new Map(), threads: new Map(), thread: 0 }];

  constructor(private readonly recording: Recording) {}

  /** The frames of the running thread, outermost first; the last one runs. None at the end. */
  at(position: number): number[] {
    if (position >= this.recording.steps) return [];
    const block = Math.floor(position / STRIDE);
    while (this.#places.length <= block) this.#walk(this.#places.length - 1, this.#places.length * STRIDE);
    return framesOf(this.#walk(block, position + 1));
  }

  /** Walk from a remembered place up to before `stop`, and return the stack of the last step. */
  #walk(block: number, stop: number): Link | null {
    const place = this.#places[block] ?? { running: new Map(), threads: new Map(), thread: 0 };
    const running = new Map(place.running);
    const moved = new Map(place.threads);
    const { event, frame, depth, frame_thread } = this.recording.columns;
    let thread = place.thread;
    let top: Link | null = null;
    let runs = false;
    for (let step = block * STRIDE; step < stop; step++) {
      const here = frame[step] ?? 0;
      if (runs && frame[step - 1] === here && event[step] === LINE) continue; // most steps: the frame on top goes on
      const resumed = event[step] === RESUME;
      if (!resumed || (running.get(thread)?.height ?? 0) !== depth[step]) thread = moved.get(here) ?? frame_thread[here] ?? 0;
      if (thread === (frame_thread[here] ?? 0)) moved.delete(here);
      else moved.set(here, thread); // a generator may go on in another thread: that of the step before
      top = running.get(thread) ?? null;
      if (top?.frame !== here) {
        if (resumed) top = this.#withDelegating(here, depth[step] ?? 0, top);
        top = { frame: here, below: top, height: (top?.height ?? 0) + 1 };
      }
      runs = !ENDS.has(event[step] ?? 0);
      running.set(thread, runs ? top : top.below);
    }
    if (stop === this.#places.length * STRIDE) this.#places.push({ running, threads: moved, thread });
    return top;
  }

  /** Put those on the stack that run again, without a step, since they delegate to a generator that goes on. */
  #withDelegating(frame: number, depth: number, stack: Link | null): Link | null {
    const chain: number[] = [];
    const missing = depth - (stack?.height ?? 0);
    for (let parent = this.recording.parent(frame); parent >= 0 && chain.length < missing; parent = this.recording.parent(parent))
      chain.push(parent);
    return chain.reverse().reduce<Link | null>((below, one) => ({ frame: one, below, height: (below?.height ?? 0) + 1 }), stack);
  }
}

function framesOf(link: Link | null): number[] {
  const frames: number[] = [];
  for (let here = link; here; here = here.below) frames.push(here.frame);
  return frames.reverse();
}

/** The calls of a run as a tree: which frame was called from which, read from the columns a level at a time. */

import type { Recording } from "./recording";

/** Answers which frames a frame called. */
export class CallTree {
  readonly #recording: Recording;
  /** Frames ordered by their parent: those of parent p stand from `#starts[p + 1]` on. */
  readonly #starts: Uint32Array;
  readonly #children: Uint32Array;

  constructor(recording: Recording) {
    this.#recording = recording;
    const { frame_parent: parents } = recording.columns;
    const isCall = (frame: number) => recording.code(frame)[0] !== "globals";
    this.#starts = new Uint32Array(parents.length + 2);
    let calls = 0;
    for (let frame = 0; frame < parents.length; frame++) {
      if (!isCall(frame)) continue;
      this.#starts[(parents[frame] ?? -1) + 2] = (this.#starts[(parents[frame] ?? -1) + 2] ?? 0) + 1;
      calls++;
    }
    for (let row = 1; row < this.#starts.length; row++) this.#starts[row] = (this.#starts[row] ?? 0) + (this.#starts[row - 1] ?? 0);
    this.#children = new Uint32Array(calls);
    const next = this.#starts.slice();
    for (let frame = 0; frame < parents.length; frame++) {
      if (!isCall(frame)) continue;
      const row = (parents[frame] ?? -1) + 1;
      this.#children[next[row] ?? 0] = frame;
      next[row] = (next[row] ?? 0) + 1;
    }
  }

  /** The frames that `frame` called, in order; those that nobody recorded called, for -1. */
  children(frame: number): Uint32Array {
    return this.#children.subarray(this.#starts[frame + 1] ?? 0, this.#starts[frame + 2] ?? 0);
  }

  /** The frames that lead to `frame`, outermost first, itself last. */
  path(frame: number): number[] {
    const path: number[] = [];
    for (let here = frame; here >= 0 && !path.includes(here); here = this.#recording.parent(here)) path.push(here);
    return path.reverse();
  }
}

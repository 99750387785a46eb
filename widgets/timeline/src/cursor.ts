/**
 * The moves through a recording, from one position to another: twin of `cotrace/model/moves.py`.
 *
 * Each is a plain look along the columns. A position is 0 to n; at n all is over. No move leaves 0 to n.
 */

import type { Recording } from "./recording";

type Steps = Pick<Recording, "columns" | "steps">;

/** Where the frame at `position` goes on, or its caller where it ends: calls run through; else the end. */
export function over(recording: Steps, position: number): number {
  return ahead(recording, position, true);
}

/** Where the caller of the frame at `position` goes on, or the end. */
export function out(recording: Steps, position: number): number {
  return ahead(recording, position, false);
}

/** Where the frame at `position` was before, or its caller where it begins; else 0. From the end, the last step. */
export function back(recording: Steps, position: number): number {
  return behind(recording, position, true);
}

/** The step that called the frame at `position`; 0 where none did. */
export function outBack(recording: Steps, position: number): number {
  return behind(recording, position, false);
}

/** The next position, into a call where one begins. */
export function next(recording: Steps, position: number): number {
  return Math.min(position + 1, recording.steps);
}

/** The position before. */
export function previous(_recording: Steps, position: number): number {
  return Math.max(position - 1, 0);
}

function ahead(recording: Steps, position: number, sameFrame: boolean): number {
  const last = recording.steps;
  if (position >= last) return last;
  return firstMet(recording, position, 1, sameFrame) ?? last;
}

function behind(recording: Steps, position: number, sameFrame: boolean): number {
  if (position >= recording.steps) return Math.max(recording.steps - 1, 0);
  return firstMet(recording, position, -1, sameFrame) ?? 0;
}

/**
 * The first step in a direction that is of the thread of `here` and lies less deep, or is of its frame where that counts.
 * Outermost frames come one after the other, as the statements of a cell do: of another one is as good as less deep.
 */
function firstMet({ columns, steps }: Steps, here: number, direction: 1 | -1, sameFrame: boolean): number | undefined {
  const { frame: frames, depth: depths, frame_thread: threads } = columns;
  const own = frames[here] ?? 0;
  const depth = depths[here] ?? 0;
  const thread = threads[own];
  for (let step = here + direction; step >= 0 && step < steps; step += direction) {
    const deep = depths[step] ?? 0;
    if (deep > depth) continue;
    const frame = frames[step] ?? 0;
    const isMet = deep < depth || (frame === own ? sameFrame : deep === 0);
    if (isMet && threads[frame] === thread) return step;
  }
  return undefined;
}

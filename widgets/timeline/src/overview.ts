/**
 * The whole run as a strip of pixels: how deep the calls went in each column, and which columns hold a mark.
 *
 * A strip is a thousand columns wide, whether the run has forty steps or a million. So the depth is boiled down once per
 * width, and painting a step costs the same for every run.
 */

/** A row of numbers that can be read by index: a typed array, or part of one. */
export type Numbers = ArrayLike<number>;

/** The greatest depth of the steps in each of `width` columns; of few steps, the depth of the one that a column shows. */
export function depthProfile(depth: Numbers, steps: number, width: number): Uint32Array {
  const profile = new Uint32Array(Math.max(0, width));
  for (let column = 0; column < width; column++) {
    const first = Math.floor((column * steps) / width);
    const stop = Math.max(first + 1, Math.floor(((column + 1) * steps) / width));
    let most = 0;
    for (let step = first; step < stop && step < steps; step++) most = Math.max(most, depth[step] ?? 0);
    profile[column] = most;
  }
  return profile;
}

/** The greatest number of a row; 0 of an empty one. */
export function greatest(numbers: Numbers): number {
  let most = 0;
  for (let place = 0; place < numbers.length; place++) most = Math.max(most, numbers[place] ?? 0);
  return most;
}

/** Where a position is on a strip: 0 is the left edge and the end of the run the right one. */
export function columnOf(position: number, steps: number, width: number): number {
  return steps <= 0 ? 0 : (Math.min(Math.max(position, 0), steps) / steps) * width;
}

/** The position under a place on the strip. A step reaches from its own edge to the next; the last pixel is the end. */
export function positionAt(x: number, steps: number, width: number): number {
  if (width <= 0 || x <= 0) return 0;
  return x >= width - 1 ? steps : Math.min(steps, Math.floor((x / width) * steps));
}

/** The columns that hold one of these positions, each once, in order. */
export function markedColumns(positions: Numbers, steps: number, width: number): number[] {
  const marked: number[] = [];
  let last = -1;
  for (let place = 0; place < positions.length; place++) {
    const column = Math.min(width - 1, Math.floor(columnOf(positions[place] ?? 0, steps, width)));
    if (column !== last) marked.push(column);
    last = column;
  }
  return marked;
}

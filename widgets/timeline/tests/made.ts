/** Recordings made of plain numbers and deltas, for what no program of a few lines shows. */

import { deflateSync } from "node:zlib";

import type { Host } from "../src/host";
import { EVENTS, type EventKind } from "../src/model";
import type { Head, RawDelta, RawValue } from "../src/packed";
import { Recording } from "../src/recording";

/** A step: what happened, in which frame. */
export interface MadeStep {
  event: EventKind;
  frame: number;
  depth: number;
  deltas: RawDelta[];
}

/** How a made recording is cut: steps a chunk, and every which chunk makes its state out of nothing by `keyOf`. */
export interface Cut {
  size: number;
  keyed: number;
  keyOf: (step: number) => RawDelta[];
}

/** Chance that is the same at every run. */
export function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

/** Return a recording of these steps; `threads` has the thread of each frame. `asked` is told of chunks handed over. */
export function made(steps: readonly MadeStep[], threads: readonly number[], cut: Cut, asked?: (k: number) => void): Promise<Recording> {
  const ofSteps = ["line", "event", "frame", "depth"].map((name) => [name, "i32", steps.length] as [string, "i32", number]);
  const ofFrames = ["frame_code", "frame_parent", "frame_globals", "frame_start", "frame_end", "frame_thread"].map(
    (name) => [name, "i32", threads.length] as [string, "i32", number],
  );
  const numbers = [
    ...steps.map((_, step) => step + 1),
    ...steps.map(({ event }) => EVENTS.indexOf(event)),
    ...steps.map(({ frame }) => frame),
    ...steps.map(({ depth }) => depth),
    ...[0, -1, 0, 0, -1].flatMap((number) => threads.map(() => number)),
    ...threads,
  ];
  const head: Head = {
    format: 1, call: "made", ending: "ended", steps: steps.length, kept: steps.length, cut: "", chunk: cut.size,
    python: "", engine: "", warnings: [], outcome: { kind: "returned", exception: "", message: "" },
    sources: [], codes: [["function", "made", -1, 1]], outputs: [], columns: [...ofSteps, ...ofFrames],
  };
  const host: Host = {
    head,
    initialStep: 0,
    columns: () => Promise.resolve(new Uint8Array(deflateSync(Int32Array.from(numbers)))),
    has: () => true,
    onFuller: () => () => {},
    chunk(k) {
      asked?.(k);
      return Promise.resolve(chunkOf(steps, k, cut));
    },
    onStep: () => () => {},
    stepChanged: () => {},
  };
  return Recording.open(host);
}

function chunkOf(steps: readonly MadeStep[], k: number, { size, keyed, keyOf }: Cut): Uint8Array<ArrayBuffer> {
  const first = k * size;
  const follows = k % keyed > 0;
  const chunk = {
    follows,
    key: follows || k === 0 ? [] : keyOf(first),
    steps: steps.slice(first, first + size).map(({ deltas }) => (deltas.length ? deltas : 0)),
    values: [] as [number, RawValue][],
    entries: [],
    atoms: [],
  };
  return new Uint8Array(deflateSync(JSON.stringify(chunk)));
}

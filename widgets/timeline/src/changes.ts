/**
 * When a variable changed, and which values it had: twin of `cotrace/model/changes.py`.
 *
 * A variable changes when it gets a value, and when anything that it can reach changes, through whichever alias. To know
 * what it reaches all changes up to there are folded once, chunk by chunk, a little at a time: the page stays alive, and
 * who asked is told how far it came and may call it off.
 */

import type { HeapObject, Value } from "./model";
import type { RawDelta, RawValue } from "./packed";
import type { Recording } from "./recording";
import { reachable, State, type Values } from "./replay";

/** Milliseconds that are worked at a stretch. */
const TURN = 8;

export interface Progress {
  /** Called with the part that is done, 0 to 1. */
  readonly onProgress?: (done: number) => void;
  readonly signal?: AbortSignal;
}

/** One value that a variable had, from the step whose line gave it. */
export interface Past {
  readonly step: number;
  readonly value: Value;
}

export interface VariableHistory {
  /** The steps that changed the variable, or something that it reaches, each once, in order. */
  readonly steps: number[];
  /** The values that were bound to it. */
  readonly values: Past[];
}

/** Find all changes of a variable of a frame. Rejects with an AbortError where `signal` called it off. */
export async function historyOf(recording: Recording, frame: number, name: string, progress: Progress = {}): Promise<VariableHistory> {
  const watch = new Watch(frame, name);
  const end = recording.columns.frame_end[frame] ?? -1;
  const last = end < 0 ? recording.steps : Math.min(end, recording.steps);
  const pause = pacer(progress.signal);
  for (let k = 0; k < recording.chunks && k * recording.head.chunk <= last; k++) {
    const { first, chunk, values } = await recording.chunk(k);
    for (const [place, deltas] of chunk.steps.entries()) {
      if (first + place > last) break;
      if (deltas) watch.take(first + place, deltas, values);
      if (place % 64 === 0) await pause();
    }
    if (chunk.final && end < 0) watch.take(recording.steps, chunk.final, values);
    progress.onProgress?.((k + 1) / recording.chunks);
  }
  return { steps: [...watch.steps].sort((one, other) => one - other), values: watch.past };
}

/** Return what waits for the page whenever a stretch of work took long enough, and ends the work if it was called off. */
export function pacer(signal?: AbortSignal): () => Promise<void> {
  let began = performance.now();
  return async () => {
    signal?.throwIfAborted();
    if (performance.now() - began < TURN) return;
    await new Promise((resolve) => setTimeout(resolve));
    began = performance.now();
    signal?.throwIfAborted();
  };
}

/**
 * Follows one variable through the fold of all deltas. What it reaches is looked for only where somebody asks, and whole
 * only where a reference may be gone: a list of a thousand nodes that grows by one is not walked anew.
 */
class Watch {
  readonly steps = new Set<number>();
  readonly past: Past[] = [];
  readonly #state = new State();
  /** What the variable reached when it was last looked for, without what `#added` leads to. */
  #reached: Map<number, HeapObject> = new Map();
  #added: Value[] = [];
  #isStale = false;
  /** The objects that hold a reference, or did once. */
  readonly #referring = new Set<number>();
  /** The objects that another one, or the variable, refers to, or did once. */
  readonly #referred = new Set<number>();

  constructor(
    private readonly frame: number,
    private readonly name: string,
  ) {}

  /** Take in the deltas that were seen at a step. What they are about is told by the state before them. */
  take(seen: number, deltas: readonly RawDelta[], values: Values): void {
    const about: RawDelta[] = [];
    for (const delta of deltas) {
      if (this.#isAbout(delta)) about.push(delta);
      this.#noteReferences(delta);
    }
    for (const delta of about) {
      const cause = delta[1] === null ? seen : seen - delta[1];
      this.steps.add(cause);
      if (delta[0] === "bind") this.past.push({ step: cause, value: values.read(delta[4]) });
    }
    const [only] = about;
    const added = about.length === 1 && only ? this.#addedBy(only, values) : undefined;
    if (added) this.#added.push(...added);
    else this.#isStale ||= about.some((delta) => isOfVariable(delta) || this.#referring.has(objectOf(delta)));
    this.#state.fold(deltas, values);
  }

  #isAbout(delta: RawDelta): boolean {
    if (delta[0] === "bind" || delta[0] === "unbind") return delta[2] === this.frame && nameOf(delta[3]) === this.name;
    return delta[0] !== "appear" && this.#reaches(objectOf(delta)); // whatever refers to a new one changed
  }

  #noteReferences(delta: RawDelta): void {
    if (delta[0] === "bind") {
      if (this.#isAbout(delta) && isReference(delta[4])) this.#referred.add(delta[4][0]);
      return;
    }
    for (const raw of heldBy(delta)) {
      if (!isReference(raw)) continue;
      this.#referred.add(raw[0]);
      this.#referring.add(objectOf(delta));
    }
  }

  /** The values that a change adds, if it takes none away; undefined where it may. */
  #addedBy(delta: RawDelta, values: Values): Value[] | undefined {
    const old = isOfVariable(delta) ? undefined : this.#state.get(objectOf(delta));
    if (!old) return undefined;
    if (delta[0] === "splice" && delta[4] === 0) return delta[5].filter(isReference).map((raw) => values.read(raw));
    if (delta[0] !== "set_attribute") return undefined;
    const before = old.attributes.find(([name]) => name === nameOf(delta[3]))?.[1];
    return before?.kind === "ref" ? undefined : [values.read(delta[4])];
  }

  /** Whether the variable reaches an object. */
  #reaches(id: number): boolean {
    const value = this.#state.peek(this.frame, this.name);
    if (value?.kind !== "ref" || !this.#referred.has(id)) return false;
    if (value.id === id) return true;
    if (this.#isStale) this.#reached = reachable(this.#state, [value]);
    else if (this.#added.length) reachable(this.#state, this.#added, this.#reached);
    this.#isStale = false;
    this.#added = [];
    return this.#reached.has(id);
  }
}

function isOfVariable(delta: RawDelta): boolean {
  return delta[0] === "bind" || delta[0] === "unbind";
}

function nameOf(raw: string | string[]): string {
  return typeof raw === "string" ? raw : raw.join("");
}

function objectOf(delta: RawDelta): number {
  switch (delta[0]) {
    case "bind":
    case "unbind":
      return -1;
    case "appear":
    case "become":
      return delta[2][0];
    default:
      return delta[2];
  }
}

/** The values that a delta puts into an object. */
function heldBy(delta: RawDelta): readonly RawValue[] {
  switch (delta[0]) {
    case "appear":
    case "become": {
      const { elements = [], entries = [], attributes = [] } = delta[2][3];
      return [...elements, ...entries.flat(), ...attributes.map(([, value]) => value)];
    }
    case "splice":
      return delta[5];
    case "set_element":
    case "set_attribute":
      return [delta[4]];
    case "set_entry":
      return [delta[3], delta[4]];
    default:
      return [];
  }
}

function isReference(raw: RawValue): raw is [number] {
  return Array.isArray(raw) && raw.length === 1;
}

/**
 * A recording as the timeline reads it: columns of all steps at once, values chunk by chunk.
 *
 * Columns answer at once for any of a million steps. Values are read from chunks, which a host hands over deflated;
 * the few that were looked at last are kept unpacked. So whatever needs values comes in two forms: one that answers at
 * once or says undefined, and `load`, to wait for before asking again.
 */

import type { Host } from "./host";
import { EVENTS, type EventKind, type HeapObject, type Value } from "./model";
import {
  readChunk,
  readColumns,
  type Chunk,
  type Code,
  type Columns,
  type Head,
  type RawDelta,
  type RawEntry,
  type Source,
  type Span,
} from "./packed";
import { State, Values, type Snapshot } from "./replay";

/** Steps between the states that are kept of an unpacked chunk: so many are folded at most for a step. */
const STRIDE = 128;

/** Places of long lists and dicts that the states kept of one chunk may copy; then fewer states are kept. */
const COPIED = 100_000;

/** Unpacked chunks that are kept: as many as were read from so much text, and a few in any case. */
const KEPT_TEXT = 2_000_000;
const FEWEST = 3;

/** Chunks of which the state at their end is kept, for those that go on from there. They go on from one another too. */
const ENDS = 16;

/** States that were handed out last: a look at one position asks for those around it too. */
const RECENT = 6;

/** A ledger entry: the value that a sub-expression had when it was evaluated. */
export interface Entry {
  readonly step: number;
  /** How many steps had been recorded when it was evaluated. */
  readonly at: number;
  readonly source: number;
  readonly span: Span | undefined;
  readonly value: Value;
  /** The objects that it reached, where they differ from what the steps tell. */
  readonly objects: readonly HeapObject[];
}

/** One chunk, unpacked: its rows, and states at some of its steps. */
class Unpacked {
  readonly values: Values;
  readonly #marks: [count: number, state: Snapshot][] = [];
  readonly #entries = new Map<number, RawEntry[]>();

  /** The state that was folded last: most often the next one that is asked for comes after it. */
  #at = 0;
  #state: State;

  constructor(
    readonly first: number,
    readonly chunk: Chunk,
    /** How much text it was read from, with all that it goes on from. */
    readonly size: number,
    before: Snapshot | undefined,
    private readonly isOver: (frame: number, step: number) => boolean,
  ) {
    this.values = new Values(chunk.atoms);
    this.#state = new State(before);
    this.#state.dropFrames((frame) => isOver(frame, first));
    this.#state.fold(chunk.key, this.values);
    this.#marks.push([0, this.#state.share()]);
    this.#state.copied = 0;
    for (const entry of chunk.entries) {
      const row = this.#entries.get(entry[0]);
      if (row) row.push(entry);
      else this.#entries.set(entry[0], [entry]);
    }
  }

  /** The state after the deltas of the first `count` steps, and of the end where `final` says so. */
  state(count: number, final = false): Snapshot {
    const mark = this.#marks.filter(([at]) => at <= count).at(-1);
    if (mark && (count < this.#at || this.#at < mark[0])) [this.#at, this.#state] = [mark[0], new State(mark[1])];
    for (; this.#at < count; this.#at++) {
      if (this.#at % STRIDE === 0) this.#mark();
      const deltas = this.chunk.steps[this.#at];
      if (deltas) this.#state.fold(deltas, this.values);
    }
    const state = this.#state.share();
    if (!final) return state;
    const end = new State(state);
    end.fold(this.chunk.final ?? [], this.values);
    return end.share();
  }

  /** Keep the state where we are, if it is ahead of all that are kept, and as long as that takes little room. */
  #mark(): void {
    if (this.#at <= (this.#marks.at(-1)?.[0] ?? 0) || this.#state.copied > COPIED) return;
    this.#state.dropFrames((frame) => this.isOver(frame, this.first + this.#at));
    this.#marks.push([this.#at, this.#state.share()]);
  }

  deltas(step: number): readonly RawDelta[] {
    return this.chunk.steps[step - this.first] || [];
  }

  entries(step: number): readonly RawEntry[] {
    return this.#entries.get(step - this.first) ?? [];
  }
}

/** Answers what happened at any step. */
export class Recording {
  readonly head: Head;
  readonly columns: Columns;

  /** How many steps are here; as a position, the end. */
  readonly steps: number;

  readonly #host: Host;
  readonly #chunks = new Map<number, Unpacked>();
  readonly #coming = new Map<number, Promise<Unpacked>>();
  readonly #ends = new Map<number, { state: Snapshot; size: number }>();
  readonly #recent = new Map<number, Snapshot>();

  private constructor(host: Host, columns: Columns) {
    this.#host = host;
    this.head = host.head;
    this.columns = columns;
    this.steps = host.head.kept;
  }

  /** Open what a host has: its columns are read, values are not. */
  static async open(host: Host): Promise<Recording> {
    return new Recording(host, await readColumns(host.head, await host.columns()));
  }

  // --- what the columns tell ------------------------------------------------------------------------------------------

  event(step: number): EventKind {
    return EVENTS[this.columns.event[step] ?? 1] ?? "line";
  }

  line(step: number): number {
    return this.columns.line[step] ?? 0;
  }

  frame(step: number): number {
    return this.columns.frame[step] ?? -1;
  }

  depth(step: number): number {
    return this.columns.depth[step] ?? 0;
  }

  thread(step: number): number {
    return this.columns.frame_thread[this.frame(step)] ?? 0;
  }

  /** How many frames there are in the recording. */
  get frames(): number {
    return this.columns.frame_code.length;
  }

  /** What a frame runs. */
  code(frame: number): Code {
    return this.head.codes[this.columns.frame_code[frame] ?? -1] ?? ["function", "?", -1, 0];
  }

  parent(frame: number): number {
    return this.columns.frame_parent[frame] ?? -1;
  }

  /** The module's namespace that a frame's global names live in. */
  globals(frame: number): number {
    return this.columns.frame_globals[frame] ?? -1;
  }

  /** Whether a frame is there at a position. */
  isThere(frame: number, position: number): boolean {
    const end = this.columns.frame_end[frame] ?? -1;
    return (this.columns.frame_start[frame] ?? 0) <= position && (end < 0 || position <= end);
  }

  source(frame: number): Source | undefined {
    return this.head.sources[this.code(frame)[2]];
  }

  // --- what the chunks tell -------------------------------------------------------------------------------------------

  /** The chunk that holds a position. */
  chunkOf(position: number): number {
    return Math.floor(Math.min(position, Math.max(this.steps - 1, 0)) / this.head.chunk);
  }

  /** How many chunks there are. */
  get chunks(): number {
    return this.chunkOf(this.steps) + 1;
  }

  /** Whether the values at a position can be had at once. */
  isLoaded(position: number): boolean {
    return this.#chunks.has(this.chunkOf(position));
  }

  /** Unpack the chunk of a position. Rejects where the host can't hand it over. */
  async load(position: number): Promise<void> {
    await this.#unpacked(this.chunkOf(position));
  }

  /** Read a chunk anew that was unpacked, since the host has a fuller one. */
  async renew(k: number): Promise<void> {
    if (this.#chunks.has(k)) this.#chunks.set(k, await this.#read(k));
  }

  /** The state just before the step's line runs; at the end, the last state. Undefined where it has to be loaded. */
  snapshot(position: number): Snapshot | undefined {
    const unpacked = this.#loaded(position);
    if (!unpacked) return undefined;
    const here = Math.min(position, this.steps);
    let state = this.#recent.get(here);
    if (!state) {
      state = unpacked.state(Math.min(here + 1, this.steps) - unpacked.first, here === this.steps);
      remember(this.#recent, here, state, RECENT);
    }
    return state;
  }

  /** The deltas first seen at a position, with what reads their values. */
  deltas(position: number): { deltas: readonly RawDelta[]; values: Values } | undefined {
    const unpacked = this.#loaded(position);
    if (!unpacked) return undefined;
    const deltas = position >= this.steps ? (unpacked.chunk.final ?? []) : unpacked.deltas(position);
    return { deltas, values: unpacked.values };
  }

  /** What a step returned, yielded or raised, null where that is nothing; at the end, the run's result. */
  value(position: number): Value | null | undefined {
    const unpacked = this.#loaded(position);
    if (!unpacked) return undefined;
    const { values, result } = unpacked.chunk;
    if (position >= this.steps) return result === undefined ? null : unpacked.values.read(result);
    const found = values.find(([place]) => place === position - unpacked.first);
    return found ? unpacked.values.read(found[1]) : null;
  }

  /** The expressions that were evaluated while a step's line ran, in order. */
  entries(step: number): Entry[] | undefined {
    const unpacked = this.#loaded(step);
    return unpacked?.entries(step).map(([, source, span, value, ahead, objects]) => ({
      step,
      at: step + ahead,
      source,
      span: this.head.sources[source]?.spans[span],
      value: unpacked.values.read(value),
      objects: (objects ?? []).map((seen) => unpacked.values.object(seen)),
    }));
  }

  /** A chunk's rows as they are, for those who look through all of them: it is not kept, and no state is folded. */
  async chunk(k: number): Promise<{ first: number; chunk: Chunk; values: Values }> {
    const known = this.#chunks.get(k);
    if (known) return known;
    const { chunk } = await readChunk(await this.#host.chunk(k));
    return { first: k * this.head.chunk, chunk, values: new Values(chunk.atoms) };
  }

  #loaded(position: number): Unpacked | undefined {
    return this.#loadedChunk(this.chunkOf(position));
  }

  #loadedChunk(k: number): Unpacked | undefined {
    const unpacked = this.#chunks.get(k);
    if (unpacked) {
      this.#chunks.delete(k); // to the end: the one that was looked at last goes last
      this.#chunks.set(k, unpacked);
    }
    return unpacked;
  }

  #unpacked(k: number): Promise<Unpacked> {
    const known = this.#loadedChunk(k);
    if (known) return Promise.resolve(known);
    let coming = this.#coming.get(k);
    if (!coming) {
      coming = this.#unpack(k).finally(() => this.#coming.delete(k));
      this.#coming.set(k, coming);
    }
    return coming;
  }

  async #unpack(k: number): Promise<Unpacked> {
    const unpacked = await this.#read(k);
    this.#chunks.set(k, unpacked);
    let text = 0;
    for (const { size } of this.#chunks.values()) text += size;
    for (const [oldest, { size }] of this.#chunks) {
      if (text <= KEPT_TEXT || this.#chunks.size <= FEWEST) break;
      this.#chunks.delete(oldest);
      text -= size;
    }
    return unpacked;
  }

  async #read(k: number): Promise<Unpacked> {
    const { chunk, size } = await readChunk(await this.#host.chunk(k));
    const before = chunk.follows && k > 0 ? await this.#endOf(k - 1) : undefined;
    const whole = size + (before?.size ?? 0);
    return new Unpacked(k * this.head.chunk, chunk, whole, before?.state, (frame, step) => this.#isOver(frame, step));
  }

  /** The state after a chunk's last step. What is unpacked for that is not kept. */
  async #endOf(k: number): Promise<{ state: Snapshot; size: number }> {
    const known = this.#ends.get(k);
    if (known) return known;
    const unpacked = this.#chunks.get(k) ?? (await this.#read(k));
    if (!unpacked.chunk.follows) this.#ends.clear(); // those of other chunks share nothing with these
    const end = { state: unpacked.state(unpacked.chunk.steps.length), size: unpacked.size };
    remember(this.#ends, k, end, ENDS);
    return end;
  }

  #isOver(frame: number, step: number): boolean {
    const end = this.columns.frame_end[frame] ?? -1;
    return end >= 0 && end < step;
  }
}

/** Keep what was found last, and so many of the others. */
function remember<K, V>(known: Map<K, V>, key: K, value: V, most: number): void {
  known.set(key, value);
  for (const oldest of known.keys()) {
    if (known.size <= most) break;
    known.delete(oldest);
  }
}

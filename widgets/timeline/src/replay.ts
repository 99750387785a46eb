/**
 * Rebuild the state at any step by folding deltas: twin of `cotrace/model/replay.py` and `heap.py`.
 *
 * A `State` grows by folding; what it hands out by `share` never changes afterwards. An object is copied at its first
 * change after that, and then changed in place, so a long fold over a long list costs its changes and no more.
 */

import { OpenObjects, type Heap, type Objects } from "./heap";
import type { HeapObject, Value } from "./model";
import { textOf, type RawAtom, type RawDelta, type RawObject, type RawText, type RawValue } from "./packed";

export type Variables = ReadonlyMap<string, Value>;

/** What is known at one position; nobody changes it. */
export interface Snapshot {
  readonly frames: ReadonlyMap<number, Variables>;
  readonly heap: Objects;
}

/** An object while it may be changed. */
interface Open extends Omit<HeapObject, "elements" | "entries" | "attributes" | "positions" | "length"> {
  elements: Value[];
  entries: (readonly [Value, Value])[];
  attributes: (readonly [string, Value])[];
  positions: number[] | null;
  length: number;
}

/** Reads the values of one chunk. */
export class Values {
  constructor(private readonly atoms: readonly RawAtom[]) {}

  read(raw: RawValue): Value {
    if (raw === null) return NONE;
    switch (typeof raw) {
      case "number":
        return atom("int", String(raw));
      case "boolean":
        return raw ? TRUE : FALSE;
      case "string":
        return literal(raw);
      default:
        return Array.isArray(raw) ? this.#pair(raw) : this.#numbered(raw.atom);
    }
  }

  #pair(raw: [number] | [RawText, RawText]): Value {
    return raw.length === 1 ? { kind: "ref", id: raw[0] } : atom(textOf(raw[0]), textOf(raw[1]));
  }

  #numbered(place: number): Value {
    const found = this.atoms[place];
    if (!found) throw new Error(`expected atom ${place} in the chunk, found ${this.atoms.length} atoms`);
    return atom(textOf(found[0]), textOf(found[1]), found[2] ?? -1);
  }

  object([id, kind, type, parts]: RawObject): Open {
    return {
      id,
      kind: kind as HeapObject["kind"],
      type: textOf(type),
      elements: (parts.elements ?? []).map((value) => this.read(value)),
      entries: (parts.entries ?? []).map(([key, value]) => [this.read(key), this.read(value)]),
      attributes: (parts.attributes ?? []).map(([name, value]) => [textOf(name), this.read(value)]),
      length: parts.length ?? -1,
      positions: parts.positions ? [...parts.positions] : null,
      cut: textOf(parts.cut ?? ""),
      text: textOf(parts.text ?? ""),
    };
  }
}

const NONE = atom("NoneType", "None");
const TRUE = atom("bool", "True");
const FALSE = atom("bool", "False");

function atom(type: string, text: string, length = -1): Value {
  return { kind: "atom", type, text, length };
}

/** A string stands for the `repr` of a str, bytes or float. */
function literal(text: string): Value {
  if (text.startsWith("'") || text.startsWith('"')) return atom("str", text);
  return text.startsWith("b'") || text.startsWith('b"') ? atom("bytes", text) : atom("float", text);
}

/** Whether two values are the same, as far as a recording tells: by kind and text, so that 1, True and 1.0 differ. */
export function sameValue(one: Value, other: Value): boolean {
  if (one.kind === "ref") return other.kind === "ref" && one.id === other.id;
  return other.kind === "atom" && one.type === other.type && one.text === other.text && one.length === other.length;
}

/** The fold's accumulator. */
export class State {
  readonly #frames: Map<number, Map<string, Value>>;
  readonly #heap: OpenObjects;
  #ownObjects = new Set<HeapObject>();
  #ownFrames = new Set<number>();

  /** How many places of objects were copied, since somebody may still look at them as they were. */
  copied = 0;

  constructor(from?: Snapshot) {
    this.#frames = new Map(from?.frames as Map<number, Map<string, Value>> | undefined);
    this.#heap = from?.heap.opened() ?? new OpenObjects();
  }

  /** Return what is known now; later folds leave it as it is. */
  share(): Snapshot {
    this.#ownObjects = new Set();
    this.#ownFrames = new Set();
    return { frames: new Map(this.#frames), heap: this.#heap.share() };
  }

  /** The value of a variable now. */
  peek(frame: number, name: string): Value | undefined {
    return this.#frames.get(frame)?.get(name);
  }

  /** The content of an object now; it changes with the next fold. */
  get(id: number): HeapObject | undefined {
    return this.#heap.get(id);
  }

  /** Fold deltas in, in their order; `values` reads those of their chunk. */
  fold(deltas: readonly RawDelta[], values: Values): void {
    for (const delta of deltas) this.#take(delta, values);
  }

  /** Forget the variables of frames that are over. */
  dropFrames(isOver: (frame: number) => boolean): void {
    for (const frame of [...this.#frames.keys()]) if (isOver(frame)) this.#frames.delete(frame);
  }

  #take(delta: RawDelta, values: Values): void {
    switch (delta[0]) {
      case "bind":
        this.#variables(delta[2]).set(textOf(delta[3]), values.read(delta[4]));
        return;
      case "unbind":
        this.#variables(delta[2]).delete(textOf(delta[3]));
        return;
      case "appear":
      case "become":
        this.#put(values.object(delta[2]));
        return;
      case "set_element":
        setElement(this.#open(delta[2]), delta[3], values.read(delta[4]));
        return;
      case "splice":
        splice(this.#open(delta[2]), delta[3], delta[4], delta[5].map((value) => values.read(value)));
        return;
      case "set_entry":
        setEntry(this.#open(delta[2]), values.read(delta[3]), values.read(delta[4]));
        return;
      case "delete_entry":
        deleteEntry(this.#open(delta[2]), values.read(delta[3]));
        return;
      case "set_attribute":
        setAttribute(this.#open(delta[2]), textOf(delta[3]), values.read(delta[4]));
        return;
      case "delete_attribute":
        deleteAttribute(this.#open(delta[2]), textOf(delta[3]));
        return;
    }
  }

  #variables(frame: number): Map<string, Value> {
    const known = this.#frames.get(frame);
    if (known && this.#ownFrames.has(frame)) return known;
    const own = new Map(known);
    this.#frames.set(frame, own);
    this.#ownFrames.add(frame);
    return own;
  }

  #put(seen: HeapObject): void {
    this.#heap.set(seen);
    this.#ownObjects.add(seen);
  }

  /** Return an object that may be changed. */
  #open(id: number): Open {
    const known = this.#heap.get(id);
    if (!known) throw new Error(`expected object o${id} to be known, found a change to it before its content`);
    if (this.#ownObjects.has(known)) return known as Open;
    const copy: Open = {
      ...known,
      elements: [...known.elements],
      entries: [...known.entries],
      attributes: [...known.attributes],
      positions: known.positions ? [...known.positions] : null,
    };
    this.copied += copy.elements.length + copy.entries.length + copy.attributes.length;
    if (known.entries.length >= SHORT) KEYS.set(copy, keysOf(known));
    this.#put(copy);
    return copy;
  }
}

// --- one change -----------------------------------------------------------------------------------------------------

/** Of a cut sequence, a place that was not known is known from then on. */
function setElement(seen: Open, index: number, value: Value): void {
  const places = seen.positions;
  const place = places ? firstFrom(places, index) : index;
  if (places && places[place] !== index) {
    places.splice(place, 0, index);
    seen.elements.splice(place, 0, value);
  } else {
    seen.elements[place] = value;
  }
}

/** Of a cut sequence, what was known behind the stretch moves along, and all that was inserted is known. */
function splice(seen: Open, index: number, removed: number, inserted: Value[]): void {
  const places = seen.positions;
  const first = places ? firstFrom(places, index) : index;
  const last = places ? firstFrom(places, index + removed) : index + removed;
  seen.elements.splice(first, last - first, ...inserted);
  if (!places) {
    seen.length = seen.elements.length;
    return;
  }
  const shift = inserted.length - removed;
  places.splice(first, last - first, ...inserted.map((_, i) => index + i));
  for (let i = first + inserted.length; i < places.length; i++) places[i] = (places[i] ?? 0) + shift;
  seen.length += shift;
}

function setEntry(seen: Open, key: Value, value: Value): void {
  const place = placeOf(seen, key);
  if (place < seen.entries.length) {
    seen.entries[place] = [key, value];
  } else {
    KEYS.get(seen)?.places?.set(keyText(key), place);
    seen.entries.push([key, value]);
  }
  seen.length = seen.entries.length;
}

function deleteEntry(seen: Open, key: Value): void {
  seen.entries = seen.entries.filter(([known]) => !sameValue(known, key));
  seen.length = seen.entries.length;
  KEYS.delete(seen);
}

function setAttribute(seen: Open, name: string, value: Value): void {
  const place = seen.attributes.findIndex(([known]) => known === name);
  seen.attributes[place < 0 ? seen.attributes.length : place] = [name, value];
}

function deleteAttribute(seen: Open, name: string): void {
  seen.attributes = seen.attributes.filter(([known]) => known !== name);
}

/** A dict with fewer entries is looked through; of a longer one it is remembered where each key stands. */
const SHORT = 32;

/** Where the keys of a long dict stand, once somebody has looked for a few of them. */
interface Keys {
  asked: number;
  places: Map<string, number> | undefined;
}

/**
 * The keys of long dicts. A dict and the copies of it share what is known, until one of them loses a key. So a place may be
 * one that an older copy does not have: it holds only if the key is found there.
 */
const KEYS = new WeakMap<HeapObject, Keys>();

/** Keys are looked for one by one so often, before it is remembered where they stand. */
const OFTEN = 8;

/** The place of the first entry with this key; their number where there is none. */
function placeOf(seen: Open, key: Value): number {
  const { entries } = seen;
  if (entries.length < SHORT) return lookedFor(entries, key);
  const places = placesOf(seen);
  if (!places) return lookedFor(entries, key);
  const place = places.get(keyText(key)) ?? entries.length;
  const known = entries[place]?.[0];
  return known && sameValue(known, key) ? place : entries.length;
}

function lookedFor(entries: Open["entries"], key: Value): number {
  const place = entries.findIndex(([known]) => sameValue(known, key));
  return place < 0 ? entries.length : place;
}

function keysOf(seen: HeapObject): Keys {
  let keys = KEYS.get(seen);
  if (!keys) KEYS.set(seen, (keys = { asked: 0, places: undefined }));
  return keys;
}

/** Where the keys of a dict stand; undefined where it is not worth while to remember that. */
function placesOf(seen: Open): Map<string, number> | undefined {
  const keys = keysOf(seen);
  if (keys.places || ++keys.asked < OFTEN) return keys.places;
  keys.places = new Map();
  for (let place = seen.entries.length - 1; place >= 0; place--) {
    const key = seen.entries[place]?.[0];
    if (key) keys.places.set(keyText(key), place); // of keys that look alike, the first
  }
  return keys.places;
}

function keyText(key: Value): string {
  return key.kind === "ref" ? `o${key.id}` : `${key.length} ${key.type} ${key.text}`;
}

/** The place of the first of these ascending numbers that is at least `wanted`. */
export function firstFrom(numbers: ArrayLike<number>, wanted: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Return the objects that these values reach, beside those `found` before, whose own parts were found too. */
export function reachable(heap: Heap, values: Iterable<Value>, found = new Map<number, HeapObject>()): Map<number, HeapObject> {
  const waiting: number[] = [];
  const meet = (value: Value) => {
    if (value.kind === "ref" && !found.has(value.id)) waiting.push(value.id);
  };
  for (const value of values) meet(value);
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    const seen = found.has(id) ? undefined : heap.get(id);
    if (!seen) continue;
    found.set(id, seen);
    for (const value of partsOf(seen)) meet(value);
  }
  return found;
}

/** The values that an object holds directly. */
export function* partsOf(seen: HeapObject): Generator<Value> {
  yield* seen.elements;
  for (const [key, value] of seen.entries) {
    yield key;
    yield value;
  }
  for (const [, value] of seen.attributes) yield value;
}

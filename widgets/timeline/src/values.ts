/**
 * A recorded value as one line of text, the way Python would show it: twin of `cotrace/formats/values.py`.
 *
 * What does not fit a budget is left out and counted: `[0, 1, 2, … 997 more]`. That module's docstring has the table of
 * how everything is written. The text is safe to look at (see `escape`); put it into text nodes only.
 */

import { visible } from "./escape";
import type { Heap } from "./heap";
import type { Atom, HeapObject, Ref, Value } from "./model";

export interface Budget {
  /** About how long the text may be. */
  readonly characters: number;
  /** How many containers may be open at once. */
  readonly depth: number;
}

/** For a value that has a line to itself. */
export const LINE: Budget = { characters: 100, depth: 5 };

/** For a value among others. */
export const NARROW: Budget = { characters: 40, depth: 3 };

/** Return `value` as one line of text within `budget`; what is left out is counted. */
export function show(value: Value, heap: Heap, budget: Budget = LINE): string {
  return visible(new Writer(heap, budget.depth).value(value, budget.characters));
}

/** Return a type's name as one says it: `Point` for `shapes.make.<locals>.Point`. */
export function shortType(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

// --- what an object is made of ---------------------------------------------------------------------------------------

interface Part {
  readonly label: string;
  readonly values: readonly Value[];
}

interface Shape {
  readonly opening: string;
  readonly closing: string;
  readonly parts: readonly Part[];
  /** How many parts the object has beyond those recorded; -1 for an unknown number. */
  readonly leftOut: number;
  /** How many recorded parts are not in `parts`, since there can't be room for them. */
  readonly beyond: number;
}

const CONTAINERS: Partial<Record<HeapObject["kind"], readonly [string, string]>> = {
  list: ["[", "]"],
  tuple: ["(", ")"],
  set: ["{", "}"],
  frozenset: ["frozenset({", "})"],
  deque: ["deque([", "])"],
  dict: ["{", "}"],
};
const EMPTY: Partial<Record<HeapObject["kind"], readonly [string, string]>> = {
  set: ["set(", ")"],
  frozenset: ["frozenset(", ")"],
};
const PLAIN = new Set(["list", "tuple", "set", "frozenset", "dict", "collections.deque"]);

/** So many parts more than there is room for are made: none of the last of them is ever reached. */
const SPARE = 20;

function shapeOf(seen: HeapObject, heap: Heap, room: number): Shape {
  const name = shortType(seen.type);
  const plain = (opening: string, closing = "", parts: readonly Part[] = [], leftOut = 0): Shape => ({
    opening, closing, parts, leftOut, beyond: 0,
  });
  switch (seen.kind) {
    case "list":
    case "tuple":
    case "set":
    case "frozenset":
    case "deque":
    case "dict": {
      const [opening, closing] = brackets(seen, name);
      return { opening, closing, ...held(seen, Math.floor(Math.max(room, 0) / 2) + SPARE) };
    }
    case "instance": {
      if (seen.text.startsWith(`${name}.`)) return plain(seen.text);
      const own = seen.text ? [{ label: seen.text, values: [] }] : [];
      return plain(`${name}(`, ")", [...own, ...attributes(seen)], seen.cut ? -1 : 0);
    }
    case "exception":
      return plain(`${name}(`, ")", exceptionParts(seen, heap), seen.cut ? -1 : 0);
    case "array": {
      const all = held(seen, seen.elements.length + seen.entries.length);
      const some = all.parts.length > 0;
      return plain(`<${seen.text || name}${some ? ": " : ""}`, ">", all.parts, some ? all.leftOut : 0);
    }
    case "class":
    case "function":
    case "module":
    case "generator":
      return plain(`<${seen.kind} ${seen.text || name}>`);
    case "opaque":
      return plain(`<${seen.text || name} o${seen.id}>`);
  }
}

function exceptionParts(seen: HeapObject, heap: Heap): Part[] {
  const own = attributes(seen);
  const first = own[0];
  const value = first?.values[0];
  const args = value?.kind === "ref" ? heap.get(value.id) : undefined;
  if (first?.label !== "args=" || !args) return own;
  return [...args.elements.map((element) => ({ label: "", values: [element] })), ...own.slice(1)];
}

function attributes(seen: HeapObject): Part[] {
  return seen.attributes.map(([name, value]) => ({ label: `${name}=`, values: [value] }));
}

function brackets(seen: HeapObject, name: string): readonly [string, string] {
  const usual = CONTAINERS[seen.kind] ?? ["(", ")"];
  let [opening, closing] = seen.elements.length === 0 && !seen.cut ? (EMPTY[seen.kind] ?? usual) : usual;
  if (seen.kind === "tuple" && seen.elements.length === 1 && !seen.cut) closing = ",)";
  if (PLAIN.has(seen.type)) return [opening, closing];
  return seen.kind === "tuple" ? [`${name}(`, ")"] : [`${name}(${opening}`, `${closing})`];
}

/** Return at most so many elements or pairs, with marks in the gaps, and how many are missing. */
function held(seen: HeapObject, most: number): Pick<Shape, "parts" | "leftOut" | "beyond"> {
  const parts: Part[] = [];
  let reached = 0;
  const fields = seen.kind === "tuple" && seen.text ? seen.text.split(", ") : [];
  seen.elements.slice(0, most).forEach((element, place) => {
    const position = seen.positions?.[place] ?? place;
    if (position > reached) parts.push({ label: more(position - reached), values: [] });
    const field = fields[position];
    parts.push({ label: field === undefined ? "" : `${field}=`, values: [element] });
    reached = position + 1;
  });
  for (const pair of seen.entries.slice(0, most)) parts.push({ label: "", values: pair });
  const told = reached + Math.min(seen.entries.length, most);
  const known = seen.elements.length;
  const last = known ? (seen.positions?.[known - 1] ?? known - 1) + 1 : known;
  const all = last + seen.entries.length;
  const leftOut = seen.cut && seen.length < 0 ? -1 : Math.max(seen.length - all, 0);
  return { parts, leftOut, beyond: all - told };
}

/** Return the mark of what is left out; a count below 1 says that nobody knows how much. */
export function more(count: number): string {
  return count > 0 ? `… ${count} more` : "…";
}

// --- show ------------------------------------------------------------------------------------------------------------

const MARK = "… 999 more".length;

/** A part that has less room than this says nothing worth reading: it is counted among those left out. */
const LEAST = 10;

/** Writes one value. Each call is given the room left; where `whole` gives up, `squeezed` leaves out. */
class Writer {
  readonly #inside: number[] = [];

  constructor(
    private readonly heap: Heap,
    private readonly depth: number,
  ) {}

  value(value: Value, room: number): string {
    return this.#whole(value, room) ?? this.#squeezed(value, room);
  }

  /** Return all that was recorded of `value`, or null if that takes more than `room`. */
  #whole(value: Value, room: number): string | null {
    if (value.kind === "atom") return fitting(wholeAtom(value), room);
    const entered = this.#entered(value, room);
    if (typeof entered === "string") return fitting(entered, room);
    const inner = this.#wholeParts(entered, room);
    this.#inside.pop();
    return inner === null ? null : fitting(inner, room);
  }

  #wholeParts(shape: Shape, room: number): string | null {
    if (shape.beyond) return null;
    const texts: string[] = [];
    let left = room - size(shape.opening) - size(shape.closing);
    for (const part of shape.parts) {
      const text = this.#wholePart(part, left);
      if (text === null) return null;
      texts.push(text);
      left -= size(text) + 2;
    }
    return closed(shape, texts, shape.leftOut);
  }

  #wholePart(part: Part, room: number): string | null {
    const texts: string[] = [];
    let left = room - size(part.label);
    for (const value of part.values) {
      const text = this.#whole(value, left);
      if (text === null) return null;
      texts.push(text);
      left -= size(text);
    }
    return part.label + texts.join(": ");
  }

  /** Return `value` with as many of its parts as go into `room`, and a count of the others. */
  #squeezed(value: Value, room: number): string {
    if (value.kind === "atom") return squeezedAtom(value, room);
    const entered = this.#entered(value, room);
    if (typeof entered === "string") return entered;
    const text = this.#squeezedParts(entered, room);
    this.#inside.pop();
    return text;
  }

  #squeezedParts(shape: Shape, room: number): string {
    const texts: string[] = [];
    let left = room - size(shape.opening) - size(shape.closing) - MARK;
    for (const [place, part] of shape.parts.entries()) {
      const rest = shape.parts.length - place + shape.beyond;
      if (rest === 1 && !shape.leftOut) left += MARK; // nothing will be left out
      if (texts.length && left < LEAST) {
        const missing = shape.parts.slice(place).reduce((sum, other) => sum + count(other), 0) + shape.beyond;
        return closed(shape, texts, shape.leftOut < 0 ? -1 : missing + shape.leftOut);
      }
      const text = this.#squeezedPart(part, Math.max(Math.floor(left / Math.min(rest, 3)), Math.min(left, LEAST)));
      texts.push(text);
      left -= size(text) + 2;
    }
    return closed(shape, texts, shape.leftOut);
  }

  #squeezedPart(part: Part, room: number): string {
    let left = room - size(part.label);
    const texts = part.values.map((value) => {
      const text = this.value(value, left);
      left = Math.max(left - size(text), LEAST);
      return text;
    });
    return part.label + texts.join(": ");
  }

  /** Return the shape of an object that is now open, or its whole text where it isn't opened. */
  #entered(value: Ref, room: number): string | Shape {
    const seen = this.heap.get(value.id);
    if (!seen) return `o${value.id}`;
    if (this.#inside.includes(value.id)) {
      const plain = (seen.kind === "list" || seen.kind === "dict") && seen.type === seen.kind;
      return plain ? (CONTAINERS[seen.kind] ?? ["", ""]).join("...") : `o${value.id}`;
    }
    const shape = shapeOf(seen, this.heap, room);
    if (this.#inside.length >= this.depth && shape.parts.length) {
      const missing = shape.leftOut < 0 ? -1 : Math.max(seen.length, 0);
      return closed(shape, [], missing || -1);
    }
    this.#inside.push(value.id);
    return shape;
  }
}

function fitting(text: string, room: number): string | null {
  return size(text) <= room ? text : null;
}

function closed(shape: Shape, texts: readonly string[], leftOut: number): string {
  const marks = leftOut ? [more(leftOut)] : [];
  return shape.opening + [...texts, ...marks].join(", ") + shape.closing;
}

function count(part: Part): number {
  return part.label.startsWith("… ") ? Number(part.label.split(" ")[1]) : 1;
}

const PAIR = /[\ud800-\udbff][\udc00-\udfff]/g;

/** How many characters a text has, as Python counts them. */
function size(text: string): number {
  return text.length - (text.match(PAIR)?.length ?? 0);
}

// --- atoms -----------------------------------------------------------------------------------------------------------

function wholeAtom(atom: Atom): string {
  return atom.length < 0 ? atom.text : atom.text.replace(/…$/, "") + tail(atom);
}

/** The mark of what capture cut off: the characters, bytes or digits that are missing. */
function tail(atom: Atom): string {
  const kept = isText(atom) ? characters(atom).length : digits(atom.text);
  return more(atom.length - kept);
}

function isText(atom: Atom): boolean {
  return atom.type === "str" || atom.type === "bytes";
}

function digits(text: string): number {
  return text.replace(/^-+/, "").replace(/^0x/, "").replace(/…$/, "").length;
}

/** The characters of a str or bytes, each as its `repr` spells it: `a`, `\n`, `\x00`, `\'`. */
function characters(atom: Atom): string[] {
  const body = atom.text.replace(/^b/, "").slice(1, -1);
  return body.match(/\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|\\U[0-9a-f]{8}|\\[^]|[\ud800-\udbff][\udc00-\udfff]|[^]/g) ?? [];
}

/** What `repr` gives for the first `length` of these characters: which quotes it takes hangs on them. */
function quoted(pieces: readonly string[], length: number, prefix: string): string {
  const kept = pieces.slice(0, length).map((piece) => (piece === "\\'" || piece === '\\"' ? piece.slice(1) : piece));
  const quote = kept.includes("'") && !kept.includes('"') ? '"' : "'";
  return prefix + quote + kept.map((piece) => (piece === quote ? `\\${piece}` : piece)).join("") + quote;
}

function squeezedAtom(atom: Atom, available: number): string {
  const room = Math.max(available, LEAST);
  if (size(atom.text) <= room) return wholeAtom(atom);
  if (isText(atom)) {
    const kept = characters(atom);
    const prefix = atom.type === "bytes" ? "b" : "";
    const length = atom.length < 0 ? kept.length : atom.length;
    let first = room - 2;
    for (let text = quoted(kept, first, prefix); size(text) > room; text = quoted(kept, first, prefix))
      first -= Math.max(1, Math.floor((size(text) - room) / 4));
    return quoted(kept, first, prefix) + more(length - first);
  }
  if (atom.type === "int") {
    const all = atom.length < 0 ? digits(atom.text) : atom.length;
    return atom.text.slice(0, room) + more(all - digits(atom.text.slice(0, room)));
  }
  return `${atom.text.slice(0, room)}…`;
}

// --- a value to unfold -----------------------------------------------------------------------------------------------

/** One line under an unfolded value. */
export interface Child {
  /** `[0]`, `'key'`, `.name`; of a mark for what is missing, "". */
  readonly label: string;
  /** The value; null where this is a mark, whose words are in `remark`. */
  readonly value: Value | null;
  readonly remark: string;
}

/** Tell whether there is anything to unfold in a value. */
export function isUnfoldable(value: Value, heap: Heap): boolean {
  if (value.kind === "atom") return false;
  const seen = heap.get(value.id);
  return !!seen && seen.elements.length + seen.entries.length + seen.attributes.length > 0;
}

/** Return what a value holds from child `from` on, at most `most` of it; what was cut is told in its place. */
export function childrenOf(value: Value, heap: Heap, from = 0, most = 100): Child[] {
  const seen = value.kind === "ref" ? heap.get(value.id) : undefined;
  if (!seen) return [];
  const stop = from + most;
  const children = [...elementsOf(seen, from, stop)];
  const before = seen.elements.length;
  for (const [key, held] of seen.entries.slice(Math.max(from - before, 0), Math.max(stop - before, 0)))
    children.push({ label: show(key, heap, NARROW), value: held, remark: "" });
  const upTo = before + seen.entries.length;
  for (const [name, held] of seen.attributes.slice(Math.max(from - upTo, 0), Math.max(stop - upTo, 0)))
    children.push({ label: `.${visible(name)}`, value: held, remark: "" });
  const all = upTo + seen.attributes.length;
  if (stop >= all && seen.cut) children.push({ label: "", value: null, remark: cutRemark(seen) });
  return children;
}

/** How many children a value has that were recorded. */
export function childCount(value: Value, heap: Heap): number {
  const seen = value.kind === "ref" ? heap.get(value.id) : undefined;
  return seen ? seen.elements.length + seen.entries.length + seen.attributes.length : 0;
}

function* elementsOf(seen: HeapObject, from: number, stop: number): Generator<Child> {
  const fields = seen.kind === "tuple" && seen.text ? seen.text.split(", ") : [];
  const isSet = seen.kind === "set" || seen.kind === "frozenset";
  let reached = from > 0 ? (seen.positions?.[from - 1] ?? from - 1) + 1 : 0;
  for (let place = from; place < Math.min(stop, seen.elements.length); place++) {
    const position = seen.positions?.[place] ?? place;
    const value = seen.elements[place];
    if (position > reached && !isSet) yield { label: "", value: null, remark: `${more(position - reached)} not recorded` };
    const field = fields[position];
    if (value) yield { label: field === undefined ? (isSet ? "•" : `[${position}]`) : `.${visible(field)}`, value, remark: "" };
    reached = position + 1;
  }
}

function cutRemark(seen: HeapObject): string {
  if (seen.cut === "depth") return "too deep: what is inside was not recorded";
  const known = seen.elements.length + seen.entries.length;
  const missing = seen.length > known ? (seen.length - known).toLocaleString("en") : "some";
  return `${missing} of ${Math.max(seen.length, 0).toLocaleString("en")} were not recorded: over the limit of elements`;
}

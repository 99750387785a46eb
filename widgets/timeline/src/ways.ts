/**
 * Which names lead to which object: `b`, `self.items`, `grid[0]`. Two names for one object are the surprise that a
 * reader of a list or a dict most needs to be told of.
 */

import type { Heap } from "./heap";
import type { HeapObject, Value } from "./model";
import { partsOf, type Variables } from "./replay";

/** A frame's variables, and what to put behind their names where the frame is not the one that runs. */
export interface Scope {
  readonly variables: Variables;
  readonly suffix: string;
}

const CHANGEABLE = new Set(["list", "dict", "set", "deque", "instance", "array"]);
const MOST_LOOKED_AT = 3_000;
const MOST_WAYS = 6;
const DEEPEST = 3;

/** All short ways to the objects that can change, by object. Breadth first, so that the shortest way comes first. */
export function waysFrom(scopes: readonly Scope[], heap: Heap): ReadonlyMap<number, readonly string[]> {
  const ways = new Map<number, string[]>();
  const opened = new Set<number>();
  const waiting: [id: number, way: string, suffix: string, depth: number][] = [];
  let looked = 0;
  const meet = (value: Value, way: () => string, suffix: string, depth: number) => {
    looked++;
    if (value.kind !== "ref" || looked > MOST_LOOKED_AT) return;
    const known = ways.get(value.id) ?? [];
    if (known.length >= MOST_WAYS) return;
    const text = way();
    known.push(text + suffix);
    ways.set(value.id, known);
    waiting.push([value.id, text, suffix, depth]);
  };
  for (const { variables, suffix } of scopes) {
    for (const [name, value] of variables) meet(value, () => name, suffix, 1);
  }
  for (let place = 0; place < waiting.length; place++) {
    const [id, way, suffix, depth] = waiting[place] ?? [0, "", "", 0];
    const seen = heap.get(id);
    if (!seen || opened.has(id) || depth >= DEEPEST) continue;
    opened.add(id);
    for (const [step, value] of partsNamed(seen)) meet(value, () => way + step, suffix, depth + 1);
  }
  return ways;
}

/** True of objects that change in place: sharing any other is of no consequence. */
export function canChange(seen: HeapObject | undefined): boolean {
  return seen !== undefined && CHANGEABLE.has(seen.kind);
}

function* partsNamed(seen: HeapObject): Iterable<[string, Value]> {
  if (seen.kind === "list" || seen.kind === "tuple" || seen.kind === "deque") {
    for (let place = 0; place < seen.elements.length; place++) {
      const value = seen.elements[place];
      if (value?.kind === "ref") yield [`[${seen.positions?.[place] ?? place}]`, value];
    }
  }
  for (const [key, value] of seen.entries) {
    if (value.kind === "ref" && key.kind === "atom") yield [`[${key.text.slice(0, 40)}]`, value];
  }
  if (seen.kind === "instance") for (const [name, value] of seen.attributes) yield [`.${name}`, value];
}

/** True if `value` reaches one of these objects by a short way. */
export function reaches(value: Value, wanted: ReadonlySet<number>, heap: Heap): boolean {
  if (value.kind !== "ref" || wanted.size === 0) return false;
  const met = new Set([value.id]);
  for (const id of met) {
    if (wanted.has(id)) return true;
    const seen = heap.get(id);
    if (!seen || met.size > MOST_LOOKED_AT) continue;
    for (const part of partsOf(seen)) if (part.kind === "ref") met.add(part.id);
  }
  return false;
}

/** States of long runs: whatever is asked for in whatever order, it is what the changes say, one after the other. */

import { expect, test } from "vitest";

import type { HeapObject, Value } from "../src/model";
import type { RawDelta, RawObject, RawValue } from "../src/packed";
import { sameValue, Values } from "../src/replay";
import { dice, made, type MadeStep } from "./made";

const STEPS = 1_000;
const VALUES = new Values([]);

/** An object as plainly as can be: positions that are not known are undefined, and an entry is found by looking. */
interface Plain {
  elements: (Value | undefined)[];
  entries: [Value, Value][];
  attributes: [string, Value][];
}

function changed(old: Plain, delta: RawDelta): Plain {
  const read = (raw: RawValue) => VALUES.read(raw);
  switch (delta[0]) {
    case "set_element":
      return { ...old, elements: old.elements.map((held, place) => (place === delta[3] ? read(delta[4]) : held)) };
    case "splice": {
      const [, , , index, removed, inserted] = delta;
      return { ...old, elements: [...old.elements.slice(0, index), ...inserted.map(read), ...old.elements.slice(index + removed)] };
    }
    case "set_entry": {
      const pair: [Value, Value] = [read(delta[3]), read(delta[4])];
      const place = old.entries.findIndex(([key]) => sameValue(key, pair[0]));
      return { ...old, entries: place < 0 ? [...old.entries, pair] : old.entries.map((held, at) => (at === place ? pair : held)) };
    }
    case "delete_entry":
      return { ...old, entries: old.entries.filter(([key]) => !sameValue(key, read(delta[3]))) };
    case "set_attribute": {
      const pair: [string, Value] = [String(delta[3]), read(delta[4])];
      const place = old.attributes.findIndex(([name]) => name === pair[0]);
      return { ...old, attributes: place < 0 ? [...old.attributes, pair] : old.attributes.map((held, at) => (at === place ? pair : held)) };
    }
    case "delete_attribute":
      return { ...old, attributes: old.attributes.filter(([name]) => name !== delta[3]) };
    default:
      return old;
  }
}

/** Object 1 is a list, 2 a sequence of which not all is known, 3 a dict with keys that look alike, 4 an instance. */
const BEGINNING: RawDelta[] = [
  ["appear", null, [1, "list", "list", { elements: [1, 2, 3], length: 3 }]],
  ["appear", null, [2, "list", "list", { elements: [0, 1, 99], length: 100, positions: [0, 1, 99], cut: "elements" }]],
  ["appear", null, [3, "dict", "dict", { entries: [["nan", 1], ["nan", 2]], length: 2 }]],
  ["appear", null, [4, "instance", "Node", {}]],
  ["bind", null, 0, "all", [4]],
];

function someDelta(die: (sides: number) => number, lengths: number[]): RawDelta {
  const value: RawValue = die(4) ? die(1_000) : [1 + die(4)];
  const id = 1 + die(2);
  const length = lengths[id] ?? 0;
  switch (length ? die(8) : 1) {
    case 0:
      return ["set_element", 1, id, die(length), value];
    case 1:
    case 2: {
      const index = die(length + 1);
      const removed = die(Math.min(length - index, 3) + 1);
      const inserted = Array.from({ length: die(4) }, () => die(50));
      lengths[id] = length - removed + inserted.length;
      return ["splice", 1, id, index, removed, inserted];
    }
    case 3:
      return die(12) ? ["set_attribute", 1, 4, `a${die(9)}`, value] : ["delete_attribute", 1, 4, `a${die(9)}`];
    case 4:
      return die(40) ? ["delete_entry", 1, 3, die(400)] : ["delete_entry", 1, 3, "nan"];
    default:
      return ["set_entry", 1, 3, die(30) ? die(400) : "nan", value];
  }
}

function plainOf(seen: RawObject): Plain {
  const { elements = [], entries = [], positions, length = 0 } = seen[3];
  const places: (Value | undefined)[] = positions ? Array.from({ length }, () => undefined) : [];
  elements.forEach((raw, place) => (places[positions?.[place] ?? place] = VALUES.read(raw)));
  return { elements: places, entries: entries.map(([key, value]) => [VALUES.read(key), VALUES.read(value)]), attributes: [] };
}

function told(seen: Plain): unknown[] {
  const known = seen.elements.flatMap((value, place) => (value ? [[place, value]] : []));
  return [seen.elements.length, known, seen.entries, seen.attributes];
}

function toldOf(seen: HeapObject): unknown[] {
  const length = seen.kind === "list" ? seen.length : 0;
  return [length, seen.elements.map((value, place) => [seen.positions?.[place] ?? place, value]), seen.entries, seen.attributes];
}

/** A random run, and what is known after each step. */
function run(seed: number): { steps: MadeStep[]; states: Map<number, Plain>[] } {
  const die = dice(seed);
  const lengths = [0, 3, 100];
  const state = new Map(BEGINNING.flatMap((delta) => (delta[0] === "appear" ? [[delta[2][0], plainOf(delta[2])]] : [])));
  const steps: MadeStep[] = [];
  const states: Map<number, Plain>[] = [];
  for (let step = 0; step < STEPS; step++) {
    const deltas = step === 0 ? BEGINNING : Array.from({ length: die(4) }, () => someDelta(die, lengths));
    for (const delta of step === 0 ? [] : deltas) {
      const id = delta[2] as number;
      const old = state.get(id);
      if (old) state.set(id, changed(old, delta));
    }
    steps.push({ event: "line", frame: 0, depth: 0, deltas });
    states.push(new Map(state));
  }
  return { steps, states };
}

test.each([1, 2, 3])("objects are what a plain fold makes of them, in whatever order one asks (%i)", async (seed) => {
  const { steps, states } = run(seed);
  const recording = await made(steps, [0], { size: 300, keyed: 9, keyOf: () => [] });
  const die = dice(seed + 10);
  const order = Array.from({ length: 200 }, (_, turn) => (turn % 40 ? die(STEPS) : Math.min(turn, STEPS - 1)));
  for (const position of order) {
    await recording.load(position);
    const heap = recording.snapshot(position)?.heap;
    for (const [id, plain] of states[position] ?? []) {
      const seen = heap?.get(id);
      expect([position, id, seen && toldOf(seen)]).toEqual([position, id, told(plain)]);
    }
  }
});

test("what was handed out stays as it was, whatever is looked at later", async () => {
  const { steps } = run(4);
  const recording = await made(steps, [0], { size: 300, keyed: 9, keyOf: () => [] });
  const shown = new Map<number, string>();
  const held = new Map<number, unknown>();
  for (const position of [5, 130, 131, 129, 299, 300, 4, 700, 132]) {
    await recording.load(position);
    const objects = [...(recording.snapshot(position)?.heap.values() ?? [])];
    held.set(position, objects);
    shown.set(position, JSON.stringify(objects));
  }
  for (const [position, objects] of held) expect(JSON.stringify(objects)).toBe(shown.get(position));
});

test("walking backwards through chunks that go on from one another reads each a few times at most", async () => {
  const { steps, states } = run(5);
  const asked: number[] = [];
  const recording = await made(steps, [0], { size: 100, keyed: 99, keyOf: () => [] }, (k) => asked.push(k));
  for (let position = STEPS - 1; position >= 0; position -= 50) {
    await recording.load(position);
    const seen = recording.snapshot(position)?.heap.get(3);
    const plain = states[position]?.get(3);
    expect(seen?.entries).toEqual(plain?.entries);
  }
  expect(asked.length).toBeLessThanOrEqual(20);
});

test("a long dict takes a hundred thousand changes in a moment", () => {
  const many = 20_000;
  const steps: MadeStep[] = Array.from({ length: many }, (_, step) => ({
    event: "line", frame: 0, depth: 0,
    deltas: step ? Array.from({ length: 5 }, (_, turn) => ["set_entry", 1, 3, step * 5 + turn, step] as RawDelta) : BEGINNING,
  }));
  return made(steps, [0], { size: many, keyed: 1, keyOf: () => [] }).then(async (recording) => {
    await recording.load(0);
    const began = performance.now();
    expect(recording.snapshot(many)?.heap.get(3)?.length).toBe(2 + (many - 1) * 5);
    expect(performance.now() - began).toBeLessThan(15_000); // a moment on a machine at rest; looked for one by one, minutes
  });
}, 60_000);

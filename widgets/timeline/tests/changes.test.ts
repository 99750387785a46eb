/** Changes of a variable in random runs are those that a look at everything finds. */

import { expect, test } from "vitest";

import { historyOf } from "../src/changes";
import type { RawDelta, RawValue } from "../src/packed";
import { reachable, State, Values } from "../src/replay";
import { dice, made, type MadeStep } from "./made";

const OBJECTS = 14;
const STEPS = 600;

function someDelta(die: (sides: number) => number, lengths: number[]): RawDelta {
  const value: RawValue = die(5) < 2 ? [1 + die(OBJECTS)] : null;
  const id = 1 + die(OBJECTS);
  const length = lengths[id] ?? 0;
  switch (die(9)) {
    case 0:
      return ["bind", 1, 0, "abc"[die(3)] ?? "a", value];
    case 1:
      return ["unbind", 1, 0, "abc"[die(3)] ?? "a"];
    case 2:
    case 6:
    case 7:
    case 8:
      return die(2) ? ["set_attribute", 1, id, "xy"[die(2)] ?? "x", value] : ["delete_attribute", 1, id, "x"];
    case 3:
      lengths[id] = 0;
      return ["become", 1, [id, "list", "list", { attributes: [["x", value]], length: 0 }]];
    default: {
      const removed = die(Math.min(length, 2) + 1);
      lengths[id] = length - removed + 1;
      return ["splice", 1, id, die(length - removed + 1), removed, [value]];
    }
  }
}

function run(seed: number): MadeStep[] {
  const die = dice(seed);
  const lengths: number[] = [];
  const beginning = Array.from({ length: OBJECTS }, (_, place): RawDelta => ["appear", null, [place + 1, "list", "list", { length: 0 }]]);
  return Array.from({ length: STEPS }, (_, step) => ({
    event: "line", frame: 0, depth: 0,
    deltas: step ? Array.from({ length: die(3) }, () => someDelta(die, lengths)) : beginning,
  }));
}

/** The steps that changed a variable, by looking for all that it reaches before each step. */
function changesOf(steps: readonly MadeStep[], name: string): number[] {
  const values = new Values([]);
  const state = new State();
  const found = new Set<number>();
  for (const [step, { deltas }] of steps.entries()) {
    const value = state.peek(0, name);
    const reached = reachable(state, value ? [value] : []);
    for (const delta of deltas) {
      const isOwn = (delta[0] === "bind" || delta[0] === "unbind") && delta[3] === name;
      const id = delta[0] === "become" ? delta[2][0] : delta[2];
      if (isOwn || (!["bind", "unbind", "appear"].includes(delta[0]) && typeof id === "number" && reached.has(id))) found.add(step - (delta[1] ?? 0));
    }
    state.fold(deltas, values);
  }
  return [...found].sort((one, other) => one - other);
}

test.each([1, 2, 3, 4, 5, 6])("every change is found through whichever way leads there (%i)", async (seed) => {
  const steps = run(seed);
  const recording = await made(steps, [0], { size: 100, keyed: 99, keyOf: () => [] });
  for (const name of ["a", "b", "c"]) expect((await historyOf(recording, 0, name)).steps).toEqual(changesOf(steps, name));
});

test("a long chain that grows at its head is not walked at each change", async () => {
  const steps = Array.from({ length: 20_000 }, (_, step): MadeStep => ({
    event: "line", frame: 0, depth: 0,
    deltas: [
      ["appear", 1, [step + 1, "instance", "Node", { attributes: [["next", step ? [step] : null]] }]],
      ["set_attribute", 1, step + 1, "value", step],
      ["bind", 1, 0, "head", [step + 1]],
    ],
  }));
  const recording = await made(steps, [0], { size: 20_000, keyed: 1, keyOf: () => [] });
  const began = performance.now();
  expect((await historyOf(recording, 0, "head")).steps).toHaveLength(steps.length);
  expect(performance.now() - began).toBeLessThan(15_000); // a moment on a machine at rest; to walk it each time, minutes
}, 60_000);

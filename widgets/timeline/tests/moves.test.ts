/** Moves, passes and changes are those that Python finds. */

import { describe, expect, test } from "vitest";

import { historyOf } from "../src/changes";
import { back, next, out, outBack, over, previous } from "../src/cursor";
import { Passes } from "../src/passes";
import { golden, NAMES, recordingOf } from "./golden";

const MOVES = { over, out, back, out_back: outBack } as const;

describe.each(NAMES)("%s", (name: string) => {
  const { expected, head } = golden(name);
  const positions = Array.from({ length: head.kept + 1 }, (_, position) => position);

  test.each(["over", "out", "back", "out_back"] as const)("%s leads where Python's leads", async (move) => {
    const recording = await recordingOf(name);
    expect(positions.map((position) => MOVES[move](recording, position))).toEqual(expected.moves[move]);
  });

  test("next and previous undo each other inside the run", async () => {
    const recording = await recordingOf(name);
    for (const position of positions.slice(1)) expect(next(recording, previous(recording, position))).toBe(position);
    expect(next(recording, head.kept)).toBe(head.kept);
    expect(previous(recording, 0)).toBe(0);
  });

  test("passes are counted as Python counts them", async () => {
    const passes = new Passes(await recordingOf(name));
    const told = positions.map((position) =>
      passes.at(position).map(({ run, current }) => ({ line: run.loop[1], current, starts: run.starts })),
    );
    expect(told).toEqual(expected.passes);
  });

  test("a variable's changes are found through every alias", async () => {
    const recording = await recordingOf(name);
    for (const { frame, name: variable, steps } of expected.changes)
      expect([variable, (await historyOf(recording, frame, variable)).steps]).toEqual([variable, steps]);
  });
});

test("a search for changes that was called off ends at once", async () => {
  const recording = await recordingOf("recursion");
  const signal = AbortSignal.abort();
  await expect(historyOf(recording, 0, "answer", { signal })).rejects.toThrow(/abort/i);
});

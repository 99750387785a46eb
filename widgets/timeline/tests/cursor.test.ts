/** Moves over random columns lead where their definition says. */

import { describe, expect, test } from "vitest";

import { back, next, out, outBack, over, previous } from "../src/cursor";
import type { Recording } from "../src/recording";
import { dice, made, type MadeStep } from "./made";

const FRAMES = 12;
const STEPS = 150;

interface Run {
  recording: Recording;
  steps: MadeStep[];
  threads: number[];
}

async function run(seed: number): Promise<Run> {
  const die = dice(seed);
  const threads = Array.from({ length: FRAMES }, () => die(2));
  const depths = threads.map(() => die(4));
  const steps = Array.from({ length: STEPS }, (): MadeStep => {
    const frame = die(FRAMES);
    return { event: "line", frame, depth: depths[frame] ?? 0, deltas: [] };
  });
  return { recording: await made(steps, threads, { size: 64, keyed: 1, keyOf: () => [] }), steps, threads };
}

/** The steps at which a move from `position` may end, by its definition. */
function ends({ steps, threads }: Run, position: number, sameFrame: boolean): number[] {
  const here = steps[position];
  return steps.flatMap(({ frame, depth }, step) => {
    if (!here || step === position || threads[frame] !== threads[here.frame]) return [];
    const isOutermost = depth === 0 && frame !== here.frame;
    return depth < here.depth || isOutermost || (sameFrame && frame === here.frame) ? [step] : [];
  });
}

describe.each([1, 2, 3, 4])("random run %i", (seed) => {
  test("over and out lead to the first such step ahead, else to the end", async () => {
    const random = await run(seed);
    for (let position = 0; position < STEPS; position++) {
      const ahead = (sameFrame: boolean) => ends(random, position, sameFrame).find((step) => step > position) ?? STEPS;
      expect([position, over(random.recording, position)]).toEqual([position, ahead(true)]);
      expect([position, out(random.recording, position)]).toEqual([position, ahead(false)]);
    }
  });

  test("back and out back lead to the last such step behind, else to the beginning", async () => {
    const random = await run(seed);
    for (let position = 0; position < STEPS; position++) {
      const behind = (sameFrame: boolean) => ends(random, position, sameFrame).filter((step) => step < position).at(-1) ?? 0;
      expect([position, back(random.recording, position)]).toEqual([position, behind(true)]);
      expect([position, outBack(random.recording, position)]).toEqual([position, behind(false)]);
    }
  });

  test("no move leaves the run, and next undoes previous", async () => {
    const { recording } = await run(seed);
    for (const move of [over, out, next]) expect(move(recording, STEPS)).toBe(STEPS);
    for (const move of [back, outBack, previous]) expect(move(recording, 0)).toBe(0);
    for (let position = 1; position <= STEPS; position++) expect(next(recording, previous(recording, position))).toBe(position);
  });
});

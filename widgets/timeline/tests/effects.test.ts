/** What a line did is told as Python tells it. */

import { describe, expect, test } from "vitest";

import { effectsOf, loadEffects } from "../src/effects";
import { golden, NAMES, recordingOf } from "./golden";

describe.each(NAMES)("%s", (name: string) => {
  const { expected } = golden(name);

  test("every line's values, changes and ending", async () => {
    const recording = await recordingOf(name);
    for (const [step, row] of expected.rows.entries()) {
      await loadEffects(recording, step);
      const effects = effectsOf(recording, step);
      expect([step, effects?.computed.map(({ source, text }) => [source, text])]).toEqual([step, row.computed]);
      const told = effects?.changes.map(({ target, text, seen, remark }) => [target, text, seen, remark]);
      expect([step, told]).toEqual([step, row.changes]);
      if (row.value) expect([step, effects?.ending?.text]).toEqual([step, row.value]);
    }
  });
});

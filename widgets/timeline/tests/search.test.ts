/** Search, the call tree and failing expressions. */

import { describe, expect, test } from "vitest";

import { CallTree } from "../src/calls";
import { failingSpan } from "../src/failing";
import { search, type Hit } from "../src/search";
import { golden, NAMES, recordingOf } from "./golden";

async function hits(name: string, word: string): Promise<Hit[]> {
  const found: Hit[] = [];
  for await (const hit of search(await recordingOf(name), word)) found.push(hit);
  return found;
}

test("a word is found in every step that runs a line with it", async () => {
  const recording = await recordingOf("nested_loops");
  const found = (await hits("nested_loops", "CONTINUE")).map(({ step, field }) => [recording.line(step), field]);
  expect(found).toEqual([[5, "line"]]);
});

test("names and values are found at the step that made them", async () => {
  const recording = await recordingOf("recursion");
  const named = (await hits("recursion", "answer")).filter(({ field }) => field === "name");
  expect(named.map(({ step }) => recording.line(step))).toEqual([6]);
  const valued = (await hits("aliases", "'one'")).filter(({ field }) => field === "value");
  expect(valued).toHaveLength(1);
});

test("nothing is found of nothing", async () => {
  expect(await hits("recursion", "")).toEqual([]);
});

describe.each(NAMES)("%s", (name: string) => {
  test("the call tree has every frame under its parent, once", async () => {
    const recording = await recordingOf(name);
    const tree = new CallTree(recording);
    const calls = Array.from({ length: recording.frames }, (_, frame) => frame).filter((frame) => recording.code(frame)[0] !== "globals");
    const found = [-1, ...calls].flatMap((parent) => [...tree.children(parent)].map((child) => [child, recording.parent(child)]));
    expect(found.map(([child]) => child).sort((one, other) => (one ?? 0) - (other ?? 0))).toEqual(calls);
    for (const [child, parent] of found) expect(tree.path(child ?? 0).at(-2) ?? -1).toBe(parent);
  });
});

test("the expression that failed is the innermost that has no value though its operands have", async () => {
  const recording = await recordingOf("exceptions");
  const source = golden("exceptions").head.sources[0];
  const failed = [];
  for (let step = 0; step < recording.steps; step++) {
    await recording.load(step);
    const span = failingSpan(recording, step);
    if (span && source) failed.push(source.text.split("\n")[span[1] - 1]?.slice(span[2], span[4]));
  }
  expect(failed).toEqual(["int(text)", "parse(text)", "len(text) // 0"]);
});

/** What Python says of a recording, TypeScript says too. */

import { describe, expect, test } from "vitest";

import type { HeapObject } from "../src/model";
import type { Recording } from "../src/recording";
import { reachable, type Snapshot, type Variables } from "../src/replay";
import { Stacks } from "../src/stack";
import { show } from "../src/values";
import { golden, NAMES, recordingOf } from "./golden";

/** The part of a snapshot that is in sight at a position: live frames, and the objects that they reach. */
function inSight(
  recording: Recording,
  snapshot: Snapshot,
  position: number,
): { frames: ReadonlyMap<number, Variables>; heap: ReadonlyMap<number, HeapObject> } {
  const frames = new Map([...snapshot.frames].filter(([frame]) => recording.isThere(frame, position)));
  const values = [...frames.values()].flatMap((variables) => [...variables.values()]);
  const value = recording.value(position);
  return { frames, heap: reachable(snapshot.heap, value ? [...values, value] : values) };
}

async function told(name: string, positions: number[]) {
  const recording = await recordingOf(name);
  const snapshots = [];
  for (const position of positions) {
    await recording.load(position);
    const whole = recording.snapshot(position);
    if (!whole) throw new Error(`position ${position} is not loaded`);
    const { frames, heap } = inSight(recording, whole, position);
    snapshots.push({
      frames: Object.fromEntries(
        Array.from({ length: recording.frames }, (_, frame) => frame)
          .filter((frame) => recording.isThere(frame, position))
          .map((frame) => [frame, [...(frames.get(frame) ?? [])].map(([variable, value]) => [variable, show(value, heap)])]),
      ),
      objects: Object.fromEntries(
        [...heap.values()].map((seen) => [
          seen.id,
          [seen.kind, seen.type, seen.length, seen.cut, show({ kind: "ref", id: seen.id }, heap)],
        ]),
      ),
    });
  }
  return snapshots;
}

describe.each(NAMES)("%s", (name) => {
  const expected = golden(name).expected.snapshots.map(({ frames, objects }) => ({ frames, objects }));
  const forwards = expected.map((_, position) => position);

  test("every state is the one that Python rebuilds", async () => {
    expect(await told(name, forwards)).toEqual(expected);
  });

  test("states are the same in whatever order they are asked for", async () => {
    const backwards = [...forwards].reverse();
    expect((await told(name, backwards)).reverse()).toEqual(expected);
  });

  test("every stack is the one that Python tells", async () => {
    const stacks = new Stacks(await recordingOf(name));
    expect(forwards.map((position) => stacks.at(position))).toEqual(golden(name).expected.snapshots.map(({ stack }) => stack));
  });
});

test("a state that was handed out stays as it was", async () => {
  const recording = await recordingOf("aliases");
  await recording.load(0);
  const early = recording.snapshot(12);
  const before = JSON.stringify([...(early?.heap.values() ?? [])]);
  recording.snapshot(14);
  await recording.load(recording.steps);
  recording.snapshot(recording.steps);
  expect(JSON.stringify([...(early?.heap.values() ?? [])])).toBe(before);
});

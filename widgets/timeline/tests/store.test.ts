/** The store: moves and the way back, moments that never show another one's values, play, choices. */

import { deflateSync, inflateSync } from "node:zlib";

import { describe, expect, it, vi } from "vitest";

import type { Host } from "../src/host";
import type { Chunk } from "../src/packed";
import type { Clock } from "../src/player";
import { Recording } from "../src/recording";
import { Store, type Options } from "../src/store";
import { golden, hostOf, NAMES } from "./golden";

/** A clock that goes on when it is told to. */
class HandClock implements Clock {
  private waiting: { then: () => void }[] = [];

  after(_milliseconds: number, then: () => void): () => void {
    const one = { then };
    this.waiting.push(one);
    return () => (this.waiting = this.waiting.filter((other) => other !== one));
  }

  /** Let all that waits come due. */
  tick(): void {
    for (const { then } of this.waiting.splice(0)) then();
  }

  get isIdle(): boolean {
    return this.waiting.length === 0;
  }
}

async function storeOf(name: string, options: Options = {}): Promise<Store> {
  const recording = await Recording.open(hostOf(golden(name)));
  for (let position = 0; position <= recording.steps; position += recording.head.chunk) await recording.load(position);
  return new Store(recording, { clock: new HandClock(), ...options });
}

/** Wait until what was asked for has come. */
async function settled(done: () => boolean): Promise<void> {
  await vi.waitFor(() => expect(done()).toBe(true), { timeout: 5_000, interval: 5 });
}

describe("moves", () => {
  it.each(NAMES)("step over, and then back, is where one was, from everywhere: %s", async (name) => {
    const store = await storeOf(name);
    for (let position = 0; position < store.steps; position++) {
      for (const forward of ["over", "into", "out"] as const) {
        store.goTo(position);
        store.do(forward);
        store.do("back");
        expect(store.position.value).toBe(position);
      }
    }
    store.dispose();
  });

  it("takes a whole walk forward back, step by step", async () => {
    const store = await storeOf("recursion");
    const walked = [store.position.value];
    for (const move of ["over", "into", "into", "over", "out", "over"] as const) {
      store.do(move);
      walked.push(store.position.value);
    }
    for (const position of walked.reverse().slice(1)) {
      store.do("back");
      expect(store.position.value).toBe(position);
    }
  });

  it("forgets the way when another move is made", async () => {
    const store = await storeOf("recursion");
    store.goTo(4);
    store.do("into");
    store.do("next");
    store.do("back");
    expect(store.position.value).not.toBe(4);
  });

  it("stays within the run, whatever is asked for", async () => {
    const onStep = vi.fn();
    const store = await storeOf("recursion", { onStep });
    for (const [asked, expected] of [[-5, 0], [1e9, store.steps], [3.7, 3], [Number.NaN, 0]] as const) {
      store.goTo(asked);
      expect(store.position.value).toBe(expected);
    }
    store.do("first");
    onStep.mockClear();
    store.do("previous");
    expect(onStep).not.toHaveBeenCalled();
  });

  it("tells the host of a person's move, and not of the host's own", async () => {
    const onStep = vi.fn();
    const store = await storeOf("recursion", { onStep });
    store.showStep(7);
    expect(store.position.value).toBe(7);
    expect(onStep).not.toHaveBeenCalled();
    store.do("next");
    expect(onStep.mock.calls).toEqual([[8]]);
  });

  it("runs to the next visit of a line and back to the one before", async () => {
    const store = await storeOf("recursion");
    store.runTo(0, 3, true);
    const first = store.position.value;
    store.runTo(0, 3, true);
    expect(store.recording.line(store.position.value)).toBe(3);
    expect(store.position.value).toBeGreaterThan(first);
    store.runTo(0, 3, false);
    expect(store.position.value).toBe(first);
  });
});

describe("a typed place", () => {
  it("is a step, or with a colon a line, ahead if it can be and else behind", async () => {
    const store = await storeOf("recursion");
    store.goToTyped(" 1,2 ");
    expect(store.position.value).toBe(12);
    store.goToTyped(":3");
    expect([store.recording.line(store.position.value), store.position.value > 12]).toEqual([3, true]);
    store.goToTyped(":6");
    expect(store.recording.line(store.position.value)).toBe(6);
    store.goToTyped("nonsense");
    expect(store.recording.line(store.position.value)).toBe(6);
  });
});

describe("moments", () => {
  it.each(NAMES)("shows the variables that Python shows, at every position: %s", async (name) => {
    const { expected } = golden(name);
    const store = await storeOf(name);
    for (const [position, told] of expected.snapshots.entries()) {
      await store.recording.load(position);
      store.goTo(position);
      store.retry();
      const { frames, isReady } = store.moment.value;
      expect(isReady).toBe(true);
      for (const frame of frames) {
        const shown = frame.variables.filter((variable) => variable.value).map((variable) => [variable.name, variable.text]);
        expect(shown).toEqual(told.frames[frame.id]);
      }
    }
  });

  it("marks what a step changed and says what it was", async () => {
    const store = await storeOf("nested_loops");
    const marks: string[] = [];
    for (let position = 1; position <= store.steps; position++) {
      await store.recording.load(position - 1);
      await store.recording.load(position);
      store.goTo(position);
      for (const { name, change, was, text } of store.moment.value.frames.flatMap((frame) => frame.variables)) {
        if (name === "total" && change) marks.push(`${change} ${was} ${text}`);
      }
    }
    expect(marks.slice(0, 3)).toEqual(["new  0", "changed 0 1", "changed 1 3"]);
  });

  it("shows no value of another position while its own have not come", async () => {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const base = hostOf(golden("recursion"));
    const host: Host = { ...base, chunk: async (k) => (k > 0 && (await gate), base.chunk(k)) };
    const recording = await Recording.open(host);
    await recording.load(0);
    const store = new Store(recording, { clock: new HandClock() });
    store.goTo(20);
    expect(store.moment.value).toMatchObject({ position: 20, isReady: false });
    const values = () => store.moment.value.frames.flatMap((frame) => frame.variables.map((variable) => variable.value));
    expect(values().filter(Boolean)).toEqual([]);
    release();
    await settled(() => store.moment.value.isReady);
    expect(store.moment.value.frames[0]?.variables[0]?.text).toBeDefined();
  });

  it("tells what to do where values can't be had, and asks again", async () => {
    const base = hostOf(golden("recursion"));
    let isGone = true;
    const chunk = (k: number) => (k > 0 && isGone ? Promise.reject(new Error("The kernel is gone: run the cell again.")) : base.chunk(k));
    const recording = await Recording.open({ ...base, chunk });
    const store = new Store(recording, { clock: new HandClock() });
    store.goTo(20);
    await settled(() => store.problem.value !== "");
    expect(store.problem.value).toBe("The kernel is gone: run the cell again.");
    isGone = false;
    store.retry();
    await settled(() => store.moment.value.isReady);
    expect(store.problem.value).toBe("");
  });

  it("shows a chunk anew when the host has a fuller one", async () => {
    const base = hostOf(golden("recursion"));
    const whole = JSON.parse(inflateSync(await base.chunk(0)).toString()) as Chunk;
    const early = new Uint8Array(deflateSync(JSON.stringify({ ...whole, entries: [] })));
    let isFuller = false;
    const recording = await Recording.open({ ...base, chunk: (k) => (k > 0 || isFuller ? base.chunk(k) : Promise.resolve(early)) });
    await recording.load(0);
    const store = new Store(recording, { clock: new HandClock() });
    store.goTo(whole.entries[0]?.[0] ?? -1);
    const computed = () => store.moment.value.doing.facts.filter(({ kind }) => kind === "computed");
    expect(computed()).toEqual([]);
    isFuller = true;
    await store.renew(0);
    expect(computed()).not.toEqual([]);
  });

  it("says at the last step that is here why it is not the end", async () => {
    const whole = golden("recursion");
    const head = { ...whole.head, kept: whole.head.chunk, cut: "The page keeps 16 steps." };
    const recording = await Recording.open(hostOf({ ...whole, head, chunks: whole.chunks.slice(0, 1) }));
    await recording.load(0);
    const store = new Store(recording, { clock: new HandClock() });
    store.do("last");
    expect(store.position.value).toBe(16);
    expect(store.moment.value.doing.title).toBe("The last step that is here: The page keeps 16 steps.");
    const rows = store.calls.rows.value;
    expect(rows.slice(0, rows.count).rows.every((row) => row.start < 16)).toBe(true);
    expect(store.reading.visits?.of(0, 2).every((step) => step < 16)).toBe(true);
  });

  it("tells a screen reader the line and what changed", async () => {
    const store = await storeOf("nested_loops");
    const spoken: string[] = [];
    for (let position = 0; position < 8; position++) {
      store.goTo(position);
      spoken.push(store.moment.value.spoken);
    }
    expect(spoken).toContain("line 2 of the module: total is 0");
  });
});

describe("play", () => {
  it("takes steps by the clock and stops at the end", async () => {
    const clock = new HandClock();
    const store = await storeOf("early_return", { clock });
    store.do("play");
    for (let turn = 0; turn < 500 && store.playing.value; turn++) clock.tick();
    expect(store.position.value).toBe(store.steps);
    expect(store.playing.value).toBe(false);
  });

  it("is paused by a move", async () => {
    const clock = new HandClock();
    const store = await storeOf("recursion", { clock });
    store.do("play");
    clock.tick();
    store.do("over");
    expect(store.playing.value).toBe(false);
    const here = store.position.value;
    clock.tick();
    expect(store.position.value).toBe(here);
  });

  it("offers calm speeds only to those who asked for less motion", async () => {
    const store = await storeOf("recursion", { reducedMotion: true });
    expect(Math.max(...store.speeds)).toBeLessThanOrEqual(2);
    expect(store.speed.value).toBe(1);
  });
});

describe("choices", () => {
  it("goes from change to change of the chosen variable, as Python counts them", async () => {
    const { expected } = golden("nested_loops");
    const store = await storeOf("nested_loops");
    const wanted = expected.changes.find((change) => change.name === "total");
    if (!wanted) throw new Error("expected changes of total in the golden file");
    store.choosing.choose(wanted.frame, "total");
    await settled(() => store.choosing.shown.value?.countText.includes("of") === true && store.marks.value.changes.length > 0);
    const visited: number[] = [];
    store.goTo(0);
    for (let turn = 0; turn < wanted.steps.length; turn++) {
      store.do("nextChange");
      visited.push(store.position.value);
    }
    expect(visited).toEqual(wanted.steps.filter((step) => step > 0));
    store.do("previousChange");
    expect(store.position.value).toBe(wanted.steps.at(-2));
  });

  it("picks a pass of a loop, and its neighbours", async () => {
    const store = await storeOf("nested_loops");
    store.goTo(4);
    const outer = store.loops.passes.value[0];
    if (!outer) throw new Error("expected a loop at step 4");
    expect(outer.label).toBe("for row");
    store.goToPass(outer, 1);
    expect(store.position.value).toBe(outer.starts[1]);
    expect(store.loops.passes.value[0]?.current).toBe(1);
    store.do("previousPass");
    expect(store.position.value).toBe(outer.starts[0]);
  });

  it("keeps what is open while one steps", async () => {
    const store = await storeOf("aliases");
    store.toggleOpen("globals __main__/a");
    store.do("over");
    expect(store.isOpen("globals __main__/a")).toBe(true);
    store.showMore("globals __main__/a");
    expect(store.pagesOf("globals __main__/a")).toBe(2);
    store.toggleOpen("globals __main__/a");
    expect(store.isOpen("globals __main__/a")).toBe(false);
  });

  it("shows one object with all its names", async () => {
    const store = await storeOf("aliases");
    store.do("last");
    await store.recording.load(store.steps);
    store.retry();
    const { frames, isShared, waysTo } = store.moment.value;
    const a = frames.flatMap((frame) => frame.variables).find((variable) => variable.name === "a")?.value;
    if (a?.kind !== "ref") throw new Error("expected a list named a");
    expect(isShared(a.id)).toBe(true);
    expect(waysTo(a.id)).toEqual(expect.arrayContaining(["a", "b"]));
  });

  it("finds a word, counts the hits and goes from one to the next", async () => {
    const store = await storeOf("recursion");
    store.search("return n");
    await settled(() => store.hitsText.value.includes("hit"));
    const positions = store.found.value.map((hit) => hit.position);
    expect(positions).toEqual([...positions].sort((one, other) => one - other));
    store.do("nextHit");
    expect(store.position.value).toBe(positions[0]);
    expect(store.hitsText.value).toBe(`1 of ${positions.length} hits`);
    store.search("");
    expect(store.found.value).toEqual([]);
  });

  it("shows what was written up to a position, and what is new there", async () => {
    const store = await storeOf("nested_loops");
    const [, at] = store.head.outputs[0] ?? [0, 0];
    store.goTo(at - 1);
    expect(store.output.written.value.pieces).toEqual([]);
    store.goTo(at);
    expect(store.output.written.value.pieces.map((piece) => piece.isNew)).toContain(true);
    store.goTo(at + 1);
    expect(store.output.written.value.pieces.some((piece) => piece.isNew)).toBe(false);
    store.do("last");
    expect(store.output.written.value.pieces.map((piece) => piece.text).join("")).toBe(store.head.outputs.map((output) => output[3]).join(""));
  });

  it("lists the calls on the way to where one is", async () => {
    const store = await storeOf("recursion");
    store.goTo(12);
    const rows = store.calls.rows.value;
    const shown = rows.slice(0, rows.count).rows;
    const onPath = shown.filter((row) => row.isOnPath).map((row) => row.frame);
    expect(onPath).toEqual(store.reading.stacks.at(12));
    expect(shown[rows.here]?.frame).toBe(store.recording.frame(12));
  });
});

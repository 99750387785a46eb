/** The pure parts of the views: keys, the strip of the run, visits of lines, pieces of a line, themes. */

import { describe, expect, it } from "vitest";

import { brief, grouped } from "../src/counting";
import { commandOf, KEY_GROUPS } from "../src/keys";
import { columnOf, depthProfile, markedColumns, positionAt } from "../src/overview";
import { CSS } from "../src/styles";
import { themeOf } from "../src/theme";
import { piecesOf } from "../src/views/text";
import type { Columns } from "../src/packed";
import { Visits } from "../src/visits";
import { recordingOf } from "./golden";
import { Reading } from "../src/reading";

const plain = { shiftKey: false, ctrlKey: false, metaKey: false, altKey: false };

describe("keys", () => {
  it("leaves keys with Ctrl, Meta and Alt alone", () => {
    for (const held of ["ctrlKey", "metaKey", "altKey"] as const) {
      expect(commandOf({ ...plain, [held]: true, key: "ArrowRight" })).toBeUndefined();
    }
  });

  it("knows every key of the help sheet, and none twice", () => {
    const keys = KEY_GROUPS.flatMap((group) => group.lines.flatMap((line) => line.keys));
    expect(new Set(keys).size).toBe(keys.length);
    for (const { lines } of KEY_GROUPS)
      for (const { command, keys: own } of lines)
        for (const key of own) {
          const name = key.replace("Shift+", "");
          expect(commandOf({ ...plain, key: name, shiftKey: key !== name })).toBe(command);
        }
  });

  it("takes characters as they are typed, with the shift that they need", () => {
    expect(commandOf({ ...plain, key: "?", shiftKey: true })).toBe("help");
    expect(commandOf({ ...plain, key: "N", shiftKey: true })).toBe("previousHit");
    expect(commandOf({ ...plain, key: "Enter", shiftKey: true })).toBe("out");
    expect(commandOf({ ...plain, key: "ArrowRight", shiftKey: true })).toBeUndefined();
  });
});

describe("the strip", () => {
  it("keeps the deepest step of every column, of long and of short runs", () => {
    for (const [steps, width] of [[1000, 70], [10, 70], [70, 70], [1, 5]] as const) {
      const depth = Array.from({ length: steps }, (_, step) => (step * 7919) % 13);
      const profile = depthProfile(depth, steps, width);
      for (let step = 0; step < steps; step++) {
        const column = Math.floor(columnOf(step, steps, width));
        expect(Math.max(profile[column] ?? 0, profile[column - 1] ?? 0)).toBeGreaterThanOrEqual(depth[step] ?? 0);
      }
      expect(Math.max(...profile)).toBe(Math.max(...depth));
    }
  });

  it("finds the position under every column, and the ends at the edges", () => {
    for (const steps of [3, 700, 1_000_000]) {
      expect(positionAt(0, steps, 700)).toBe(0);
      expect(positionAt(699, steps, 700)).toBe(steps);
      for (let x = 1; x < 699; x += 13) {
        const position = positionAt(x, steps, 700);
        expect(columnOf(position, steps, 700)).toBeLessThanOrEqual(x + 1e-9);
        expect(columnOf(position + 1, steps, 700)).toBeGreaterThan(x - 1e-9);
      }
    }
  });

  it("marks a column once, however many positions lie in it", () => {
    const positions = Array.from({ length: 10_000 }, (_, place) => place * 100);
    const marked = markedColumns(positions, 1_000_000, 500);
    expect(marked.length).toBeLessThanOrEqual(500);
    expect(new Set(marked).size).toBe(marked.length);
  });
});

describe("visits of lines", () => {
  it.each(["nested_loops", "recursion", "generators"])("are those that the columns tell: %s", async (name) => {
    const recording = await recordingOf(name);
    const { visits } = new Reading(recording);
    const steps = Array.from({ length: recording.steps }, (_, step) => step).filter((step) => recording.event(step) === "line");
    for (let line = 1; line < 30; line++) {
      const expected = steps.filter((step) => recording.line(step) === line && recording.code(recording.frame(step))[2] === 0);
      expect([...(visits?.of(0, line) ?? [])]).toEqual(expected);
      expect(visits?.count(0, line, 10)).toEqual([expected.filter((step) => step < 10).length, expected.length]);
      expect(visits?.near(0, line, 10, true)).toBe(expected.find((step) => step > 10) ?? -1);
      expect(visits?.near(0, line, 10, false)).toBe(expected.filter((step) => step < 10).at(-1) ?? -1);
    }
  });
});

describe("a source whose text could not be had", () => {
  it("lends none of its visits to the next one", () => {
    const column = (...numbers: number[]) => Uint8Array.from(numbers);
    const none = column(0, 0);
    const columns: Columns = {
      line: column(7, 2, 7), event: column(1, 1, 1), frame: column(0, 1, 0), depth: none, frame_code: column(0, 1),
      frame_parent: none, frame_globals: none, frame_start: none, frame_end: none, frame_thread: none,
    };
    const counting = Visits.counting([1, 9], Int32Array.of(0, 1), 1, columns, 3);
    let turn = counting.next();
    while (!turn.done) turn = counting.next();
    expect([1, 2, 3, 4, 5, 6, 7].map((line) => [...((turn.done ? turn.value : null)?.of(1, line) ?? [])])).toEqual([[], [1], [], [], [], [], []]);
  });
});

describe("a line of code", () => {
  it("is cut at tokens and marks, and nothing of it is lost", () => {
    const text = "total = xs[0] / 0";
    const tokens = [0, 6, 6, 1, 0, 4, 4, 1, 0, 2, 6, 1, 0, 1, 4, 1];
    const pieces = piecesOf(text, tokens, 0, [[8, 17, "m-fail"], [8, 10, "m-point"]]);
    expect(pieces.map(([piece]) => piece).join("")).toBe(text);
    const marked = pieces.filter(([, classes]) => classes.includes("m-fail")).map(([piece]) => piece);
    expect(marked.join("")).toBe("xs[0] / 0");
  });

  it("is never longer than a page can bear", () => {
    const text = "x".repeat(1_000_000);
    const pieces = piecesOf(text, [3, 1_000_000], 0, []);
    expect(pieces.map(([piece]) => piece).join("").length).toBeLessThan(10_000);
  });
});

describe("numbers", () => {
  it("are grouped, or told in little room", () => {
    expect([1, 999, 1000, 1004661].map(grouped)).toEqual(["1", "999", "1,000", "1,004,661"]);
    expect([0, 9999, 10_000, 191_510, 999_499, 1_004_661].map(brief)).toEqual(["0", "9999", "10k", "192k", "999k", "1.00M"]);
  });
});

describe("the theme", () => {
  /** As much of an element as is looked at. */
  const element = (dataset: Record<string, string>, classes: readonly string[] = []) =>
    ({ dataset, classList: { contains: (name: string) => classes.includes(name) } }) as unknown as HTMLElement;

  it.each([
    [{ theme: "contrast" }, [], { jpThemeLight: "true" }, false, "contrast"],
    [{}, [], { jpThemeLight: "true" }, false, "light"],
    [{}, [], { jpThemeLight: "false" }, false, "dark"],
    [{}, ["vscode-dark"], {}, false, "dark"],
    [{}, ["vscode-light"], {}, false, "light"],
    [{}, ["vscode-high-contrast"], {}, false, "contrast"],
    [{}, ["vscode-high-contrast", "vscode-high-contrast-light"], {}, false, "light"],
    [{}, [], {}, true, "contrast"],
    [{ theme: "no such" }, [], {}, false, ""],
  ] as const)("of %j in a page with %j %j is told", (root, classes, dataset, wantsContrast, expected) => {
    expect(themeOf(element({ ...root }), element({ ...dataset }, classes), wantsContrast)).toBe(expected);
  });
});

describe("the style sheet", () => {
  it("closes all that it opens, loads nothing, and knows reduced motion and forced colours", () => {
    expect(CSS.split("{").length).toBe(CSS.split("}").length);
    expect(CSS).not.toMatch(/url\(|@import/);
    expect(CSS).toContain("prefers-reduced-motion");
    expect(CSS).toContain("forced-colors");
    expect(CSS).toContain("@container");
  });
});

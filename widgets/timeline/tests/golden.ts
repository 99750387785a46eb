/** The golden files that Python writes, as recordings. */

import { readFileSync, readdirSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

import type { Host } from "../src/host";
import type { Head } from "../src/packed";
import { Recording } from "../src/recording";

const FOLDER = resolve(fileURLToPath(new URL(".", import.meta.url)), "../../../tests/golden/timeline");

interface Told {
  stack: number[];
  frames: Record<string, [name: string, text: string][]>;
  objects: Record<string, [kind: string, type: string, length: number, cut: string, text: string]>;
}

export interface Golden {
  head: Head;
  columns: string;
  chunks: string[];
  expected: {
    snapshots: Told[];
    rows: { computed: [string, string][]; changes: [string, string, number, string][]; value: string }[];
    moves: Record<"over" | "out" | "back" | "out_back", number[]>;
    passes: { line: number; current: number; starts: number[] }[][];
    changes: { frame: number; name: string; steps: number[] }[];
  };
}

export const NAMES = readdirSync(FOLDER).map((file) => file.replace(".json", ""));

export function golden(name: string): Golden {
  return JSON.parse(readFileSync(resolve(FOLDER, `${name}.json`), "utf-8")) as Golden;
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, "base64"));
}

/** A host with everything at hand. */
export function hostOf({ head, columns, chunks }: Golden, initialStep = 0): Host {
  return {
    head,
    initialStep,
    columns: () => Promise.resolve(bytesOf(columns)),
    has: (k) => k in chunks,
    onFuller: () => () => {},
    chunk: (k) => Promise.resolve(bytesOf(chunks[k] ?? "")),
    onStep: () => () => {},
    stepChanged: () => {},
  };
}

export async function recordingOf(name: string): Promise<Recording> {
  return Recording.open(hostOf(golden(name)));
}

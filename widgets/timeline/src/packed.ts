/**
 * A recording as it was packed: its types, and how the bytes become numbers and rows.
 *
 * `cotrace_widgets/packing.py` writes this format and describes it whole.
 */

import type { FrameKind, OutcomeKind } from "./model";

export interface Source {
  name: string;
  /** Lines end with a line feed only. */
  text: string;
  /** For each line: class, length in UTF-16 units, class, length ... */
  tokens: number[][];
  spans: Span[];
  loops: Loop[];
  /** The lines worth showing: of a function's file the code that ran. */
  first: number;
  last: number;
}

/** A sub-expression: lines count from 1, columns are UTF-16 units from 0. */
export type Span = [kind: string, line: number, column: number, endLine: number, endColumn: number, role: string, parent: number];

export type Loop = [kind: "for" | "while", headerLine: number, headerEndLine: number, bodyLine: number, lastLine: number];

export type Code = [kind: FrameKind, name: string, source: number, line: number];

/** Text that was written: 0 is stdout, 1 is stderr. `at` is how many steps had been recorded by then. */
export type Output = [step: number, at: number, stream: 0 | 1, text: string, cut: 0 | 1];

export interface Head {
  format: 1;
  call: string;
  ending: string;
  steps: number;
  /** So many steps are here; `cut` says why not all. */
  kept: number;
  cut: string;
  chunk: number;
  python: string;
  engine: string;
  warnings: string[];
  outcome: { kind: OutcomeKind; exception: string; message: string };
  sources: Source[];
  codes: Code[];
  outputs: Output[];
  columns: [name: string, type: ColumnType, length: number][];
}

export type ColumnType = "u8" | "u16" | "i32";
export type Column = Uint8Array | Uint16Array | Uint32Array | Int32Array;

export interface Columns {
  line: Column;
  event: Column;
  frame: Column;
  depth: Column;
  frame_code: Column;
  frame_parent: Column;
  frame_globals: Column;
  frame_start: Column;
  frame_end: Column;
  frame_thread: Column;
}

// --- rows of a chunk, as `model/codec.py` writes them ---------------------------------------------------------------

/** A string, or its pieces where two of them would melt into one character. */
export type RawText = string | string[];
export type RawValue = number | null | boolean | string | [number] | [RawText, RawText] | { atom: number };
export type RawObject = [number, string, RawText, RawParts];
export interface RawParts {
  elements?: RawValue[];
  entries?: [RawValue, RawValue][];
  attributes?: [RawText, RawValue][];
  length?: number;
  positions?: number[];
  cut?: RawText;
  text?: RawText;
}
export type RawDelta =
  | ["bind", number | null, number, RawText, RawValue]
  | ["unbind", number | null, number, RawText]
  | ["appear" | "become", number | null, RawObject]
  | ["set_element", number | null, number, number, RawValue]
  | ["splice", number | null, number, number, number, RawValue[]]
  | ["set_entry", number | null, number, RawValue, RawValue]
  | ["delete_entry", number | null, number, RawValue]
  | ["set_attribute", number | null, number, RawText, RawValue]
  | ["delete_attribute", number | null, number, RawText];
export type RawEntry = [place: number, source: number, span: number, value: RawValue, ahead: number, objects?: RawObject[]];
export type RawAtom = [type: RawText, text: RawText, length?: number];

export interface Chunk {
  follows: boolean;
  key: RawDelta[];
  steps: (0 | RawDelta[])[];
  values: [place: number, value: RawValue][];
  entries: RawEntry[];
  atoms: RawAtom[];
  final?: RawDelta[];
  result?: RawValue;
}

// --- reading --------------------------------------------------------------------------------------------------------

/** Return what a zlib stream holds. */
export async function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}

const ARRAYS = { u8: Uint8Array, u16: Uint16Array, i32: Int32Array } as const;

/** Return the columns of steps and frames. Raises an Error where the block is not what the head says. */
export async function readColumns(head: Head, bytes: Uint8Array<ArrayBuffer>): Promise<Columns> {
  const content = await inflate(bytes);
  const columns: Partial<Record<string, Column>> = {};
  let place = 0;
  for (const [name, type, length] of head.columns) {
    const column = new ARRAYS[type](content, place, length);
    columns[name] = column;
    place += Math.ceil(column.byteLength / 4) * 4;
  }
  const missing = COLUMN_NAMES.filter((name) => !columns[name]);
  if (missing.length) throw new Error(`expected the columns ${missing.join(", ")} in the recording, found none`);
  return columns as unknown as Columns;
}

const COLUMN_NAMES = [
  "line", "event", "frame", "depth",
  "frame_code", "frame_parent", "frame_globals", "frame_start", "frame_end", "frame_thread",
] as const satisfies readonly (keyof Columns)[];

/** Return what a chunk holds, and the size of its text. */
export async function readChunk(bytes: Uint8Array<ArrayBuffer>): Promise<{ chunk: Chunk; size: number }> {
  const text = new TextDecoder().decode(await inflate(bytes));
  return { chunk: JSON.parse(text) as Chunk, size: text.length };
}

/** Return a text from its pieces. */
export function textOf(raw: RawText): string {
  return typeof raw === "string" ? raw : raw.join("");
}

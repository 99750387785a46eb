/**
 * Search a run for a word: in its lines, its names and its values.
 *
 * Lines answer at once, from the columns. For names and values all chunks are read, a little at a time, and hits are
 * handed over as they are found; a page that shows a million steps stays alive meanwhile.
 */

import { pacer, type Progress } from "./changes";
import { EVENTS } from "./model";
import { textOf, type Chunk, type RawDelta, type RawValue } from "./packed";
import type { Recording } from "./recording";
import type { Values } from "./replay";

export type Field = "line" | "name" | "value";

export interface Hit {
  /** The step whose line is meant: the one that is written so, or that bound the name or made the value. */
  readonly step: number;
  readonly field: Field;
  /** What was found, as the program has it: not safe to look at before `visible`. */
  readonly text: string;
}

/** So many hits are handed over; who needs more looks for a longer word. */
export const MOST_HITS = 10_000;

const LINE = EVENTS.indexOf("line");

/** Yield hits by field: lines, then names and values in the order of the run. Letters are found in either case. */
export async function* search(recording: Recording, wanted: string, progress: Progress = {}): AsyncGenerator<Hit> {
  const word = wanted.toLowerCase();
  if (!word) return;
  let count = 0;
  const pause = pacer(progress.signal);
  for (const hit of inLines(recording, word)) {
    yield hit;
    if (++count >= MOST_HITS) return;
    if (count % 64 === 0) await pause();
  }
  for (let k = 0; k < recording.chunks; k++) {
    const { first, chunk, values } = await recording.chunk(k);
    const rows: Chunk["steps"] = [...chunk.steps, chunk.final ?? 0];
    for (const [place, deltas] of rows.entries()) {
      if (place % 64 === 0) await pause();
      if (!deltas) continue;
      for (const hit of inDeltas(deltas, values, first + place, word)) {
        yield hit;
        if (++count >= MOST_HITS) return;
      }
    }
    progress.onProgress?.((k + 1) / recording.chunks);
  }
}

/** The steps that run a line in which the word is written. */
function* inLines(recording: Recording, word: string): Generator<Hit> {
  const found = recording.head.sources.map(({ text }) => {
    const lines = text.split("\n");
    const hits = lines.map((line, row) => [row + 1, line.trim()] as const).filter(([, line]) => line.toLowerCase().includes(word));
    return new Map(hits);
  });
  if (!found.some((lines) => lines.size)) return;
  const { event, frame, line } = recording.columns;
  for (let step = 0; step < recording.steps; step++) {
    if (event[step] !== LINE) continue;
    const text = found[recording.code(frame[step] ?? -1)[2]]?.get(line[step] ?? 0);
    if (text !== undefined) yield { step, field: "line", text };
  }
}

function* inDeltas(deltas: readonly RawDelta[], values: Values, seen: number, word: string): Generator<Hit> {
  for (const delta of deltas) {
    const step = delta[1] === null ? seen : seen - delta[1];
    const name = nameIn(delta);
    if (name.toLowerCase().includes(word)) yield { step, field: "name", text: name };
    for (const raw of valuesIn(delta)) {
      const text = textIn(raw, values);
      if (text.toLowerCase().includes(word)) {
        yield { step, field: "value", text };
        break; // one hit a change is enough
      }
    }
  }
}

function nameIn(delta: RawDelta): string {
  switch (delta[0]) {
    case "bind":
    case "unbind":
    case "set_attribute":
    case "delete_attribute":
      return textOf(delta[3]);
    default:
      return "";
  }
}

function valuesIn(delta: RawDelta): readonly RawValue[] {
  switch (delta[0]) {
    case "bind":
    case "set_attribute":
    case "set_element":
      return [delta[4]];
    case "splice":
      return delta[5];
    case "set_entry":
      return [delta[3], delta[4]];
    case "appear":
    case "become": {
      const { elements = [], entries = [], attributes = [] } = delta[2][3];
      return [...elements, ...entries.flat(), ...attributes.map(([, value]) => value)];
    }
    default:
      return [];
  }
}

/** The text of an atom; a reference has none. */
function textIn(raw: RawValue, values: Values): string {
  const value = values.read(raw);
  return value.kind === "atom" ? value.text : "";
}

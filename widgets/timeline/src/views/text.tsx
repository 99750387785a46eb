/** Text of the program on the page: always by way of `visible`, never longer than a page can bear. */

import { grouped } from "../counting";
import type { Source } from "../packed";
import { visible } from "../escape";

/** A stretch of a line that is marked: UTF-16 columns and a class. */
export type Marked = readonly [from: number, to: number, className: string];

/** So much of a line is shown. */
export const LONGEST_LINE = 2_000;

/** `text` with what acts spelled out, and no longer than `most` characters. */
export function shortened(text: string, most = 300): string {
  return text.length <= most ? visible(text) : `${visible(text.slice(0, most))}… ${grouped(text.length - most)} more characters`;
}

/** The last part of a path, which is what one looks for on a tab. */
export function baseName(path: string): string {
  return path.split(/[/\\]/).pop() || path;
}

const lineCache = new WeakMap<object, readonly string[]>();

/** The lines of a source. */
export function linesOf(source: Source): readonly string[] {
  let lines = lineCache.get(source);
  if (!lines) lineCache.set(source, (lines = source.text.split("\n")));
  return lines;
}

/** One line of code, coloured by its tokens, with stretches marked. */
export function CodeText({ source, line, trimmed = false, marks = [] }: {
  source: Source | undefined; line: number; trimmed?: boolean; marks?: readonly Marked[];
}) {
  if (!source) return null;
  const text = linesOf(source)[line - 1] ?? "";
  const from = trimmed ? text.length - text.trimStart().length : 0;
  const pieces = piecesOf(text, source.tokens[line - 1] ?? [], from, marks);
  return (
    <>
      {pieces.map(([piece, className]) => (className ? <span class={className}>{visible(piece, "\t")}</span> : visible(piece, "\t")))}
      {text.length > LONGEST_LINE && <span class="muted">… {grouped(text.length - LONGEST_LINE)} more characters</span>}
    </>
  );
}

/** Cut a line at the borders of its tokens and marks: each piece with its classes. */
export function piecesOf(text: string, tokens: readonly number[], from: number, marks: readonly Marked[]): [text: string, className: string][] {
  const stop = Math.min(text.length, LONGEST_LINE);
  const pieces: [string, string][] = [];
  const cut = (start: number, end: number, className: string) => {
    let place = Math.max(start, from);
    const last = Math.min(end, stop);
    while (place < last) {
      const covering = marks.filter(([first, until]) => first <= place && place < until);
      const borders = marks.flatMap(([first, until]) => [first, until]).filter((border) => border > place && border < last);
      const next = Math.min(last, ...borders);
      pieces.push([text.slice(place, next), [className, ...covering.map((mark) => mark[2])].filter(Boolean).join(" ")]);
      place = next;
    }
  };
  let column = 0;
  for (let place = 0; place + 1 < tokens.length && column < stop; place += 2) {
    const length = tokens[place + 1] ?? 0;
    const kind = tokens[place] ?? 0;
    cut(column, column + length, kind > 0 && kind !== 6 ? `t${kind}` : "");
    column += length;
  }
  cut(column, stop, "");
  return pieces;
}

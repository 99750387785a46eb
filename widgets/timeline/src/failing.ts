/**
 * Which sub-expression of a line failed: where an exception came up, the innermost expression that has no value of its
 * own though everything inside it has.
 *
 * Operands are evaluated before what they are in, and each leaves its value in the ledger. So of the expressions on the
 * line without a value the one that failed is the first, in the order of evaluation, whose parts all have theirs. Where
 * an exception came out of a call, that is the call.
 */

import type { Span } from "./packed";
import type { Recording } from "./recording";

const VALUED = new Set(["value", "target", "truth", "derived", "test"]);

/** Return the place of the expression that failed while `step`'s line ran; null where none can be told. */
export function failingSpan(recording: Recording, step: number): Span | null | undefined {
  if (!raisedBy(recording, step)) return null;
  const source = recording.source(recording.frame(step));
  const entries = recording.entries(step);
  if (!entries) return undefined;
  if (!source || !entries.length) return null;
  const line = recording.line(step);
  const done = new Set(entries.map((entry) => entry.span));
  const spans = source.spans.filter((span) => span[1] <= line && line <= span[3]);
  const reached = entries.at(-1)?.span;
  const candidates = spans.filter((span) => VALUED.has(span[5]) && !done.has(span) && isReady(source.spans, span, done));
  // Of those whose parts are all there the one that was at work holds the value that came last.
  return candidates.find((span) => reached !== undefined && isInside(source.spans, reached, span)) ?? candidates[0] ?? null;
}

/** Whether the next step of the line's frame is that an exception passes. */
function raisedBy(recording: Recording, step: number): boolean {
  const own = recording.frame(step);
  for (let after = step + 1; after < recording.steps; after++)
    if (recording.frame(after) === own) return recording.event(after) === "raise";
  return false;
}

/** Whether every part of an expression that leaves a value has left it. */
function isReady(spans: readonly Span[], span: Span, done: ReadonlySet<Span | undefined>): boolean {
  const place = spans.indexOf(span);
  return spans.every((part) => part[6] !== place || done.has(part) || !VALUED.has(part[5]) || (part[5] === "derived" && isReady(spans, part, done)));
}

function isInside(spans: readonly Span[], part: Span, whole: Span): boolean {
  for (let here: Span | undefined = part; here; here = spans[here[6]]) if (here === whole) return true;
  return false;
}

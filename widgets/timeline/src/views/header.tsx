/** What this is a recording of, how it ended, and what is not in it: said once, at the top, without alarm. */

import { useRef } from "preact/hooks";

import { grouped } from "../counting";
import type { Head } from "../packed";
import type { Store } from "../store";
import { shortened } from "./text";

/** The first line. */
export function Header({ head }: { head: Head }) {
  const isBad = head.outcome.kind !== "returned" && head.outcome.kind !== "recording";
  const all = `${grouped(head.steps)} ${head.steps === 1 ? "step" : "steps"}`;
  const steps = head.kept < head.steps ? `${grouped(head.kept)} of ${all}` : all;
  return (
    <div class="head">
      <h2 title={shortened(head.call, 1000)}>{shortened(head.call, 160) || "a run"}</h2>
      <span class={isBad ? "ending bad" : "ending"} title={shortened(head.ending, 1000)}>
        <span aria-hidden="true">{isBad ? "✕ " : "→ "}</span>
        {shortened(head.ending, 240)}
      </span>
      <span class="facts">{steps} · Python {shortened(head.python, 40)}</span>
    </div>
  );
}

/** The limits that bit and the code that was not traced. */
export function Notices({ store }: { store: Store }) {
  const { head } = store;
  const notices = [head.cut, ...head.warnings].filter(Boolean);
  const box = useRef<HTMLDivElement>(null);
  if (notices.length === 0) return null;
  const title = notices.length === 1 ? "This recording is not whole" : `This recording is not whole, for ${notices.length} reasons`;
  return (
    <div class="notices" role="note" ref={box} tabIndex={0} aria-label={title}>
      {notices.length < 3 ? (
        <ul>{notices.map((notice) => <li><span aria-hidden="true">⚠ </span>{shortened(notice, 600)}</li>)}</ul>
      ) : (
        <details>
          <summary>⚠ {title}</summary>
          <ul>{notices.map((notice) => <li>{shortened(notice, 600)}</li>)}</ul>
        </details>
      )}
    </div>
  );
}

/** Something could not be had: what, and what to do. */
export function Problem({ store }: { store: Store }) {
  const problem = store.problem.value;
  if (!problem) return null;
  return (
    <div class="problem" role="alert">
      <span class="grow">Values of this part of the run can't be shown: {shortened(problem, 600)}</span>
      <button type="button" class="button" onClick={() => store.retry()}>Try again</button>
    </div>
  );
}

/** The tree of calls: who called whom, with the way to where we are open. Only the rows in view are there. */

import { useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import type { CallRow } from "../callrows";
import type { Store } from "../store";
import { Icon } from "./icons";
import { shortened } from "./text";

const ROW = 24;
const OVERSCAN = 8;

/** The panel with the tree of calls. */
export function Calls({ store }: { store: Store }) {
  const pane = useRef<HTMLDivElement>(null);
  const window = useSignal({ from: 0, count: 40 });
  const look = () => {
    if (!pane.current) return;
    const from = Math.max(0, Math.floor(pane.current.scrollTop / ROW) - OVERSCAN);
    const count = Math.ceil(pane.current.clientHeight / ROW) + 2 * OVERSCAN;
    const known = window.peek();
    if (known.from !== from || known.count !== count) window.value = { from, count };
  };
  useEffect(() => {
    if (!pane.current) return;
    const observer = new ResizeObserver(look);
    observer.observe(pane.current);
    return () => observer.disconnect();
  }, []);
  useSignalEffect(() => {
    const here = store.calls.rows.value.here;
    const shown = pane.current;
    if (!shown || here < 0) return;
    const top = here * ROW;
    if (top < shown.scrollTop || top + ROW > shown.scrollTop + shown.clientHeight) shown.scrollTop = top - shown.clientHeight / 3;
  });
  const { rows, from: first } = store.calls.rows.value.slice(window.value.from, window.value.count);
  return (
    <div class="calls" ref={pane} tabIndex={0} role="region" aria-label="The tree of calls" onScroll={look}>
      <div style={{ height: `${store.calls.rows.value.count * ROW}px` }} role="list">
        {rows.map((row, place) => <Call key={row.frame} store={store} row={row} top={(first + place) * ROW} />)}
      </div>
    </div>
  );
}

function Call({ store, row, top }: { store: Store; row: CallRow; top: number }) {
  const classes = ["call", row.isOnPath && "path", row.isHere && "here", row.isBad && "bad"].filter(Boolean).join(" ");
  const name = shortened(row.name, 80);
  return (
    <div class={classes} role="listitem" style={{ top: `${top}px`, paddingInlineStart: `${0.5 + Math.min(row.level, 40) * 1.1}rem` }} onClick={() => store.goTo(row.start)}>
      {row.hasCalls ? (
        <button
          type="button" class="plain" aria-expanded={row.isOpen} aria-label={`${row.isOpen ? "Close" : "Open"} ${name}`}
          onClick={(event) => {
            event.stopPropagation();
            store.calls.toggle(row);
          }}
        >
          <span class="twist"><Icon name="right" /></span>
        </button>
      ) : <span class="twist" />}
      <button
        type="button" class="plain" aria-current={row.isHere ? "step" : undefined} title={`Go to step ${row.start}`}
        onClick={(event) => {
          event.stopPropagation();
          store.goTo(row.start);
        }}
      >
        {name}
      </button>
      {row.args && <span class="args">({row.args})</span>}
      {row.isBad
        ? <span class="result bad">✕ {row.result || "ended by an exception"}</span>
        : row.result && <span class="result">→ {row.result}</span>}
      <span class="where">{row.where}</span>
    </div>
  );
}

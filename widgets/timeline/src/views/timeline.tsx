/** The whole timeline: header, moves, scrubber, code beside the panels; the keyboard, and the voice for screen readers. */

import { useSignal, useSignalEffect } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";

import { rangeOf } from "../codeview";
import { commandOf } from "../keys";
import type { Head } from "../packed";
import type { Store, Tab } from "../store";
import { Calls } from "./calls";
import { arrowsBetweenTabs, CodePane } from "./code";
import { Controls } from "./controls";
import { Doing } from "./doing";
import { Header, Notices, Problem } from "./header";
import { Help } from "./help";
import { Output } from "./output";
import { Passes } from "./passes";
import { Scrubber } from "./scrubber";
import { Search } from "./search";
import { shortened } from "./text";
import { Variables } from "./variables";

/** The timeline of a store. `onPainted` is told of each position once its picture is there. */
export function Timeline({ store, onPainted }: { store: Store; onPainted: (position: number, isReady: boolean) => void }) {
  const box = useRef<HTMLDivElement>(null);
  return (
    <div
      class="ct" ref={box} role="group" tabIndex={-1} aria-label={`Timeline of ${shortened(store.head.call, 80) || "a run"}`}
      style={{ "--ct-lines": String(mostLines(store.head)) }} onKeyDown={(event) => pressed(store, event, box.current)}
    >
      <Header head={store.head} />
      <Notices store={store} />
      <Problem store={store} />
      <Controls store={store} />
      <Scrubber store={store} />
      <Passes store={store} />
      <div class="body">
        <CodePane store={store} />
        <Side store={store} />
      </div>
      <Help store={store} />
      <Voice store={store} />
      <Painted store={store} onPainted={onPainted} />
    </div>
  );
}

/** How many lines the longest source shows: a short program needs less height, and a recording keeps the one it has. */
function mostLines(head: Head): number {
  return Math.max(0, ...head.sources.map((source) => rangeOf(source, false)).map(({ first, last }) => last - first + 1));
}

/** What is there before the columns are: the name of the run, and what went wrong if it did. */
export function Waiting({ head, problem, retry }: { head: Head; problem: string; retry: () => void }) {
  return (
    <div class="ct" style={{ "--ct-lines": String(mostLines(head)) }}>
      <Header head={head} />
      {problem ? (
        <div class="problem" role="alert">
          <span class="grow">This recording can't be shown: {shortened(problem, 600)}</span>
          <button type="button" class="button" onClick={retry}>Try again</button>
        </div>
      ) : <p class="head muted">reading the recording…</p>}
    </div>
  );
}

const WIDE: readonly (readonly [tab: Tab, label: string])[] = [["state", "State"], ["calls", "Calls"], ["search", "Search"]];
const NARROW: readonly (readonly [tab: Tab, label: string])[] = [
  ["state", "State"], ["output", "Output"], ["calls", "Calls"], ["search", "Search"],
];

function Side({ store }: { store: Store }) {
  const isNarrow = store.isNarrow.value;
  const tabs = isNarrow ? NARROW : WIDE;
  const chosen = store.tab.value;
  return (
    <div class="side">
      <div class="tabs" role="tablist" aria-label="Panels" onKeyDown={arrowsBetweenTabs}>
        {tabs.map(([tab, label]) => (
          <button
            type="button" role="tab" class="tab" id={`ct-tab-${tab}`} aria-controls="ct-panel" aria-selected={tab === chosen}
            tabIndex={tab === chosen ? 0 : -1} onClick={() => (store.tab.value = tab)}
          >
            {label}
          </button>
        ))}
      </div>
      <div class={isNarrow ? "tabpanel alone" : "tabpanel"} role="tabpanel" id="ct-panel" aria-labelledby={`ct-tab-${chosen}`}>
        <Panel store={store} tab={chosen} isNarrow={isNarrow} />
      </div>
    </div>
  );
}

function Panel({ store, tab, isNarrow }: { store: Store; tab: Tab; isNarrow: boolean }) {
  switch (tab) {
    case "output":
      return <Output store={store} />;
    case "calls":
      return <Calls store={store} />;
    case "search":
      return <Search store={store} />;
    case "state":
      return (
        <>
          <Doing store={store} />
          <Variables store={store} />
          {!isNarrow && <Output store={store} />}
        </>
      );
  }
}

/** Tells a screen reader of the last move, after a moment of rest: a row of moves is told as one. */
function Voice({ store }: { store: Store }) {
  const said = useSignal("");
  useSignalEffect(() => {
    const { spoken, isReady } = store.moment.value;
    if (!isReady) return;
    const timer = setTimeout(() => (said.value = spoken), REST);
    return () => clearTimeout(timer);
  });
  return <div class="unseen" role="status" aria-live="polite" aria-atomic="true">{shortened(said.value, 400)}</div>;
}

const REST = 350;

/** Says when a picture is there, after the views have taken the moment in. */
function Painted({ store, onPainted }: { store: Store; onPainted: (position: number, isReady: boolean) => void }) {
  const moment = store.moment.value;
  const isDone = moment.isReady || store.problem.value !== "";
  useLayoutEffect(() => onPainted(moment.position, isDone), [moment, isDone]);
  return null;
}

const OWN_KEYS = "input, select, textarea, [contenteditable]";
const PRESSED_BY_KEYS = "button, summary, a[href]";

/** Do what a key asks for. A field keeps its keys, a button its Enter and Space; the host sees none of ours. */
function pressed(store: Store, event: KeyboardEvent, box: HTMLElement | null): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const target = event.target instanceof Element ? event.target : null;
  const isField = target?.matches(OWN_KEYS) ?? false;
  const isButton = (target?.matches(PRESSED_BY_KEYS) ?? false) && (event.key === "Enter" || event.key === " ");
  const command = commandOf(event);
  if (event.key !== "Tab") event.stopPropagation(); // in a notebook, a letter alone is a command to the notebook
  if (isButton || command === undefined || (isField && command !== "close")) return;
  event.preventDefault();
  if (command === "close") box?.focus({ preventScroll: true });
  store.do(command);
}

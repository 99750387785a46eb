/**
 * The code: where the run is, where it goes next, how often each line ran, and the values the line makes.
 *
 * Only the lines in view are there, and a row is made once: a step changes the few things in it that are signals (a
 * class, a count, the values after the line) and leaves the rest alone.
 */

import { useComputed, useSignal, useSignalEffect, type ReadonlySignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

import { grouped } from "../counting";
import type { LineRange } from "../codeview";
import type { Chip } from "../moment";
import type { Source } from "../packed";
import type { Store } from "../store";
import { baseName, CodeText, linesOf, LONGEST_LINE, shortened } from "./text";

const OVERSCAN = 12;

/** The code, with a tab for each source. */
export function CodePane({ store }: { store: Store }) {
  return (
    <div class="codebox">
      <Files store={store} />
      <Lines store={store} />
    </div>
  );
}

/** A tab for each source, where there are several. */
function Files({ store }: { store: Store }) {
  const { sources } = store.head;
  if (sources.length < 2) return null;
  const shown = store.code.shown.value;
  return (
    <div class="files" role="tablist" aria-label="Sources" onKeyDown={arrowsBetweenTabs}>
      {sources.map((source, place) => (
        <button
          type="button" role="tab" class="tab mono" aria-selected={place === shown} tabIndex={place === shown ? 0 : -1}
          title={shortened(source.name, 300)} onClick={() => store.code.show(place)}
        >
          {shortened(baseName(source.name), 40)}
        </button>
      ))}
    </div>
  );
}

/** Left and right go from tab to tab, as everywhere; no step is taken. */
export function arrowsBetweenTabs(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const move = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
  if (move === 0 || event.ctrlKey || event.metaKey || event.altKey) return;
  const tabs = [...event.currentTarget.querySelectorAll<HTMLElement>("[role=tab]")];
  const here = tabs.findIndex((tab) => tab.getAttribute("aria-selected") === "true");
  const tab = tabs[(here + move + tabs.length) % tabs.length];
  event.preventDefault();
  event.stopPropagation();
  tab?.click();
  tab?.focus();
}

function Lines({ store }: { store: Store }) {
  const pane = useRef<HTMLDivElement>(null);
  const window = useSignal<Window>({ from: 0, count: 60, top: 0, height: 0 });
  const rowHeight = useSignal(21);
  const number = store.code.shown.value;
  const source = store.head.sources[number];
  const range = store.code.range.value;
  const rows = useRows(store, number, rowHeight.value);

  const bring = () => follow(pane.current, window.peek(), store.code.hereLine.value, store.code.range.value, rowHeight.value);
  useEffect(() => measured(pane.current, rowHeight, window, bring), []);
  useSignalEffect(bring);
  useLayoutEffect(() => {
    scrolled(pane.current, rowHeight.peek(), window); // another text in the pane: it may have been scrolled by that
    bring();
  }, [number, range]);
  if (!source?.text) {
    return (
      <div class="code" ref={pane} role="region" aria-label="Code" tabIndex={0}>
        <p class="empty">The source of this code could not be had.</p>
      </div>
    );
  }

  const lead = range.above > 0 ? 1 : 0;
  const count = range.last - range.first + 1;
  const from = Math.max(0, Math.min(window.value.from - lead, count - window.value.count));
  const shown: VNode[] = [];
  for (let place = from; place < Math.min(count, from + window.value.count); place++) {
    shown.push(rows(range.first + place, (place + lead) * rowHeight.value));
  }
  const digits = String(linesOf(source).length).length;
  const height = (count + lead + (range.below > 0 ? 1 : 0)) * rowHeight.value;
  return (
    <div
      class="code" ref={pane} role="region" tabIndex={0} aria-label={`Code of ${shortened(baseName(source.name), 80)}`}
      onScroll={() => scrolled(pane.current, rowHeight.peek(), window)} onClick={(event) => runTo(store, number, event)}
      style={{ "--row": `${rowHeight.value}px`, "--digits": `${digits}ch`, "--hits": `${store.code.hitWidth.value + 1}ch` }}
    >
      <div class="rows" style={{ height: `${height}px`, width: `calc(${longestOf(source, range)}ch + var(--hits) + var(--digits) + 6ch)` }}>
        {range.above > 0 && <Rest store={store} count={range.above} where="above" top={0} />}
        {shown}
        {range.below > 0 && <Rest store={store} count={range.below} where="below" top={(count + lead) * rowHeight.value} />}
      </div>
    </div>
  );
}

/** How wide the code is: all rows are as wide, so that the numbers before them stay in view when one scrolls sideways. */
function longestOf(source: Source, range: LineRange): number {
  let longest = 0;
  for (const line of linesOf(source).slice(range.first - 1, range.last)) longest = Math.max(longest, line.length);
  return Math.min(longest, LONGEST_LINE);
}

/** Rows that are made once per line: the same node again tells Preact that nothing is to be done. */
function useRows(store: Store, source: number, rowHeight: number): (line: number, top: number) => VNode {
  const made = useRef({ key: "", rows: new Map<number, VNode>() });
  return (line, top) => {
    const key = `${source} ${rowHeight} ${store.code.range.peek().first} ${store.code.range.peek().above}`;
    if (made.current.key !== key) made.current = { key, rows: new Map() };
    let row = made.current.rows.get(line);
    if (!row) made.current.rows.set(line, (row = <Row key={`${source}:${line}`} store={store} source={source} line={line} top={top} />));
    return row;
  };
}

function Row({ store, source, line, top }: { store: Store; source: number; line: number; top: number }) {
  const className = useComputed(() => {
    if (store.code.hereLine.value === line) return store.code.isFailing.value ? "row here bad" : "row here";
    return store.code.nextLine.value === line ? "row next" : "row";
  });
  const current = useComputed(() => (store.code.hereLine.value === line ? "step" : undefined));
  const hits = useComputed(() => store.code.hitText(source, line));
  return (
    <div class={className} data-line={line} aria-current={current} style={{ top: `${top}px` }}>
      <span class="gutter">
        <span class="hits" title="how often it ran so far, and in all">{hits}</span>
        <span class="arrow" aria-hidden="true" />
        <span class="number">{line}</span>
      </span>
      <span class="text"><MarkedLine store={store} source={source} line={line} /></span>
      <Inline store={store} line={line} />
    </div>
  );
}

function MarkedLine({ store, source, line }: { store: Store; source: number; line: number }) {
  const marks = useComputed(() => store.code.marks.value.get(line));
  return <CodeText source={store.head.sources[source]} line={line} marks={marks.value ?? []} />;
}

function Inline({ store, line }: { store: Store; line: number }) {
  const chips: ReadonlySignal<readonly Chip[] | undefined> = useComputed(() => store.code.chips.value.get(line));
  if (!chips.value) return null;
  return (
    <span class="inline">
      {chips.value.map((chip) => <span class={chip.kind ? `chip ${chip.kind}` : "chip"}>{chip.text}</span>)}
    </span>
  );
}

function Rest({ store, count, where, top }: { store: Store; count: number; where: string; top: number }) {
  return (
    <div class="rest" style={{ top: `${top}px` }}>
      <button type="button" class="plain" onClick={() => (store.code.isWhole.value = true)}>
        show {grouped(count)} {count === 1 ? "line" : "lines"} {where} that did not run
      </button>
    </div>
  );
}

/** A click on a line runs to it; one that ends a selection of text does not. */
function runTo(store: Store, source: number, event: MouseEvent): void {
  const row = (event.target as Element | null)?.closest<HTMLElement>("[data-line]");
  const selection = globalThis.getSelection?.();
  if (!row || event.detail > 1 || (selection && !selection.isCollapsed)) return;
  store.runTo(source, Number(row.dataset["line"]), !event.shiftKey);
}

/** Keep the height of a row and the window of rows in step with the font and the pane's size. */
function measured(pane: HTMLElement | null, rowHeight: { value: number }, window: { value: Window }, again: () => void): () => void {
  if (!pane) return () => undefined;
  const measure = () => {
    rowHeight.value = Math.max(14, Math.round(Number.parseFloat(getComputedStyle(pane).fontSize) * 1.62));
    scrolled(pane, rowHeight.value, window);
    again();
  };
  measure();
  const observer = new ResizeObserver(measure);
  observer.observe(pane);
  return () => observer.disconnect();
}

/** The rows that are there, and the pane's measures: to ask the page for them at each step would cost a layout. */
interface Window {
  readonly from: number;
  readonly count: number;
  top: number;
  height: number;
}

function scrolled(pane: HTMLElement | null, rowHeight: number, window: { value: Window }): void {
  if (!pane) return;
  const { scrollTop: top, clientHeight: height } = pane;
  const first = Math.floor(top / rowHeight);
  const from = Math.max(0, first - (first % OVERSCAN) - OVERSCAN);
  const count = Math.ceil(height / rowHeight) + 3 * OVERSCAN;
  if (from !== window.value.from || count !== window.value.count) window.value = { from, count, top, height };
  else Object.assign(window.value, { top, height });
}

/** Bring the current line into view, and leave the view alone while it is there. */
function follow(pane: HTMLElement | null, seen: Window, line: number, range: LineRange, rowHeight: number): void {
  if (!pane || line < range.first || line > range.last) return;
  const top = (line - range.first + (range.above > 0 ? 1 : 0)) * rowHeight;
  const room = Math.min(2 * rowHeight, seen.height / 4);
  const isInView = top >= Math.min(seen.top + room, seen.top === 0 ? 0 : Infinity) && top + rowHeight + room <= seen.top + seen.height;
  if (isInView || seen.height === 0) return;
  pane.scrollTop = top - seen.height * 0.38;
  seen.top = pane.scrollTop;
}

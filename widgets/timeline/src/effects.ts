/**
 * What the line of a step did: what it computed, changed, wrote and ended with. Twin of `cotrace/formats/telling.py`.
 *
 * A change is seen at a later step than the one whose line caused it: mostly the next, and where the line called
 * something, where the frame went on. So a few later steps are looked at, those after which the frame itself ran.
 * Changes inside an object are named by the way to it from the variables in sight: `grid[0][2]`, `self.items`.
 */

import { visible } from "./escape";
import { overlaid, type Heap } from "./heap";
import { EVENTS, type EventKind, type HeapObject, type Value } from "./model";
import { textOf, type Output, type RawDelta, type Source } from "./packed";
import type { Entry, Recording } from "./recording";
import type { Snapshot, Values } from "./replay";
import { LINE, NARROW, show, type Budget } from "./values";

/** One thing that a line changed. */
export interface Change {
  /** What, as the program would name it: `x`, `xs[2]`, `self.count`. */
  readonly target: string;
  /** Its value afterwards; null where it is gone. */
  readonly value: Value | null;
  /** The value as text; "" where it is gone. */
  readonly text: string;
  /** The step at which the change was first observable. */
  readonly seen: number;
  /** What else there is to say: `global`, `the same object as a`. */
  readonly remark: string;
}

/** A sub-expression and the value it had. */
export interface Computed {
  readonly source: string;
  readonly text: string;
  readonly value: Value;
  readonly entry: Entry;
  /** The objects as they were at that moment. */
  readonly heap: Heap;
}

/** How a line left its frame. */
export interface Ending {
  readonly event: EventKind;
  readonly step: number;
  readonly value: Value | null;
  readonly text: string;
}

export interface Effects {
  readonly computed: readonly Computed[];
  readonly changes: readonly Change[];
  readonly outputs: readonly Output[];
  readonly ending: Ending | null;
}

const [RETURN, UNWIND, YIELD, LINE_EVENT, START] = (["return", "unwind", "yield", "line", "start"] as const).map((event) =>
  EVENTS.indexOf(event),
);

/** So many of the steps after which a line's frame ran again are looked at, from each end. */
const FEW = 32;

/** Steps at which changes that `step`'s line caused can be seen; a line that calls a thousand times is told by its ends. */
export function observersOf(recording: Recording, step: number): number[] {
  const { event, frame, depth } = recording.columns;
  const own = frame[step];
  const height = depth[step] ?? 0;
  const seen: number[] = [];
  let at = step + 1;
  for (; at < recording.steps; at++) {
    const before = event[at - 1];
    const isBack = (before === RETURN || before === UNWIND || before === YIELD) && depth[at - 1] === height + 1;
    if (frame[at] === own || isBack || at === step + 1) seen.push(at);
    if (frame[at] !== own) continue;
    const here = event[at];
    if (here === LINE_EVENT || here === RETURN || here === UNWIND || here === START) break;
  }
  if (at >= recording.steps) seen.push(recording.steps);
  return seen.length <= 2 * FEW ? seen : [...seen.slice(0, FEW), ...seen.slice(-FEW)];
}

/** Load all that `effectsOf` needs. */
export async function loadEffects(recording: Recording, step: number): Promise<void> {
  const positions = [step, ...observersOf(recording, step)];
  for (const position of positions) await recording.load(position);
  for (const entry of recording.entries(step) ?? []) await recording.load(Math.max(entry.at - 1, 0));
}

/** What `step`'s line did; undefined where something has to be loaded first. */
export function effectsOf(recording: Recording, step: number, part: Budget = NARROW): Effects | undefined {
  if (step >= recording.steps) return { computed: [], changes: [], outputs: [], ending: null };
  const computed = computedBy(recording, step, part);
  const changes = changesBy(recording, step);
  const ending = endingOf(recording, step);
  if (!computed || !changes || ending === undefined) return undefined;
  return { computed, changes, outputs: recording.head.outputs.filter((output) => output[0] === step), ending };
}

// --- values ----------------------------------------------------------------------------------------------------------

function computedBy(recording: Recording, step: number, budget: Budget): Computed[] | undefined {
  const entries = recording.entries(step);
  if (!entries) return undefined;
  let changed: ReadonlyMap<number, HeapObject> = new Map();
  const found: Computed[] = [];
  for (const entry of entries) {
    if (entry.objects.length) changed = new Map([...changed, ...entry.objects.map((seen) => [seen.id, seen] as const)]);
    const state = recording.snapshot(Math.max(entry.at - 1, 0));
    if (!state) return undefined;
    const heap = overlaid(state.heap, changed);
    const source = recording.head.sources[entry.source];
    found.push({ source: entryText(source, entry), text: show(entry.value, heap, budget), value: entry.value, entry, heap });
  }
  return found;
}

/** The source text of an entry on one line. */
function entryText(source: Source | undefined, { span }: Entry): string {
  if (!source || !span) return "";
  const [, line, column, endLine, endColumn] = span;
  const rows = source.text.split("\n").slice(line - 1, endLine);
  const last = rows.length - 1;
  rows[last] = (rows[last] ?? "").slice(0, endColumn);
  rows[0] = (rows[0] ?? "").slice(column);
  return visible(rows.join("\n"), "\n").split(/\s+/u).filter(Boolean).join(" ");
}

/** How the line left its frame: by the step that follows at once, if it is the frame's. */
function endingOf(recording: Recording, step: number): Ending | null | undefined {
  const own = ending(recording, step);
  if (own !== null) return own;
  const following = step + 1;
  if (following >= recording.steps || recording.frame(following) !== recording.frame(step)) return null;
  return ending(recording, following);
}

function ending(recording: Recording, step: number): Ending | null | undefined {
  const event = recording.event(step);
  if (event === "line" || event === "start" || event === "resume") return null;
  const value = recording.value(step);
  const state = recording.snapshot(step);
  if (value === undefined || !state) return undefined;
  return { event, step, value, text: value ? show(value, state.heap, LINE) : "" };
}

// --- changes ---------------------------------------------------------------------------------------------------------

/**
 * The changes that are told with `step`: those that its line caused, wherever they are seen, but for parameters, which are
 * told where the call begins; and there too what was so when it came into view.
 */
function changesBy(recording: Recording, step: number): Change[] | undefined {
  const found: Change[] = [];
  for (const seen of [step, ...observersOf(recording, step)]) {
    const rows = recording.deltas(seen);
    if (!rows) return undefined;
    const told = rows.deltas.filter((delta) => placeOf(recording, delta, seen) === step);
    if (!told.length) continue;
    const state = recording.snapshot(seen);
    if (!state) return undefined;
    const teller = new Teller(recording, state, rows.values, seen, step);
    for (const delta of told) {
      const change = teller.tell(delta);
      if (change && !found.some((known) => sameChange(known, change))) found.push(change);
    }
  }
  return found;
}

/** The step that a change is told with. */
function placeOf(recording: Recording, delta: RawDelta, seen: number): number {
  if (delta[1] === null) return seen;
  const isParameter =
    delta[0] === "bind" && seen < recording.steps && recording.event(seen) === "start" && recording.frame(seen) === delta[2];
  return isParameter ? seen : seen - delta[1];
}

function sameChange(one: Change, other: Change): boolean {
  return one.target === other.target && one.text === other.text && one.seen === other.seen && one.remark === other.remark;
}

const CHANGEABLE = new Set(["list", "dict", "set", "deque", "instance", "array"]);

/** Tells changes with the state in which they were first seen, as seen from the frame of the step that tells them. */
class Teller {
  readonly #frame: number;
  #words: ReadonlySet<string> | undefined;

  constructor(
    private readonly recording: Recording,
    private readonly state: Snapshot,
    private readonly values: Values,
    private readonly seen: number,
    private readonly step: number,
  ) {
    this.#frame = recording.frame(step);
  }

  tell(delta: RawDelta): Change | null {
    switch (delta[0]) {
      case "appear":
        return null; // what refers to it is told
      case "bind":
        return this.#bound(delta[2], textOf(delta[3]), this.values.read(delta[4]), delta[1] === null);
      case "unbind":
        return this.#change(textOf(delta[3]), null, this.#remarks(delta[2], delta[1] === null));
      case "become":
        return this.#change(this.#way(delta[2][0]), { kind: "ref", id: delta[2][0] });
      case "splice":
        return this.#spliced(delta);
      case "set_element":
        return this.#change(`${this.#way(delta[2])}[${delta[3]}]`, this.values.read(delta[4]));
      case "set_entry":
      case "delete_entry": {
        const key = show(this.values.read(delta[3]), this.state.heap, NARROW);
        return this.#change(`${this.#way(delta[2])}[${key}]`, delta[0] === "set_entry" ? this.values.read(delta[4]) : null);
      }
      case "set_attribute":
        return this.#change(`${this.#way(delta[2])}.${textOf(delta[3])}`, this.values.read(delta[4]));
      case "delete_attribute":
        return this.#change(`${this.#way(delta[2])}.${textOf(delta[3])}`, null);
    }
  }

  #change(target: string, value: Value | null, remarks: readonly string[] = []): Change {
    const text = value ? show(value, this.state.heap, LINE) : "";
    return { target, value, text, seen: this.seen, remark: remarks.join(", ") };
  }

  #bound(frame: number, name: string, value: Value, wasBefore: boolean): Change | null {
    const kind = value.kind === "ref" ? (this.state.heap.get(value.id)?.kind ?? "") : "";
    // That a function, class or module was there before says nothing.
    if (wasBefore && ["function", "class", "module"].includes(kind)) return null;
    const remarks = this.#remarks(frame, wasBefore);
    if (value.kind === "ref" && CHANGEABLE.has(kind)) {
      const alias = [...(this.state.frames.get(frame) ?? [])].find(
        ([other, held]) => other !== name && held.kind === "ref" && held.id === value.id,
      );
      if (alias) remarks.push(`the same object as ${alias[0]}`);
    }
    return this.#change(name, value, remarks);
  }

  #remarks(frame: number, wasBefore: boolean): string[] {
    const [owner, ownerName] = this.recording.code(frame);
    const teller = this.recording.code(this.#frame)[0];
    const remarks: string[] = [];
    if (owner === "globals") {
      if (!["module", "block", "globals"].includes(teller)) remarks.push("global");
    } else if (frame !== this.#frame) remarks.push(`in ${ownerName}`);
    if (wasBefore && frame !== this.#frame) remarks.push("before");
    return remarks;
  }

  /** Tell a list that grew or shrank by its content, and where that is too long to see the change, how. */
  #spliced(delta: RawDelta & ["splice", ...unknown[]]): Change {
    const [, , id, index, removed, raw] = delta;
    const whole = this.#change(this.#way(id), { kind: "ref", id });
    if (!whole.text.includes("…")) return whole;
    const inserted = raw.map((value) => this.values.read(value));
    const added = inserted.slice(0, 3).map((value) => show(value, this.state.heap, NARROW));
    if (inserted.length > 3) added.push(`… ${inserted.length - 3} more`);
    const parts = [
      ...(removed ? [`removed ${removed} at ${index}`] : []),
      ...(inserted.length ? [`added ${added.join(", ")} at ${index}`] : []),
    ];
    return { ...whole, remark: parts.join(", ") };
  }

  /** The shortest way to an object; of several as short, the one from a variable that the line speaks of. */
  #way(id: number): string {
    this.#words ??= new Set(this.#lineText().match(/[\p{L}\p{N}_]+/gu) ?? []);
    const words = this.#words;
    for (const place of this.#scopes()) {
      const variables = [...(this.state.frames.get(place) ?? [])];
      const named = variables.filter(([name]) => words.has(name));
      const found = wayTo(id, [...named, ...variables.filter(([name]) => !words.has(name))], this.state.heap);
      if (found) return found;
    }
    return `o${id}`;
  }

  #lineText(): string {
    const source = this.recording.source(this.#frame);
    return source?.text.split("\n")[this.recording.line(this.step) - 1] ?? "";
  }

  /** The frames in which to look for a name: the frame, its callers, and then their globals. */
  #scopes(): number[] {
    const callers: number[] = [];
    for (let frame = this.#frame; frame >= 0 && !callers.includes(frame); frame = this.recording.parent(frame))
      callers.push(frame);
    return [...callers, ...callers.map((frame) => this.recording.globals(frame))];
  }
}

/** Objects that are looked at in search of a way: enough for what a person would name. */
const NODES = 500;

/** Return how these variables lead to an object: `xs`, `grid[0]`, `self.items`; "" if they don't. */
export function wayTo(id: number, variables: readonly (readonly [string, Value])[], heap: Heap): string {
  const waiting: [way: string, id: number][] = [];
  for (const [name, value] of variables) if (value.kind === "ref") waiting.push([name, value.id]);
  const looked = new Set<number>();
  for (const [way, here] of waiting) {
    if (here === id) return way; // the list grows while it is walked: breadth first
    const seen = heap.get(here);
    if (!seen || looked.has(here) || looked.size > NODES) continue;
    looked.add(here);
    for (const [step, there] of stepsFrom(seen)) waiting.push([way + step, there]);
  }
  return "";
}

/** How one gets from an object to those that it names. */
function* stepsFrom(seen: HeapObject): Generator<[string, number]> {
  if (seen.kind === "list" || seen.kind === "tuple" || seen.kind === "deque")
    for (const [place, value] of seen.elements.entries())
      if (value.kind === "ref") yield [`[${seen.positions?.[place] ?? place}]`, value.id];
  for (const [key, value] of seen.entries) if (value.kind === "ref" && key.kind === "atom") yield [`[${key.text}]`, value.id];
  if (seen.kind === "instance" || seen.kind === "class")
    for (const [name, value] of seen.attributes) if (value.kind === "ref") yield [`.${name}`, value.id];
}

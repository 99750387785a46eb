/**
 * All that is shown of one position: the frames with their variables and what changed, what the line does, and the
 * values that stand after the lines of code.
 *
 * It is worked out from the columns and the recording's values in one go. Where the values are not there yet, the parts
 * that need none are, and `isReady` says that the rest is still to come: a value of another moment is never shown.
 */

import { effectsOf, type Effects } from "./effects";
import { back } from "./cursor";
import { visible } from "./escape";
import { failingSpan } from "./failing";
import type { Heap } from "./heap";
import type { EventKind, HeapObject, Value } from "./model";
import { textOf, type Head, type Span } from "./packed";
import type { Reading } from "./reading";
import type { Recording } from "./recording";
import type { Snapshot, Variables } from "./replay";
import { show } from "./values";
import { canChange, reaches, waysFrom, type Scope } from "./ways";

/** What a step did to a variable. */
export type ChangeMark = "" | "new" | "changed" | "inside" | "gone";

/** One variable of a frame, as a row shows it. */
export interface Variable {
  readonly name: string;
  /** Undefined where the value is not there yet, or no more. */
  readonly value: Value | undefined;
  readonly text: string;
  readonly change: ChangeMark;
  readonly was: string;
  /** True of functions, classes and modules, which are there to be used: they are named, and shown when asked for. */
  readonly isTool: boolean;
  /** The name as `Moment.waysTo` writes it. */
  readonly way: string;
}

/** One frame of the stack, or a namespace, with its variables. */
export interface FrameShown {
  readonly id: number;
  readonly key: string;
  /** The same for every activation of the same code: what is open stays open from one to the next. */
  readonly openKey: string;
  readonly name: string;
  readonly where: string;
  readonly isGlobals: boolean;
  readonly variables: readonly Variable[];
  readonly hasChanges: boolean;
}

/** A stretch of source text. */
export interface Place {
  readonly source: number;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** One thing that a line does. */
export interface Fact {
  readonly kind: "computed" | "changed" | "output" | "failed" | "returned";
  readonly label: string;
  readonly sign: string;
  readonly text: string;
  readonly was: string;
  readonly remark?: string;
  readonly place: Place | undefined;
}

/** What the step at hand does: a sentence, and its particulars. */
export interface Doing {
  readonly title: string;
  readonly isBad: boolean;
  readonly facts: readonly Fact[];
}

/** A short note after a line of code. */
export interface Chip {
  readonly kind: "" | "changed" | "failed" | "output";
  readonly text: string;
}

/** What is shown of one position. */
export interface Moment {
  readonly position: number;
  readonly atEnd: boolean;
  readonly isReady: boolean;
  /** True if what the line does is known too, which may need values from far ahead. */
  readonly isWhole: boolean;
  readonly event: EventKind | "end";
  readonly source: number;
  readonly line: number;
  readonly frameName: string;
  readonly isFailing: boolean;
  readonly frames: readonly FrameShown[];
  readonly doing: Doing;
  readonly heap: Heap;
  /** The notes after lines, and the failing expression, of the source where we are. */
  readonly chips: ReadonlyMap<number, readonly Chip[]>;
  readonly failing: Place | undefined;
  /** What a screen reader is told of the move that led here. */
  readonly spoken: string;
  isShared(id: number): boolean;
  waysTo(id: number): readonly string[];
}

/** The variables that a step changed, by frame, each with the step that caused it; and the objects. */
interface Touched {
  readonly names: ReadonlyMap<number, ReadonlyMap<string, number>>;
  readonly objects: ReadonlySet<number>;
}

const SHORT = { characters: 60, depth: 3 };
const CHIP = { characters: 40, depth: 3 };
const NO_NAMES: ReadonlyMap<string, number> = new Map();
const NO_HEAP: Heap = new Map<number, HeapObject>();

/** Work out what is shown of a position. */
export function momentAt(reading: Reading, position: number): Moment {
  return new Composer(reading, position).moment();
}

/** Where a position is, from the columns alone. The end is where the last step was. */
export interface Whereabouts {
  readonly event: EventKind | "end";
  readonly frame: number;
  readonly source: number;
  readonly line: number;
  readonly name: string;
}

/** Tell where a position is. */
export function whereabouts(recording: Recording, position: number): Whereabouts {
  const { steps } = recording;
  if (steps === 0) return { event: "end", frame: -1, source: 0, line: 0, name: "" };
  const step = Math.min(position, steps - 1);
  const frame = recording.frame(step);
  const [, name, source] = recording.code(frame);
  return { event: position >= steps ? "end" : recording.event(step), frame, source, line: recording.line(step), name: nameOf(name, recording.head) };
}

/** A code's name as a person says it, fit to be shown; a cell's own statements are run one by one, each a module's code. */
export function nameOf(name: string, head: Head): string {
  if (name === "<module>") return head.call === "cell" ? CELL : MODULE;
  return visible(name.replaceAll("<locals>.", "").slice(0, LONGEST_NAME));
}

class Composer {
  private readonly recording: Recording;
  private readonly place: Whereabouts;
  private readonly now: Snapshot | undefined;
  private readonly before: Snapshot | undefined;
  private readonly effects: Effects | undefined;
  private ways: ReadonlyMap<number, readonly string[]> | undefined;

  constructor(private readonly reading: Reading, private readonly position: number) {
    const { recording } = reading;
    this.recording = recording;
    this.place = whereabouts(recording, position);
    this.before = position > 0 ? recording.snapshot(position - 1) : undefined;
    this.now = recording.snapshot(position);
    this.effects = this.now ? effectsOf(recording, position, SHORT) : undefined;
  }

  moment(): Moment {
    const { place, position, recording } = this;
    const seen = this.touched();
    const frames = this.frames(seen);
    const doing = this.doing();
    const failing = this.failing();
    return {
      position,
      atEnd: position >= recording.steps,
      isReady: this.now !== undefined,
      isWhole: this.effects !== undefined,
      event: place.event,
      source: place.source,
      line: place.line,
      frameName: place.name,
      isFailing: doing.isBad,
      frames,
      doing,
      heap: this.now?.heap ?? NO_HEAP,
      chips: this.chips(seen, frames, doing),
      failing,
      spoken: this.spoken(frames, doing),
      isShared: (id) => canChange(this.now?.heap.get(id)) && this.waysTo(id).length > 1,
      waysTo: (id) => this.waysTo(id),
    };
  }

  /** What was changed by the step that led here, and by which one. */
  private touched(): Touched {
    const names = new Map<number, Map<string, number>>();
    const objects = new Set<number>();
    for (const delta of this.recording.deltas(this.position)?.deltas ?? []) {
      const cause = delta[1] === null ? -1 : this.position - delta[1];
      if (delta[0] === "bind" || delta[0] === "unbind") {
        names.set(delta[2], (names.get(delta[2]) ?? new Map<string, number>()).set(textOf(delta[3]), cause));
      } else if (delta[0] !== "appear") objects.add(typeof delta[2] === "number" ? delta[2] : delta[2][0]);
    }
    return { names, objects };
  }

  private waysTo(id: number): readonly string[] {
    this.ways ??= waysFrom(this.scopes(), this.now?.heap ?? NO_HEAP);
    return this.ways.get(id) ?? [];
  }

  /** The frames whose names count: the one that runs and its globals plainly, its callers with their names. */
  private scopes(): Scope[] {
    const { columns } = this.recording;
    const stack = this.stack();
    const running = stack.at(-1) ?? -1;
    const own = columns.frame_globals[running] ?? -1;
    const order = [running, own, ...stack.slice(0, -1).reverse()];
    return [...new Set(order)].flatMap((frame) => {
      const variables = this.now?.frames.get(frame);
      const plain = frame === running || frame === own;
      return variables ? [{ variables, suffix: plain ? "" : ` in ${this.frameName(frame)}` }] : [];
    });
  }

  // --- frames ---------------------------------------------------------------------------------------------------

  private stack(): readonly number[] {
    const { recording, position } = this;
    return recording.steps === 0 ? [] : this.reading.stacks.at(Math.min(position, recording.steps - 1));
  }

  private frameName(frame: number): string {
    return nameOf(this.recording.code(frame)[1], this.recording.head);
  }

  private frames(seen: Touched): FrameShown[] {
    const { columns, steps } = this.recording;
    const atEnd = this.position >= steps;
    const stack = atEnd ? this.stack().filter((frame) => (columns.frame_end[frame] ?? -1) < 0) : this.stack();
    const globals = [...new Set([...this.stack()].reverse().map((frame) => columns.frame_globals[frame] ?? -1))];
    const order = [...[...stack].reverse(), ...globals.filter((frame) => frame >= 0)];
    return [...new Set(order)].map((frame) => this.frame(frame, stack, seen)).filter((frame) => !this.isIdle(frame));
  }

  /** A module's frame has no variables of its own: its namespace, which is a frame too, shows them if there are any. */
  private isIdle(frame: FrameShown): boolean {
    const [kind] = this.recording.code(frame.id);
    return ["module", "block", "globals"].includes(kind) && frame.variables.length === 0;
  }

  private frame(frame: number, stack: readonly number[], seen: Touched): FrameShown {
    const [kind, name] = this.recording.code(frame);
    const isGlobals = kind === "globals";
    const variables = this.variables(frame, stack, seen);
    return {
      id: frame,
      key: String(frame),
      openKey: `${kind} ${name}`,
      name: isGlobals ? (name === "__main__" ? "globals" : `globals of ${nameOf(name, this.recording.head)}`) : nameOf(name, this.recording.head),
      where: isGlobals ? "" : this.whereOf(frame, stack),
      isGlobals,
      variables,
      hasChanges: variables.some((variable) => variable.change !== ""),
    };
  }

  private whereOf(frame: number, stack: readonly number[]): string {
    if (frame === this.place.frame && this.position < this.recording.steps) return `line ${this.place.line}`;
    const above = stack[stack.indexOf(frame) + 1];
    const line = above === undefined ? 0 : this.reading.callingLine(above);
    return line > 0 ? `line ${line}` : "";
  }

  private variables(frame: number, stack: readonly number[], seen: Touched): Variable[] {
    const scope = this.now?.frames.get(frame);
    if (!scope || !this.now) return [];
    const own = this.recording.columns.frame_globals[this.place.frame];
    const isPlain = frame === this.place.frame || frame === own || !stack.includes(frame);
    const suffix = isPlain ? "" : ` in ${this.frameName(frame)}`;
    const changed = seen.names.get(frame) ?? NO_NAMES;
    const { heap } = this.now;
    const shown = [...scope].map(([name, value]): Variable => {
      const old = this.before?.frames.get(frame)?.get(name);
      const mark = this.markOf(name, value, old, changed, seen.objects, heap);
      const was = mark === "changed" && old && this.before ? show(old, this.before.heap, CHIP) : "";
      return { name, value, text: show(value, heap), change: mark, was, way: name + suffix, isTool: isTool(value, heap) };
    });
    return [...shown, ...this.gone(frame, scope, changed)];
  }

  private markOf(
    name: string, value: Value, old: Value | undefined, changed: ReadonlyMap<string, number>, inside: ReadonlySet<number>,
    heap: Heap,
  ): ChangeMark {
    if (changed.has(name)) return old || !this.before ? "changed" : "new";
    return reaches(value, inside, heap) ? "inside" : "";
  }

  private gone(frame: number, scope: Variables, changed: ReadonlyMap<string, number>): Variable[] {
    return [...changed.keys()].filter((name) => !scope.has(name)).map((name) => {
      const old = this.before?.frames.get(frame)?.get(name);
      const was = old && this.before ? show(old, this.before.heap, CHIP) : "";
      return { name, value: undefined, text: "", change: "gone" as const, was, way: name, isTool: false };
    });
  }

  // --- what the line does ---------------------------------------------------------------------------------------

  private doing(): Doing {
    const { recording, position, place } = this;
    if (position >= recording.steps) {
      const { kept, steps, cut, ending } = recording.head;
      if (kept < steps) return { title: `The last step that is here: ${visible(cut)}`, isBad: false, facts: [] };
      const bad = recording.head.outcome.kind !== "returned" && recording.head.outcome.kind !== "recording";
      return { title: `The end: ${visible(ending)}`, isBad: bad, facts: [] };
    }
    const ended = recording.value(position);
    const value = ended && this.now ? show(ended, this.now.heap) : "…";
    const isBad = place.event === "raise" || place.event === "unwind";
    return { title: titleOf(place, value, this.callText()), isBad, facts: this.facts() };
  }

  /** The arguments of the call that begins here. */
  private callText(): string {
    const variables = this.now?.frames.get(this.place.frame);
    if (this.place.event !== "start" || !variables || !this.now) return "";
    const { heap } = this.now;
    return [...variables].map(([name, value]) => `${visible(name)}=${show(value, heap, CHIP)}`).join(", ");
  }

  private facts(): Fact[] {
    const { effects } = this;
    if (!effects) return [];
    return [...this.ending(effects), ...this.changes(effects), ...written(effects), ...this.computed(effects)];
  }

  /** The values of expressions: each once, and none that is written there as it is. */
  private computed({ computed }: Effects): Fact[] {
    const told = new Set<string>();
    const facts: Fact[] = [];
    for (const { source, text, entry } of computed) {
      const key = `${source} ${text}`;
      if (facts.length >= MOST_FACTS || source === text || !entry.span || told.has(key)) continue;
      told.add(key);
      facts.push({ kind: "computed", label: source, sign: "→", text, was: "", place: placeOf(entry.source, entry.span) });
    }
    return facts;
  }

  private changes({ changes }: Effects): Fact[] {
    return changes.slice(0, MOST_FACTS).map(({ target, text, remark }) => {
      const old = this.valueOf(target, remark);
      const was = old && this.now ? show(old, this.now.heap, CHIP) : "";
      const isGone = text === "";
      return {
        kind: "changed", label: visible(target), sign: isGone ? "−" : "=", text: isGone ? "is gone" : text,
        was: was === text ? "" : was, remark: visible(remark), place: undefined,
      };
    });
  }

  /** The value that a variable has before the line runs, where the change of it is one of the frame or of its globals. */
  private valueOf(name: string, remark: string): Value | undefined {
    const { frame } = this.place;
    const own = this.now?.frames.get(frame);
    if (remark.startsWith("in ") || remark.includes("before")) return undefined;
    return (remark.includes("global") ? undefined : own?.get(name)) ?? this.now?.frames.get(this.recording.globals(frame))?.get(name);
  }

  /** How the line leaves its frame. At the step that does so it is the title. */
  private ending({ ending }: Effects): Fact[] {
    if (!ending || ending.step === this.position || (TOP_LEVEL.has(this.place.name) && ending.event === "return")) return [];
    const verbs: Partial<Record<EventKind, string>> = { return: "returns", yield: "yields", raise: "raises", unwind: "ends with" };
    const kind = ending.event === "raise" || ending.event === "unwind" ? "failed" : "returned";
    return [{ kind, label: verbs[ending.event] ?? ending.event, sign: "", text: ending.text, was: "", place: undefined }];
  }

  /** The expression that an exception left: of a RAISE, on the line that raised it; of a line, where it will. */
  private failing(): Place | undefined {
    const { recording, position, place } = this;
    if (!this.now || position >= recording.steps) return undefined;
    let step = position;
    while (step > 0 && (recording.event(step) === "raise" || recording.event(step) === "unwind")) step = back(recording, step);
    if (recording.event(step) !== "line" || recording.frame(step) !== place.frame) return undefined;
    const span = failingSpan(recording, step);
    return span ? placeOf(place.source, span) : undefined;
  }

  // --- notes after lines ------------------------------------------------------------------------------------------

  /** After the current line what it does; after the line before it what it has changed. */
  private chips(seen: Touched, frames: readonly FrameShown[], doing: Doing): ReadonlyMap<number, readonly Chip[]> {
    const chips = new Map<number, Chip[]>();
    const add = (line: number, chip: Chip) => {
      const known = chips.get(line) ?? [];
      if (known.length < 4 && !known.some((other) => other.text === chip.text)) chips.set(line, [...known, chip]);
    };
    for (const frame of frames) {
      for (const { name, text, value, change } of frame.variables) {
        const cause = seen.names.get(frame.id)?.get(name) ?? -1;
        if (cause < 0 || value === undefined || change === "" || this.recording.frame(cause) !== this.place.frame) continue;
        const line = this.recording.line(cause);
        if (line !== this.place.line) add(line, { kind: "changed", text: `${visible(name)} = ${shorter(text)}` });
      }
    }
    for (const chip of this.currentChips(doing)) add(this.place.line, chip);
    return chips;
  }

  private currentChips(doing: Doing): Chip[] {
    const { event } = this.place;
    if (event !== "line") return event === "start" || event === "end" ? [] : [{ kind: doing.isBad ? "failed" : "", text: doing.title }];
    const chips: Chip[] = [];
    for (const fact of doing.facts) {
      if (fact.kind === "changed") chips.push({ kind: "", text: `${fact.label} ${fact.sign === "=" ? "= " : ""}${shorter(fact.text)}` });
      if (fact.kind === "output") chips.push({ kind: "output", text: `writes ${shorter(fact.text.trimEnd())}` });
      if (fact.kind === "failed") chips.push({ kind: "failed", text: `raises ${fact.text}` });
      if (fact.kind === "returned") chips.push({ kind: "", text: `returns ${fact.text}` });
    }
    const whole = doing.facts.at(-1); // what was evaluated last holds all the rest
    if (chips.length === 0 && whole) chips.push({ kind: "", text: `${whole.label.length > 24 ? "" : `${whole.label} `}→ ${whole.text}` });
    return chips;
  }

  private spoken(frames: readonly FrameShown[], doing: Doing): string {
    const { place } = this;
    if (place.event !== "line") return doing.title;
    const changes = frames.flatMap((frame) => frame.variables.filter((variable) => variable.change !== ""));
    const told = changes.slice(0, 3).map((variable) => (variable.value ? `${variable.name} is ${variable.text}` : `${variable.name} is gone`));
    return `line ${place.line} of ${place.name}${told.length ? `: ${told.join(", ")}` : ""}`;
  }
}

const MODULE = "the module";
const CELL = "the cell";
const TOP_LEVEL = new Set([MODULE, CELL]);
const LONGEST_NAME = 200;
const MOST_FACTS = 60;
const MOST_WRITTEN = 400;
const TOOLS = new Set(["function", "class", "module"]);

function isTool(value: Value, heap: Heap): boolean {
  return value.kind === "ref" && TOOLS.has(heap.get(value.id)?.kind ?? "");
}

/** What a line wrote, a row for each stretch of one stream: one `print` writes its parts and blanks one by one. */
function written({ outputs }: Effects): Fact[] {
  const stretches: [stream: number, text: string][] = [];
  for (const [, , stream, text] of outputs) {
    const last = stretches.at(-1);
    if (last?.[0] !== stream) stretches.push([stream, text.slice(0, MOST_WRITTEN)]);
    else if (last[1].length < MOST_WRITTEN) last[1] += text.slice(0, MOST_WRITTEN);
  }
  return stretches.slice(0, MOST_FACTS).map(([stream, text]) => ({
    kind: "output", label: stream === 1 ? "writes to stderr" : "writes", sign: "", text: visible(text, "\n"), was: "", place: undefined,
  }));
}

/** A text cut for a note after a line. */
function shorter(text: string): string {
  const line = text.replaceAll("\n", " ⏎ ");
  return line.length > 44 ? `${line.slice(0, 43)}…` : line;
}

function titleOf(place: Whereabouts, value: string, call: string): string {
  switch (place.event) {
    case "start":
      if (place.name === CELL) return "a statement of the cell begins";
      return call ? `${place.name} begins with ${call}` : `${place.name} begins`;
    case "return":
      if (place.name === CELL) return "the statement ends";
      return place.name === MODULE ? "the module ends" : `${place.name} returns ${value}`;
    case "yield":
      return `${place.name} yields ${value}`;
    case "resume":
      return `${place.name} goes on`;
    case "raise":
      return `${value} is raised in ${place.name}`;
    case "unwind":
      return `${place.name} ends with ${value}`;
    default:
      return TOP_LEVEL.has(place.name) ? `line ${place.line} is about to run` : `line ${place.line} of ${place.name} is about to run`;
  }
}

function placeOf(source: number, span: Span): Place {
  const [, line, column, endLine, endColumn] = span;
  return { source, line, column, endLine, endColumn };
}

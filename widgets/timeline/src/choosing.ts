/** The chosen variable: when it changed, which values it had, and where among them the position is. */

import { computed, signal, type ReadonlySignal } from "@preact/signals";

import { historyOf, type VariableHistory } from "./changes";
import { grouped } from "./counting";
import { over } from "./cursor";
import { visible } from "./escape";
import type { Value } from "./model";
import { nameOf } from "./moment";
import type { Recording } from "./recording";
import { show } from "./values";
import { firstAtLeast } from "./visits";

/** What is shown of the chosen variable. */
export interface ChosenShown {
  readonly name: string;
  readonly where: string;
  /** The steps that gave it another value; `Choosing.pastText` tells which. */
  readonly steps: readonly number[];
  /** The last of them before the position; -1 where there is none. */
  readonly current: number;
  readonly countText: string;
  readonly hasPrevious: boolean;
  readonly hasNext: boolean;
  /** Its course, where all its values are numbers. */
  readonly numbers: readonly (readonly [step: number, value: number])[] | undefined;
  readonly extent: readonly [low: number, high: number];
}

interface Chosen {
  readonly frame: number;
  readonly name: string;
}

const PAST = { characters: 40, depth: 3 };
const NONE: readonly number[] = [];

/** Holds the one variable that is chosen, and looks for its changes in the background. */
export class Choosing {
  readonly chosen = signal<Chosen | null>(null);
  private readonly history = signal<VariableHistory | null>(null);
  private readonly done = signal(1);
  private asked: AbortController | undefined;

  /** `fail` is told what went wrong. */
  constructor(
    private readonly recording: Recording,
    private readonly position: ReadonlySignal<number>,
    private readonly fail: (problem: string) => void,
  ) {}

  /** The steps that changed it, ascending. */
  readonly changes: ReadonlySignal<readonly number[]> = computed(() => this.history.value?.steps ?? NONE);

  /** The nearest change after or before a position, if there is one. */
  near(position: number, forward: boolean): number | undefined {
    const steps = this.changes.peek();
    return forward ? steps[firstAtLeast(steps, position + 1)] : steps[firstAtLeast(steps, position) - 1];
  }

  isChosen(frame: number, name: string): boolean {
    const chosen = this.chosen.value;
    return chosen?.frame === frame && chosen.name === name;
  }

  /** Choose a variable, and look for its changes; to choose it again ends that. */
  choose(frame: number, name: string): void {
    if (this.isChosen(frame, name)) return this.unchoose();
    this.unchoose();
    this.chosen.value = { frame, name };
    this.done.value = 0;
    const asked = (this.asked = new AbortController());
    const onProgress = (done: number) => {
      if (!asked.signal.aborted) this.done.value = done;
    };
    historyOf(this.recording, frame, name, { signal: asked.signal, onProgress }).then(
      (history) => {
        if (asked.signal.aborted) return;
        this.history.value = history;
        this.done.value = 1;
      },
      (error: unknown) => {
        if (!asked.signal.aborted) this.fail(error instanceof Error ? error.message : String(error));
      },
    );
  }

  unchoose(): void {
    this.asked?.abort();
    this.chosen.value = null;
    this.history.value = null;
    this.done.value = 1;
  }

  private readonly course = computed(() => {
    const history = this.history.value;
    if (!history) return undefined;
    const isPlain = history.values.every(({ value }) => value.kind === "atom");
    const numbers = history.values.map(({ step, value }) => [step, numberOf(value)] as const);
    const isNumeric = numbers.length > 1 && numbers.every(([, value]) => Number.isFinite(value));
    let [low, high] = [Infinity, -Infinity];
    for (const [, value] of numbers) [low, high] = [Math.min(low, value), Math.max(high, value)];
    const steps = isPlain ? history.values.map(({ step }) => step) : history.steps;
    return { steps, numbers: isNumeric ? numbers : undefined, extent: [low, high] as const, texts: new Map<number, string>() };
  });

  /** The value that the chosen variable had from a change on; "…" where it would have to be read first. */
  pastText(place: number): string {
    const [course, history, chosen] = [this.course.peek(), this.history.peek(), this.chosen.peek()];
    const step = course?.steps[place];
    if (!course || !history || !chosen || step === undefined) return "";
    const known = course.texts.get(place);
    if (known !== undefined) return known;
    const bound = course.steps === history.steps ? undefined : history.values[place]?.value;
    const text = bound ? show(bound, new Map(), PAST) : this.textAfter(step, chosen);
    if (text !== "…") course.texts.set(place, text);
    return text;
  }

  /** A variable's value once the line of a step is through. */
  private textAfter(step: number, { frame, name }: Chosen): string {
    const snapshot = this.recording.snapshot(over(this.recording, step));
    const value = snapshot?.frames.get(frame)?.get(name);
    if (!snapshot) return "…";
    return value ? show(value, snapshot.heap, PAST) : "gone";
  }

  readonly shown: ReadonlySignal<ChosenShown | undefined> = computed(() => {
    const chosen = this.chosen.value;
    if (!chosen) return undefined;
    const changes = this.changes.value;
    const course = this.course.value;
    const here = this.position.value;
    const before = firstAtLeast(changes, here);
    const done = this.done.value;
    const code = this.recording.code(chosen.frame);
    return {
      name: chosen.name,
      where: code[0] === "globals" ? "global" : `in ${visible(nameOf(code[1], this.recording.head))}`,
      steps: course?.steps ?? [],
      current: firstAtLeast(course?.steps ?? [], here) - 1,
      countText: done < 1 ? `looking… ${Math.floor(done * 100)} %` : countOf(before, changes.length),
      hasPrevious: before > 0,
      hasNext: firstAtLeast(changes, here + 1) < changes.length,
      numbers: course?.numbers,
      extent: course?.extent ?? [0, 0],
    };
  });
}

function countOf(before: number, all: number): string {
  return `${grouped(before)} of ${grouped(all)} ${all === 1 ? "change" : "changes"} made`;
}

function numberOf(value: Value): number {
  const isNumber = value.kind === "atom" && value.length < 0 && (value.type === "int" || value.type === "float");
  return isNumber ? Number(value.text) : Number.NaN;
}

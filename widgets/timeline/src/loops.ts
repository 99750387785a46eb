/** The loops around the position, outermost first: which pass of each it is, and where every other begins. */

import { computed, type ReadonlySignal } from "@preact/signals";

import { whereabouts } from "./moment";
import type { Reading } from "./reading";

/** One loop around the current line. Passes count from 0 here; -1 is before the first. */
export interface PassPicker {
  readonly label: string;
  readonly count: number;
  readonly current: number;
  readonly starts: readonly number[];
}

/** Follows the position in the loops around it. */
export class Loops {
  private known: readonly PassPicker[] = [];

  constructor(
    private readonly reading: Reading,
    private readonly position: ReadonlySignal<number>,
  ) {}

  /** The loops around the current line, outermost first; the same array while nothing of it is other. */
  readonly passes: ReadonlySignal<readonly PassPicker[]> = computed(() => {
    const passes = this.passesNow();
    const isSame = passes.length === this.known.length && passes.every((pass, place) => isSamePass(pass, this.known[place]));
    return isSame ? this.known : (this.known = passes);
  });

  private passesNow(): PassPicker[] {
    const position = this.position.value;
    const { source } = whereabouts(this.reading.recording, position);
    return (this.reading.passesAt(position) ?? []).map(({ run, current }) => ({
      label: this.loopLabel(source, run.loop[0], run.loop[1]),
      count: run.starts.length,
      current: current - 1,
      starts: run.starts,
    }));
  }

  /** "for i": the loop's header as far as it names what turns. */
  private loopLabel(source: number, kind: string, line: number): string {
    const text = (this.reading.recording.head.sources[source]?.text.split("\n", line)[line - 1] ?? "").trim();
    const named = kind === "for" ? /^(?:async\s+)?for\s+(.{1,60}?)\s+in\b/.exec(text) : /^while\s*(.{1,60}?)\s*:/.exec(text);
    return named?.[1] ? `${kind} ${named[1]}` : kind;
  }

  /** True while the passes of the loops around the current line are counted. */
  readonly isCounting: ReadonlySignal<boolean> = computed(() => this.reading.passesAt(this.position.value) === undefined);
}

function isSamePass(one: PassPicker, other: PassPicker | undefined): boolean {
  return one.starts === other?.starts && one.current === other.current;
}

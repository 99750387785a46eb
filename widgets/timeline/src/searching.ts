/** A search that goes on while one steps: the word, what was found so far, and whether there is more to come. */

import { batch, signal, type ReadonlySignal } from "@preact/signals";

import { visible } from "./escape";
import type { Recording } from "./recording";
import { MOST_HITS, search, type Field } from "./search";
import { firstAtLeast } from "./visits";

/** What is searched. */
export type SearchKind = "all" | Field;

/** One place where the word was found. */
export interface Hit {
  readonly key: string;
  readonly position: number;
  readonly field: Field;
  readonly text: string;
}

/** Milliseconds between two looks at what was found. */
const BEAT = 150;
const LONGEST = 200;

/** The search of one timeline. */
export class SearchState {
  readonly query = signal("");
  readonly kind = signal<SearchKind>("all");
  readonly isBusy = signal(false);
  readonly isCut = signal(false);
  private readonly hits = signal<readonly Hit[]>([]);
  private readonly steps = signal<Uint32Array>(new Uint32Array());
  private running: AbortController | undefined;

  constructor(private readonly recording: Recording) {}

  /** The hits in the order of the run. */
  get found(): ReadonlySignal<readonly Hit[]> {
    return this.hits;
  }

  /** Their positions, each once, ascending. */
  get positions(): ReadonlySignal<Uint32Array> {
    return this.steps;
  }

  /** The nearest hit after or before a position, if there is one. */
  near(position: number, forward: boolean): number | undefined {
    const positions = this.steps.peek();
    return forward ? positions[firstAtLeast(positions, position + 1)] : positions[firstAtLeast(positions, position) - 1];
  }

  dispose(): void {
    this.running?.abort();
  }

  /** Search for a word; what was searched before is dropped. */
  search(query: string, kind: SearchKind): void {
    this.running?.abort();
    const running = (this.running = new AbortController());
    batch(() => {
      this.query.value = query;
      this.kind.value = kind;
      this.isCut.value = false;
      this.isBusy.value = query.trim() !== "";
      this.show([]);
    });
    if (query.trim() !== "") void this.run(query.trim(), kind, running.signal);
  }

  private async run(query: string, kind: SearchKind, ended: AbortSignal): Promise<void> {
    const found: Hit[] = [];
    let met = 0;
    let shown = performance.now();
    try {
      for await (const { step, field, text } of search(this.recording, query, { signal: ended })) {
        if (ended.aborted) return;
        met++;
        if (kind === "all" || kind === field) found.push({ key: `${met}`, position: step, field, text: around(text, query) });
        if (performance.now() - shown < BEAT) continue;
        shown = performance.now();
        this.show(found);
      }
    } catch (error) {
      if (!ended.aborted) console.warn("The search ended early:", error);
    }
    if (ended.aborted) return;
    batch(() => {
      this.isBusy.value = false;
      this.isCut.value = met >= MOST_HITS;
      this.show(found);
    });
  }

  private show(found: readonly Hit[]): void {
    const sorted = [...found].sort((one, other) => one.position - other.position);
    this.hits.value = sorted;
    this.steps.value = Uint32Array.from(new Set(sorted.map((hit) => hit.position)));
  }
}

/** The part of a text that holds the word, fit to be shown. */
function around(text: string, query: string): string {
  const place = Math.max(0, text.toLowerCase().indexOf(query.toLowerCase()) - 40);
  const part = visible(text.slice(place, place + LONGEST));
  return `${place > 0 ? "…" : ""}${part}${place + LONGEST < text.length ? "…" : ""}`;
}

/**
 * What the timeline asks of whatever shows it: a widget in a notebook, a saved page, an editor's panel.
 *
 * The component knows no other door to the outside. A host hands over bytes as they were packed; the component
 * inflates and reads them.
 */

import type { Head } from "./packed";

export interface Host {
  /** All that is needed for the first picture but the columns. */
  readonly head: Head;

  /** The position to begin at. */
  readonly initialStep: number;

  /** The columns of all steps and frames, still deflated. */
  columns(): Promise<Uint8Array<ArrayBuffer>>;

  /** Whether chunk `k` is here, so that nobody has to wait for it. */
  has(k: number): boolean;

  /** Chunk `k`, still deflated. Rejects with an Error whose message says what to do where it can't be had. */
  chunk(k: number): Promise<Uint8Array<ArrayBuffer>>;

  /** Call `listener` when a chunk is here that holds more than the one handed over before; returns what ends that. */
  onFuller(listener: (k: number) => void): () => void;

  /** Call `listener` whenever the host wants another position shown; returns what ends that. */
  onStep(listener: (step: number) => void): () => void;

  /** The person, or the component, moved to another position. */
  stepChanged(step: number): void;
}

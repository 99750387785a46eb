/**
 * The timeline in a notebook: a widget's model as a `Host`.
 *
 * Head, columns and the first chunk come with the model; of a long run that chunk is sent again, with the values that
 * were evaluated long after its steps. The other chunks are sent by the kernel as soon as it has them; a view asks only
 * for one that has not come for a while, since a kernel that runs another cell does not answer.
 */

import type { Host } from "../host";
import type { Head } from "../packed";
import { mountTimeline } from "../timeline";
import { announceLive } from "./pairing";

type Bytes = Uint8Array<ArrayBuffer>;

interface Model {
  get(name: "step"): number;
  get(name: "_head"): Head;
  get(name: "_columns" | "_first"): DataView<ArrayBuffer>;
  get(name: "_pair"): string;
  set(name: "step", value: number): void;
  save_changes(): void;
  send(content: unknown): void;
  on(event: "change:step", listener: () => void): void;
  on(event: "msg:custom", listener: (content: unknown, buffers: DataView<ArrayBuffer>[]) => void): void;
  off(event: "change:step", listener: () => void): void;
}

/** How long a chunk may be on its way before it is asked for, in milliseconds. */
const PATIENCE = 200;

/** Milliseconds between two steps that the kernel is told of. */
const PACE = 100;

/** How long an answer may take before the person is told. */
const DEADLINE = 10_000;

const SILENT =
  "The values of this step have not come: the kernel is busy or gone. " +
  "They come when it is idle; where it was restarted, run the cell again.";

/** The chunks that have come, and those that somebody waits for. */
class Chunks {
  readonly #come = new Map<number, Bytes>();
  readonly #awaited = new Map<number, { promise: Promise<Bytes>; take: (chunk: Bytes) => void }>();

  readonly #listeners = new Set<(k: number) => void>();

  constructor(private readonly ask: (k: number) => void) {}

  take(k: number, chunk: Bytes): void {
    const isFuller = this.#come.has(k);
    this.#come.set(k, chunk);
    if (isFuller) for (const listener of this.#listeners) listener(k);
    this.#awaited.get(k)?.take(chunk);
    this.#awaited.delete(k);
  }

  onFuller(listener: (k: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  has(k: number): boolean {
    return this.#come.has(k);
  }

  get(k: number): Promise<Bytes> {
    const come = this.#come.get(k);
    if (come) return Promise.resolve(come);
    const awaited = this.#awaited.get(k);
    if (awaited) return awaited.promise;
    return this.#wait(k);
  }

  #wait(k: number): Promise<Bytes> {
    let take: (chunk: Bytes) => void = () => {};
    const promise = new Promise<Bytes>((resolve, reject) => {
      const asking = setTimeout(() => this.ask(k), PATIENCE);
      const giving = setTimeout(() => {
        this.#awaited.delete(k);
        reject(new Error(SILENT));
      }, DEADLINE);
      take = (chunk) => {
        clearTimeout(asking);
        clearTimeout(giving);
        resolve(chunk);
      };
    });
    this.#awaited.set(k, { promise, take });
    return promise;
  }
}

/** The bytes of a view, in memory of their own: the message that they came in is not kept alive. */
function bytesOf(view: DataView<ArrayBuffer>): Bytes {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice();
}

/** Tells the kernel of the steps that a person goes to: of a row of them a few, and the last. */
class Steps {
  #next: number | undefined;
  #isWaiting = false;

  constructor(private readonly model: Model) {}

  tell(step: number): void {
    this.#next = step;
    if (!this.#isWaiting) this.#send();
  }

  #send(): void {
    const step = this.#next;
    this.#next = undefined;
    this.#isWaiting = step !== undefined;
    if (step === undefined) return;
    setTimeout(() => this.#send(), PACE);
    if (step === this.model.get("step")) return;
    this.model.set("step", step);
    this.model.save_changes();
  }
}

function hostOf(model: Model, chunks: Chunks): Host {
  const steps = new Steps(model);
  return {
    head: model.get("_head"),
    initialStep: model.get("step"),
    columns: () => Promise.resolve(bytesOf(model.get("_columns"))),
    has: (k) => chunks.has(k),
    chunk: (k) => chunks.get(k),
    onFuller: (listener) => chunks.onFuller(listener),
    onStep(listener) {
      const changed = () => listener(model.get("step"));
      model.on("change:step", changed);
      return () => model.off("change:step", changed);
    },
    stepChanged: (step) => steps.tell(step),
  };
}

/** One widget: its chunks are shared by all its views. */
export default () => {
  let chunks: Chunks | undefined;

  function listen(model: Model): Chunks {
    const made = new Chunks((k) => model.send({ need: [k] }));
    made.take(0, bytesOf(model.get("_first")));
    model.on("msg:custom", (content, buffers) => {
      const k = (content as { chunk?: unknown } | null)?.chunk;
      const buffer = buffers[0];
      if (typeof k === "number" && buffer) made.take(k, bytesOf(buffer));
    });
    return made;
  }

  return {
    initialize({ model }: { model: Model }) {
      chunks = listen(model);
    },
    render({ model, el }: { model: Model; el: HTMLElement }) {
      chunks ??= listen(model);
      const leave = announceLive(model.get("_pair"));
      const unmount = mountTimeline(el, hostOf(model, chunks));
      return () => {
        unmount();
        leave();
      };
    },
  };
};

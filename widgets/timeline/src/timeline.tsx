/**
 * The timeline in a page: a shadow root, its styles, the store and the views, and the door to the host.
 *
 * The columns come first and give the first picture; values follow chunk by chunk. The host element tells what a test,
 * or a host, wants to know: `data-ready` after the first full picture, `data-position` after each one.
 */

import { render } from "preact";

import type { Host } from "./host";
import { Recording } from "./recording";
import { Store } from "./store";
import { adoptStyles } from "./styles";
import { followTheme } from "./theme";
import { Timeline, Waiting } from "./views/timeline";

/** Show `host`'s recording in `root`. Returns what takes it away again, with all that it listens to. */
export function mountTimeline(root: HTMLElement, host: Host): () => void {
  const box = document.createElement("div");
  box.dataset["lmSuppressShortcuts"] = "true";
  box.className = "cotrace-timeline";
  root.append(box);
  const shadow = box.attachShadow({ mode: "open" });
  adoptStyles(shadow);
  const mounted = new Mounted(root, box, shadow, host);
  void mounted.open();
  return () => mounted.dispose();
}

class Mounted {
  private readonly ends: (() => void)[] = [];
  private isDisposed = false;

  constructor(
    private readonly root: HTMLElement,
    private readonly box: HTMLElement,
    private readonly shadow: ShadowRoot,
    private readonly host: Host,
  ) {
    this.paintWaiting("");
  }

  /**
   * Read the columns and show the recording; what goes wrong is told in its place, with a way to try again.
   *
   * Values that are not here are not waited for, since a busy kernel may hand them over late: the view asks for them,
   * and tells what goes wrong with them.
   */
  async open(): Promise<void> {
    try {
      const recording = await Recording.open(this.host);
      const first = this.host.initialStep;
      if (this.host.has(recording.chunkOf(first))) await recording.load(first).catch(() => undefined);
      if (!this.isDisposed) this.show(recording);
    } catch (error) {
      if (!this.isDisposed) this.paintWaiting(error instanceof Error ? error.message : String(error));
    }
  }

  private show(recording: Recording): void {
    const { host } = this;
    const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const store = new Store(recording, { initialStep: host.initialStep, reducedMotion, onStep: (step) => host.stepChanged(step) });
    this.ends.push(() => store.dispose());
    this.ends.push(host.onFuller((k) => void store.renew(k)));
    this.ends.push(host.onStep((step) => store.showStep(step)));
    this.ends.push(followTheme(this.root, this.box, () => store.theme.value++));
    this.ends.push(this.followWidth(store));
    render(<Timeline store={store} onPainted={(position, isReady) => this.painted(position, isReady)} />, this.shadow);
  }

  private paintWaiting(problem: string): void {
    const retry = () => {
      this.paintWaiting("");
      void this.open();
    };
    render(<Waiting head={this.host.head} problem={problem} retry={retry} />, this.shadow);
  }

  /** Tell of each picture on the element that the host gave. */
  private painted(position: number, isReady: boolean): void {
    this.root.dataset["position"] = String(position);
    if (isReady) this.root.dataset["ready"] = "1";
  }

  private followWidth(store: Store): () => void {
    const observer = new ResizeObserver(() => store.setWidth(this.box.clientWidth));
    observer.observe(this.box);
    store.setWidth(this.box.clientWidth);
    return () => observer.disconnect();
  }

  dispose(): void {
    this.isDisposed = true;
    for (const end of this.ends.splice(0)) end();
    render(null, this.shadow);
    this.box.remove();
    delete this.root.dataset["ready"];
    delete this.root.dataset["position"];
  }
}

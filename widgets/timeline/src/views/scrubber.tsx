/**
 * The scrubber: the whole run in sight, drawn as call depth over time, with marks for what one looks for.
 *
 * It is a canvas that draws itself when a signal changes, outside of Preact: the strip of the whole run is drawn once
 * per width and set of marks, in the colours of what is past and of what is to come, and a step copies the two parts and
 * draws one line. A mark has a shape of its own besides its colour.
 */

import { useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { columnOf, depthProfile, greatest, markedColumns, positionAt, type Numbers } from "../overview";
import type { Marks, Store } from "../store";
import { CodeText } from "./text";

const MARKS_HEIGHT = 13;
const PADDING = 4;

/** What the strip is drawn with. */
interface Ink {
  past: string; future: string; here: string; failed: string; output: string; chosen: string; muted: string; fg: string; ground: string;
}

const INKS: Record<keyof Ink, string> = {
  past: "--ct-past", future: "--ct-future", here: "--ct-here", failed: "--ct-failed", output: "--ct-output",
  chosen: "--ct-chosen", muted: "--ct-edge", fg: "--ct-fg", ground: "--ct-bg",
};

/** The strip, as a slider. */
export function Scrubber({ store }: { store: Store }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const hover = useSignal(-1);
  const size = useSignal({ width: 0, height: 0, ratio: 1 });
  const strip = useRef<Strip>();
  strip.current ??= new Strip();

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = () => {
      size.value = { width: element.clientWidth, height: element.clientHeight, ratio: globalThis.devicePixelRatio || 1 };
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useSignalEffect(() => {
    const { width, height, ratio } = size.value;
    const theme = store.theme.value;
    const marks = store.marks.value;
    if (!canvas.current || !box.current || width === 0) return;
    strip.current?.draw(canvas.current, inkOf(box.current), { store, marks, width, height, ratio, theme });
    strip.current?.paint(store.position.peek(), hover.peek());
  });
  useSignalEffect(() => strip.current?.paint(store.position.value, hover.value));

  const follow = useFollow(store, box, hover);
  const steps = store.steps;
  return (
    <div
      class="scrub" ref={box} role="slider" tabIndex={0} aria-label="The run, by steps"
      aria-valuemin={0} aria-valuemax={steps} aria-valuenow={store.position} aria-valuetext={store.placeText}
      {...follow}
    >
      <canvas ref={canvas} aria-hidden="true" />
      <Peek store={store} hover={hover.value} width={size.value.width} />
    </div>
  );
}

/** Pointer and page keys: moves are gathered, so that a frame of the screen sees one. */
function useFollow(store: Store, box: { current: HTMLDivElement | null }, hover: { value: number }) {
  const waiting = useRef(0);
  const wanted = useRef(0);
  useEffect(() => () => cancelAnimationFrame(waiting.current), []);
  const place = (event: PointerEvent) => {
    const bounds = box.current?.getBoundingClientRect();
    return bounds ? positionAt(event.clientX - bounds.left, store.steps, bounds.width) : 0;
  };
  const goSoon = (position: number) => {
    wanted.current = position;
    waiting.current ||= requestAnimationFrame(() => {
      waiting.current = 0;
      store.goTo(wanted.current);
    });
  };
  return {
    onPointerDown: (event: PointerEvent) => {
      if (event.button !== 0) return;
      box.current?.setPointerCapture(event.pointerId);
      box.current?.focus({ preventScroll: true });
      event.preventDefault();
      goSoon(place(event));
    },
    onPointerMove: (event: PointerEvent) => {
      const position = place(event);
      hover.value = position;
      if (event.buttons & 1) goSoon(position);
    },
    onPointerLeave: () => {
      hover.value = -1;
    },
    onKeyDown: (event: KeyboardEvent) => {
      const page = Math.max(1, Math.round(store.steps / 20));
      const move = event.key === "PageUp" ? page : event.key === "PageDown" ? -page : 0;
      if (move === 0 || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation();
      store.goTo(store.position.peek() + move);
    },
  };
}

/** What is under the pointer: the step and its line. */
function Peek({ store, hover, width }: { store: Store; hover: number; width: number }) {
  if (hover < 0 || width === 0) return null;
  const place = store.recordingPlace(hover);
  const left = columnOf(hover, store.steps, width);
  const side = left > width / 2 ? { right: `${width - left}px` } : { left: `${left}px` };
  return (
    <div class="peek" style={side} aria-hidden="true">
      <span class="muted">{store.placeTextOf(hover)}</span>
      {place.line > 0 && (
        <code>
          <CodeText source={store.head.sources[place.source]} line={place.line} trimmed />
        </code>
      )}
    </div>
  );
}

/** The colours in use, as the canvas understands them: a probe element works out variables and mixes. */
function inkOf(box: HTMLElement): Ink {
  const probe = document.createElement("i");
  box.append(probe);
  const resolved = {} as Ink;
  for (const name of Object.keys(INKS) as (keyof Ink)[]) {
    probe.style.color = `var(${INKS[name]})`;
    resolved[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  return resolved;
}

interface Scene {
  readonly store: Store;
  readonly marks: Marks;
  readonly width: number;
  readonly height: number;
  readonly ratio: number;
  readonly theme: number;
}

/** The strip: drawn whole when the scene changes, painted at each step. */
class Strip {
  private context: CanvasRenderingContext2D | null = null;
  private past: HTMLCanvasElement | null = null;
  private future: HTMLCanvasElement | null = null;
  private scene: Scene | null = null;
  private ink: Ink | null = null;
  private profile: Uint32Array = new Uint32Array();

  /** Draw the whole run, twice: as it looks when it is past, and when it is to come. */
  draw(canvas: HTMLCanvasElement, ink: Ink, scene: Scene): void {
    const { width, height, ratio } = scene;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    this.context = canvas.getContext("2d");
    if (this.scene?.width !== width || this.scene.store !== scene.store) {
      this.profile = depthProfile(scene.store.recording.columns.depth, scene.store.steps, width);
    }
    this.scene = scene;
    this.ink = ink;
    this.past = this.layer(ink.past);
    this.future = this.layer(ink.future);
  }

  /** Show one position. */
  paint(position: number, hover: number): void {
    const { context, scene, ink, past, future } = this;
    if (!context || !scene || !ink || !past || !future) return;
    const { width, height, ratio, store } = scene;
    const x = columnOf(position, store.steps, width);
    const cut = Math.round(x * ratio);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, past.width, past.height);
    if (cut > 0) context.drawImage(past, 0, 0, cut, past.height, 0, 0, cut, past.height);
    if (cut < past.width) context.drawImage(future, cut, 0, past.width - cut, past.height, cut, 0, past.width - cut, past.height);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    if (hover >= 0) {
      context.fillStyle = ink.muted;
      context.fillRect(Math.min(width - 1, columnOf(hover, store.steps, width)), 0, 1, height);
    }
    this.cursor(context, ink, x, width / Math.max(1, store.steps));
  }

  private cursor(context: CanvasRenderingContext2D, ink: Ink, x: number, stepWidth: number): void {
    const { height, width } = this.scene ?? { height: 0, width: 0 };
    if (stepWidth > 3) {
      context.globalAlpha = 0.22;
      context.fillStyle = ink.here;
      context.fillRect(x, 0, Math.min(stepWidth, width - x), height);
      context.globalAlpha = 1;
    }
    const left = Math.max(0, Math.min(width - 2, x - 1));
    context.fillStyle = ink.here;
    context.fillRect(left, 0, 2, height);
    const tip = Math.max(5, Math.min(width - 5, left + 1)); // whole at both ends
    context.beginPath();
    context.moveTo(tip - 5, 0);
    context.lineTo(tip + 5, 0);
    context.lineTo(left + 1, 7);
    context.fill();
  }

  private layer(colour: string): HTMLCanvasElement {
    const layer = document.createElement("canvas");
    const { width, height, ratio } = this.scene ?? { width: 0, height: 0, ratio: 1 };
    layer.width = Math.round(width * ratio);
    layer.height = Math.round(height * ratio);
    const context = layer.getContext("2d");
    if (context) {
      context.scale(ratio, ratio);
      this.area(context, colour);
      this.markers(context);
    }
    return layer;
  }

  /** The depth: a bar per step where there is room, an area where there is not. */
  private area(context: CanvasRenderingContext2D, colour: string): void {
    if (!this.scene) return;
    const { width, height, store } = this.scene;
    const { depth } = store.recording.columns;
    const room = height - MARKS_HEIGHT - PADDING;
    const unit = Math.min(room / (greatest(this.profile) + 1), room / 2.4);
    const base = height - MARKS_HEIGHT;
    context.fillStyle = colour;
    const stepWidth = width / Math.max(1, store.steps);
    if (stepWidth >= 4) {
      for (let step = 0; step < store.steps; step++) {
        const high = ((depth[step] ?? 0) + 1) * unit;
        context.fillRect(step * stepWidth + 0.5, base - high, stepWidth - 1, high);
      }
      return;
    }
    for (let column = 0; column < width; column++) {
      const high = ((this.profile[column] ?? 0) + 1) * unit;
      context.fillRect(column, base - high, 1, high);
    }
  }

  private markers(context: CanvasRenderingContext2D): void {
    if (!this.scene || !this.ink) return;
    const { width, height, store, marks } = this.scene;
    const half = Math.min(width / Math.max(1, store.steps), 8) / 2;
    const each = (positions: Numbers, draw: (x: number) => void) => {
      for (const column of markedColumns(positions, store.steps, width)) draw(column + half);
    };
    const top = height - MARKS_HEIGHT;
    const { ink } = this;
    context.fillStyle = ink.muted;
    if (marks.passes.length < width / 3) each(marks.passes, (x) => context.fillRect(Math.round(x - half), top, 1, 5));
    context.fillStyle = ink.output;
    each(marks.outputs, (x) => context.fillRect(x - 1.5, top + 8, 3, 3));
    context.fillStyle = ink.chosen;
    each(marks.changes, (x) => diamond(context, x, top + 6, 3.4));
    context.strokeStyle = ink.chosen;
    context.lineWidth = 1.3;
    each(marks.hits, (x) => ring(context, x, top + 6, 3.2));
    context.fillStyle = ink.failed;
    each(marks.failures, (x) => triangle(context, x, top + 1.5, 4.2));
  }
}

function diamond(context: CanvasRenderingContext2D, x: number, y: number, size: number): void {
  polygon(context, [[x, y - size], [x + size, y], [x, y + size], [x - size, y]]);
}

function triangle(context: CanvasRenderingContext2D, x: number, y: number, size: number): void {
  polygon(context, [[x, y], [x + size, y + size * 2], [x - size, y + size * 2]]);
}

function polygon(context: CanvasRenderingContext2D, corners: readonly (readonly [number, number])[]): void {
  context.beginPath();
  for (const [x, y] of corners) context.lineTo(x, y);
  context.fill();
}

function ring(context: CanvasRenderingContext2D, x: number, y: number, size: number): void {
  context.beginPath();
  context.arc(x, y, size, 0, Math.PI * 2);
  context.stroke();
}

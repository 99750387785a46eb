/** The chosen variable: all its values in a strip, its course as a line where they are numbers, and its changes. */

import { useEffect, useRef } from "preact/hooks";

import type { ChosenShown } from "../choosing";
import { grouped } from "../counting";
import { keysOf } from "../keys";
import type { Store } from "../store";
import { Icon } from "./icons";
import { shortened } from "./text";

const STRIP = 60;

/** The box below the variables; nothing where none is chosen. */
export function Chosen({ store }: { store: Store }) {
  const chosen = store.choosing.shown.value;
  if (!chosen) return null;
  const name = shortened(chosen.name, 40);
  return (
    <section class="chosenbox" role="region" tabIndex={0} aria-label={`The chosen variable ${name}`}>
      <div class="line">
        <span class="name">{name}</span>
        <span class="muted where">{chosen.where}</span>
        <button
          type="button" class="key" aria-label={`Previous change of ${name}`} title={`Previous change (${keysOf("previousChange")})`}
          aria-disabled={!chosen.hasPrevious} onClick={() => store.do("previousChange")}
        >
          <Icon name="left" />
        </button>
        <span class="muted" aria-live="off">{chosen.countText}</span>
        <button
          type="button" class="key" aria-label={`Next change of ${name}`} title={`Next change (${keysOf("nextChange")})`}
          aria-disabled={!chosen.hasNext} onClick={() => store.do("nextChange")}
        >
          <Icon name="right" />
        </button>
        <span class="grow" />
        <button type="button" class="key" aria-label={`Choose ${name} no more`} title="Choose no more" onClick={() => store.choosing.unchoose()}>
          <Icon name="close" />
        </button>
      </div>
      {chosen.numbers && <Chart store={store} chosen={chosen} />}
      <Strip store={store} chosen={chosen} />
    </section>
  );
}

/** The values around the current one. */
function Strip({ store, chosen }: { store: Store; chosen: ChosenShown }) {
  const strip = useRef<HTMLDivElement>(null);
  const { steps, current } = chosen;
  const from = Math.max(0, Math.min(current - STRIP / 2, steps.length - STRIP));
  useEffect(() => {
    const here = strip.current?.querySelector<HTMLElement>("[aria-current]");
    if (here && strip.current) strip.current.scrollLeft = here.offsetLeft - strip.current.offsetLeft - strip.current.clientWidth / 2;
  }, [current, steps]);
  if (steps.length === 0) return null;
  return (
    <div class="strip" ref={strip} role="list" aria-label="Its values">
      {from > 0 && <span role="listitem" class="muted">… {grouped(from)} before</span>}
      {steps.slice(from, from + STRIP).map((step, place) => (
        <PastButton key={from + place} store={store} step={step} text={store.choosing.pastText(from + place)} isCurrent={from + place === current} />
      ))}
      {from + STRIP < steps.length && <span role="listitem" class="muted">{grouped(steps.length - from - STRIP)} after …</span>}
    </div>
  );
}

function PastButton({ store, step, text, isCurrent }: { store: Store; step: number; text: string; isCurrent: boolean }) {
  return (
    <span role="listitem">
      <button
        type="button" class="past-value" aria-current={isCurrent ? "true" : undefined}
        title={`step ${step}: ${text}`} onClick={() => store.goTo(step)}
      >
        {text}
      </button>
    </span>
  );
}

const WIDTH = 600;
const HEIGHT = 44;
const MOST_POINTS = 1_200;

/** A line of the numbers over the run, held from change to change, with the place where we are. */
function Chart({ store, chosen }: { store: Store; chosen: ChosenShown }) {
  const numbers = chosen.numbers ?? [];
  const here = (store.position.value / Math.max(1, store.steps)) * WIDTH;
  const low = Math.min(...chosen.extent);
  const high = Math.max(...chosen.extent);
  return (
    <svg
      class="chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img"
      aria-label={`${shortened(chosen.name, 40)} over the run, from ${low} to ${high}`}
    >
      <path d={lineOf(numbers, store.steps, low, high)} fill="none" stroke="var(--ct-chosen)" stroke-width="1.6" vector-effect="non-scaling-stroke" />
      <line x1={here} x2={here} y1="0" y2={HEIGHT} stroke="var(--ct-here)" stroke-width="2" vector-effect="non-scaling-stroke" />
    </svg>
  );
}

function lineOf(numbers: readonly (readonly [step: number, value: number])[], steps: number, low: number, high: number): string {
  const stride = Math.max(1, Math.ceil(numbers.length / MOST_POINTS));
  const height = (value: number) => HEIGHT - 4 - ((value - low) / (high - low || 1)) * (HEIGHT - 8);
  const parts: string[] = [];
  for (let place = 0; place < numbers.length; place += stride) {
    const [step, value] = numbers[place] ?? [0, 0];
    const x = ((step / Math.max(1, steps)) * WIDTH).toFixed(1);
    const y = height(value).toFixed(1);
    parts.push(parts.length ? `H${x}V${y}` : `M${x} ${y}`);
  }
  parts.push(`H${WIDTH}`);
  return parts.join("");
}

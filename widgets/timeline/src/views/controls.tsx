/**
 * The buttons that move: both ways alike, with play in the middle; the step's number, which can be typed over.
 *
 * A button that can't do anything stays where the focus can be: at the end of the run it would otherwise be lost.
 */

import { useLayoutEffect, useRef } from "preact/hooks";

import { grouped } from "../counting";
import { keysOf, type Command } from "../keys";
import type { Store } from "../store";
import { Icon, type IconName } from "./icons";

interface Move {
  readonly command: Command;
  readonly icon: IconName;
  readonly label: string;
  readonly rare?: boolean;
}

const BEFORE: readonly Move[] = [
  { command: "first", icon: "first", label: "First step" },
  { command: "back", icon: "back", label: "Step back over" },
  { command: "previous", icon: "previous", label: "Previous step" },
];
const AFTER: readonly Move[] = [
  { command: "next", icon: "next", label: "Next step, into calls" },
  { command: "over", icon: "over", label: "Step over" },
  { command: "out", icon: "out", label: "Step out" },
  { command: "last", icon: "last", label: "The end" },
];

/** The row of buttons. */
export function Controls({ store }: { store: Store }) {
  const atStart = store.isAtStart.value;
  const atEnd = store.isAtEnd.value;
  const playing = store.playing.value;
  return (
    <div class="bar" role="toolbar" aria-label="Moves through the run">
      <div class="group">
        {BEFORE.map((move) => <MoveButton store={store} move={move} disabled={atStart} />)}
        <button
          type="button" class="key main" aria-label={playing ? "Pause" : "Play"} title={`${playing ? "Pause" : "Play"} (${keysOf("play")})`}
          aria-disabled={atEnd && !playing} onClick={() => store.do("play")}
        >
          <Icon name={playing ? "pause" : "play"} />
        </button>
        {AFTER.map((move) => <MoveButton store={store} move={move} disabled={atEnd} />)}
      </div>
      <StepNumber store={store} />
      <Speed store={store} />
      <span class="grow" />
      <div class="group">
        <Toggle store={store} command="calls" icon="calls" label="Calls" pressed={store.tab.value === "calls"} />
        <Toggle store={store} command="search" icon="search" label="Search" pressed={store.tab.value === "search"} />
        <Toggle store={store} command="help" icon="help" label="Help and keys" pressed={store.helping.value} />
      </div>
    </div>
  );
}

function MoveButton({ store, move, disabled }: { store: Store; move: Move; disabled: boolean }) {
  return (
    <button
      type="button" class="key" aria-disabled={disabled} aria-label={move.label} title={`${move.label} (${keysOf(move.command)})`}
      data-command={move.command} onClick={() => store.do(move.command)}
    >
      <Icon name={move.icon} />
    </button>
  );
}

function Toggle({ store, command, icon, label, pressed }: {
  store: Store; command: Command; icon: IconName; label: string; pressed: boolean;
}) {
  return (
    <button
      type="button" class="key" aria-pressed={pressed} aria-label={label} title={`${label} (${keysOf(command)})`}
      data-command={command} onClick={() => store.do(command)}
    >
      <Icon name={icon} />
    </button>
  );
}

/** "step 12 of 40", where the 12 is a field. Steps are counted from 0, as in the Python API. */
function StepNumber({ store }: { store: Store }) {
  const field = useRef<HTMLInputElement>(null);
  const asked = store.asking.value;
  useLayoutEffect(() => { // at once: who presses a key goes on typing
    if (asked !== "step") return;
    field.current?.focus();
    field.current?.select();
  }, [asked]);
  const go = (event: Event) => {
    event.preventDefault();
    store.goToTyped(field.current?.value ?? "");
    if (field.current) field.current.value = String(store.position.peek());
    store.asking.value = "";
    field.current?.closest<HTMLElement>(".ct")?.focus({ preventScroll: true }); // so that the next key is a move again
  };
  return (
    <form class="place" onSubmit={go}>
      <label class="muted" for="ct-step">step</label>
      <input
        id="ct-step" ref={field} inputMode="numeric" autocomplete="off" value={store.position}
        style={{ width: `${Math.max(4, String(store.steps).length) + 2.5}ch` }}
        title={`Type a step, or a line as in :12, and press Enter (${keysOf("goTo")})`}
        onBlur={() => {
          store.asking.value = "";
          if (field.current) field.current.value = String(store.position.peek());
        }}
      />
      <span class="muted">of {grouped(store.steps)}</span>
    </form>
  );
}

function Speed({ store }: { store: Store }) {
  return (
    <select
      class="speed rare" aria-label="Speed of play" title="Speed of play"
      value={store.speed.value} onChange={(event) => store.setSpeed(Number(event.currentTarget.value))}
    >
      {store.speeds.map((speed) => (
        <option value={speed}>{speed === 0 ? "in 20 s" : `${speed} /s`}</option>
      ))}
    </select>
  );
}

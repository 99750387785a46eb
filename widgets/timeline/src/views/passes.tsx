/** The loops around the current line: which pass of each it is, and a way to any other. Outermost first. */

import { grouped } from "../counting";
import type { PassPicker } from "../loops";
import type { Store } from "../store";
import { Icon } from "./icons";
import { shortened } from "./text";

/** The row of loops; it keeps its place where the position is in none. */
export function Passes({ store }: { store: Store }) {
  const pickers = store.loops.passes.value;
  if (!store.head.sources.some((source) => source.loops.length > 0)) return null; // a program without loops: no room for them
  return (
    <div class="passes" role="group" aria-label="Passes of the loops around this line">
      {pickers.map((picker) => <Picker key={picker.label} store={store} picker={picker} />)}
      {pickers.length === 0 && <span class="empty">{store.loops.isCounting.value ? "counting the passes…" : "not in a loop"}</span>}
    </div>
  );
}

function Picker({ store, picker }: { store: Store; picker: PassPicker }) {
  const name = shortened(picker.label, 40);
  const choose = (event: Event & { currentTarget: HTMLInputElement }) => {
    const pass = Number.parseInt(event.currentTarget.value, 10);
    if (Number.isFinite(pass)) store.goToPass(picker, Math.min(Math.max(pass, 1), picker.count) - 1);
    event.currentTarget.value = String(picker.current + 1);
    event.currentTarget.closest<HTMLElement>(".ct")?.focus({ preventScroll: true });
  };
  return (
    <span class="pass" role="group" aria-label={`loop ${name}`}>
      <button
        type="button" class="key" aria-label={`Previous pass of ${name}`} title="Previous pass"
        aria-disabled={picker.current <= 0} onClick={() => store.goToPass(picker, picker.current - 1)}
      >
        <Icon name="left" />
      </button>
      <span class="label">
        <code>{name}</code>:<span class="rare"> pass</span>{" "}
        <input
          inputMode="numeric" autocomplete="off" aria-label={`Pass of ${name}, 1 to ${picker.count}`}
          value={picker.current + 1} onChange={choose} style={{ width: `${String(picker.count).length + 2}ch` }}
        />{" "}
        of {grouped(picker.count)}
      </span>
      <button
        type="button" class="key" aria-label={`Next pass of ${name}`} title="Next pass"
        aria-disabled={picker.current + 1 >= picker.count} onClick={() => store.goToPass(picker, picker.current + 1)}
      >
        <Icon name="right" />
      </button>
    </span>
  );
}

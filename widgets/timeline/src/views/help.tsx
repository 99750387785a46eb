/** The help sheet: every key there is, from the table that the key handler reads. */

import { useEffect, useRef } from "preact/hooks";

import { KEY_GROUPS, keyName, type KeyLine } from "../keys";
import type { Store } from "../store";
import { Icon } from "./icons";

/** The sheet, while it is asked for. */
export function Help({ store }: { store: Store }) {
  const sheet = useRef<HTMLDivElement>(null);
  const isOpen = store.helping.value;
  useEffect(() => {
    if (isOpen) sheet.current?.focus();
  }, [isOpen]);
  if (!isOpen) return null;
  const close = () => store.do("close");
  return (
    <div class="help" onClick={(event) => event.target === event.currentTarget && close()}>
      <div class="sheet" role="dialog" aria-modal="true" aria-label="Keys" tabIndex={-1} ref={sheet} onKeyDown={keepFocus}>
        <header>
          <h2>Keys</h2>
          <button type="button" class="key" aria-label="Close" onClick={close}><Icon name="close" /></button>
        </header>
        <div class="columns">
          {KEY_GROUPS.map((group) => (
            <section>
              <h3>{group.title}</h3>
              <dl>{group.lines.map((line) => <Line line={line} />)}</dl>
            </section>
          ))}
          <section>
            <h3>Pointer</h3>
            <dl>
              <div><dt>click a line</dt><dd>run to its next visit</dd></div>
              <div><dt><kbd>Shift</kbd> click</dt><dd>back to its previous visit</dd></div>
              <div><dt>click a variable</dt><dd>choose it: its changes and history</dd></div>
              <div><dt>drag the strip</dt><dd>scrub through the run</dd></div>
            </dl>
          </section>
        </div>
      </div>
    </div>
  );
}

function Line({ line }: { line: KeyLine }) {
  return (
    <div>
      <dt>{line.keys.map((key, place) => [place > 0 && " ", ...key.split("+").map((part) => <kbd>{keyName(part)}</kbd>)])}</dt>
      <dd>{line.does}</dd>
    </div>
  );
}

/** While the sheet is open, Tab stays in it. It has one thing to reach. */
function keepFocus(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  if (event.key !== "Tab") return;
  event.preventDefault();
  event.currentTarget.querySelector("button")?.focus();
}

/** What was written to stdout and stderr so far, the part that came with the last step marked. */

import { useEffect, useRef } from "preact/hooks";

import { grouped } from "../counting";
import { visible } from "../escape";
import type { Store } from "../store";

/** The panel "Output"; nothing where the run wrote nothing. */
export function Output({ store }: { store: Store }) {
  const pane = useRef<HTMLElement>(null);
  const written = store.output.written.value;
  useEffect(() => {
    if (pane.current) pane.current.scrollTop = pane.current.scrollHeight;
  }, [written]);
  if (store.head.outputs.length === 0) return null;
  return (
    <section class="panel written" ref={pane} role="region" tabIndex={0} aria-label="Output so far">
      <h3>Output <span>{written.total === 0 ? "nothing yet" : "so far"}</span></h3>
      <pre>
        {written.left > 0 && <span class="muted">… {grouped(written.left)} characters before{"\n"}</span>}
        {written.pieces.map((piece) => {
          const classes = [piece.isError && "err", piece.isNew && "now"].filter(Boolean).join(" ");
          return classes
            ? <span class={classes} title={piece.isNew ? "written since the step before" : "written to stderr"}>{visible(piece.text, "\n\t")}</span>
            : visible(piece.text, "\n\t");
        })}
      </pre>
    </section>
  );
}

/** What this line does: the values its expressions took, what it changed, wrote, returned or raised. */

import type { Fact } from "../moment";
import type { Store } from "../store";

/** The panel "This line". */
export function Doing({ store }: { store: Store }) {
  const moment = store.moment.value;
  const { doing } = moment;
  return (
    <section class="panel doing" role="region" tabIndex={0} aria-label="What this line does" aria-busy={!moment.isReady}>
      <h3>This line</h3>
      <p class={doing.isBad ? "what bad" : "what"}>{doing.title}</p>
      {doing.facts.length > 0 && (
        <div class="facts-list" role="list">
          {doing.facts.map((fact, place) => <FactRow key={place} store={store} fact={fact} />)}
        </div>
      )}
      {store.waitingText.value && <p class="waiting">{store.waitingText.value}</p>}
    </section>
  );
}

function FactRow({ store, fact }: { store: Store; fact: Fact }) {
  const point = () => (store.code.pointed.value = fact.place ?? null);
  const leave = () => (store.code.pointed.value = null);
  return (
    <div class={`fact ${fact.kind}`} role="listitem" onPointerEnter={point} onPointerLeave={leave}>
      <span class="label" title={fact.label.length > 30 ? fact.label : undefined}>
        {fact.label}
      </span>
      <span class="value" title={fact.text.length > 30 ? fact.text : undefined}>
        <span class="sign">{fact.sign}</span>
        {fact.text}
        {fact.was && <span class="muted">  was {fact.was}</span>}
        {fact.remark && <span class="muted">  ({fact.remark})</span>}
      </span>
    </div>
  );
}

/** Search in lines, names and values: a field, the hits in order, and a way from hit to hit. */

import { useLayoutEffect, useRef } from "preact/hooks";

import { grouped } from "../counting";
import { keysOf, type Command } from "../keys";
import type { SearchKind } from "../searching";
import type { Store } from "../store";
import { Icon, type IconName } from "./icons";

const KINDS: readonly [kind: SearchKind, label: string][] = [
  ["all", "everything"], ["line", "lines"], ["name", "names"], ["value", "values"],
];

const AROUND = 60;

/** The panel "Search". */
export function Search({ store }: { store: Store }) {
  const field = useRef<HTMLInputElement>(null);
  const asking = store.asking.value;
  useLayoutEffect(() => { // at once: who presses a key goes on typing
    if (asking !== "search") return;
    field.current?.focus();
    field.current?.select();
    store.asking.value = "";
  }, [asking]);
  return (
    <>
      <form
        class="searchbar" role="search" onSubmit={(event) => {
          event.preventDefault();
          store.do("nextHit");
        }}
      >
        <input
          type="search" ref={field} aria-label="Search the run" placeholder="a line, a name or a value" spellcheck={false} autocomplete="off"
          value={store.query.value} onInput={(event) => store.search(event.currentTarget.value)}
        />
        <select aria-label="Where to search" value={store.searchKind.value} onChange={(event) => store.searchIn(event.currentTarget.value as SearchKind)}>
          {KINDS.map(([kind, label]) => <option value={kind}>{label}</option>)}
        </select>
        <HitButton store={store} command="previousHit" icon="left" label="Previous hit" />
        <HitButton store={store} command="nextHit" icon="right" label="Next hit" />
        <span class="muted" aria-hidden="true">{store.hitsText.value}</span>
        <span class="unseen" role="status">{store.isSearching.value ? "" : store.hitsText.value}</span>
      </form>
      <Hits store={store} />
    </>
  );
}

function HitButton({ store, command, icon, label }: { store: Store; command: Command; icon: IconName; label: string }) {
  return (
    <button type="button" class="key" aria-label={label} title={`${label} (${keysOf(command)})`} onClick={() => store.do(command)}>
      <Icon name={icon} />
    </button>
  );
}

/** The hits around where we are. */
function Hits({ store }: { store: Store }) {
  const found = store.found.value;
  const here = store.hitHere.value;
  const from = Math.max(0, Math.min(here - AROUND / 2, found.length - AROUND));
  return (
    <div class="panel fill" role="region" tabIndex={0} aria-label="Hits">
      {from > 0 && <p class="empty">… {grouped(from)} before</p>}
      <div role="list">
        {found.slice(from, from + AROUND).map((hit, place) => (
          <div role="listitem" key={hit.key}>
            <button type="button" class="hit" aria-current={from + place === here ? "true" : undefined} onClick={() => store.goTo(hit.position)}>
              <span class="step">{grouped(hit.position)}</span>
              <span>{hit.text}</span>
            </button>
          </div>
        ))}
      </div>
      {from + AROUND < found.length && <p class="empty">{grouped(found.length - from - AROUND)} after …</p>}
    </div>
  );
}

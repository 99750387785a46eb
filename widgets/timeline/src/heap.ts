/**
 * The objects of a program by number, at one moment or while changes are folded in.
 *
 * Numbers count up from 1, so objects stand in pages of 64. To hand out a moment copies the list of pages only; a page is
 * copied at the first change after that. A moment of fifty thousand objects costs no more than a few hundred words.
 */

import type { HeapObject } from "./model";

/** What finds an object by its number: a moment's objects, a Map of some, or one laid over the other. */
export interface Heap {
  get(id: number): HeapObject | undefined;
}

type Page = (HeapObject | undefined)[];

const BITS = 6;
const LAST = (1 << BITS) - 1;

/** The objects of one moment; nobody changes them. */
export class Objects implements Heap {
  constructor(protected readonly pages: (Page | undefined)[] = []) {}

  get(id: number): HeapObject | undefined {
    return this.pages[id >> BITS]?.[id & LAST];
  }

  /** Go on from here; these objects stay as they are. */
  opened(): OpenObjects {
    return new OpenObjects([...this.pages]);
  }

  *values(): Generator<HeapObject> {
    for (const page of this.pages) for (const seen of page ?? []) if (seen) yield seen;
  }
}

/** Objects that change as deltas are folded in. */
export class OpenObjects extends Objects {
  #own = new Set<number>();

  /** Return the objects as they are now; later changes leave them as they are. */
  share(): Objects {
    this.#own = new Set();
    return new Objects([...this.pages]);
  }

  set(seen: HeapObject): void {
    const place = seen.id >> BITS;
    let page = this.pages[place];
    if (!page || !this.#own.has(place)) {
      page = page ? [...page] : [];
      this.pages[place] = page;
      this.#own.add(place);
    }
    page[seen.id & LAST] = seen;
  }
}

/** Return `objects` with some of them as they are in `changed`. */
export function overlaid(objects: Heap, changed: ReadonlyMap<number, HeapObject>): Heap {
  return changed.size ? { get: (id) => changed.get(id) ?? objects.get(id) } : objects;
}

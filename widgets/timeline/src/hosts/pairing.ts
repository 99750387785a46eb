/**
 * A live widget and the saved player beside it: one of them is shown.
 *
 * A notebook's output holds both, since a widget is lost when the notebook is opened again, and what is saved can't
 * speak with the kernel. They know each other by a name that the kernel gave both. The widget announces itself; the
 * player waits a moment for that, and steps back whenever it happens.
 */

const EVENT = "cotrace-live";

interface Page {
  cotraceLive?: Map<string, number>;
}

function living(): Map<string, number> {
  const page = globalThis as Page;
  page.cotraceLive ??= new Map();
  return page.cotraceLive;
}

/** Say that a live view of the pair is there; returns what says that it is gone. */
export function announceLive(pair: string): () => void {
  if (!pair) return () => {};
  const views = living();
  views.set(pair, (views.get(pair) ?? 0) + 1);
  document.dispatchEvent(new CustomEvent(EVENT, { detail: pair }));
  return () => {
    views.set(pair, (views.get(pair) ?? 1) - 1);
    document.dispatchEvent(new CustomEvent(EVENT, { detail: pair }));
  };
}

/** Whether a live view of the pair is on this page. */
export function isLive(pair: string): boolean {
  return (living().get(pair) ?? 0) > 0;
}

/** Call `listener` whenever a live view of the pair comes or goes. */
export function onLive(pair: string, listener: () => void): void {
  document.addEventListener(EVENT, (event) => {
    if (event instanceof CustomEvent && event.detail === pair) listener();
  });
}

/**
 * The timeline in HTML that was saved: a page of its own, or a notebook's output without its kernel.
 *
 * The script stands behind a table and the packed recording, and takes the table's place. In a notebook it first waits
 * a moment for the live widget of the same run (see `pairing`), and hides what Jupyter shows of a widget that is lost.
 */

import type { Host } from "../host";
import type { Head } from "../packed";
import { mountTimeline } from "../timeline";
import { isLive, onLive } from "./pairing";

interface Saved {
  head: Head;
  columns: string;
  chunks: string[];
}

/** How long a live widget may take to appear, in milliseconds. */
const PATIENCE = 1_500;

const LOST = /Error displaying widget|Loading widget|model not found/i;

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < characters.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
}

function hostOf(saved: Saved, initialStep: number): Host {
  return {
    head: saved.head,
    initialStep,
    columns: () => Promise.resolve(bytesOf(saved.columns)),
    has: (k) => k in saved.chunks,
    chunk(k) {
      const chunk = saved.chunks[k];
      return chunk === undefined
        ? Promise.reject(new Error(`This page ends before that step. ${saved.head.cut}`))
        : Promise.resolve(bytesOf(chunk));
    },
    onFuller: () => () => {},
    onStep: () => () => {},
    stepChanged: () => {},
  };
}

/** The step that the page's address asks for, as in `run.html#step=12`. */
function stepOfAddress(): number {
  return Number(/^#step=(\d{1,9})$/.exec(location.hash)?.[1] ?? 0);
}

/** Hide the message that stands before the player in place of a widget whose kernel is gone. */
function hideLostWidget(root: Element): void {
  const before = root.closest(".jp-OutputArea-child")?.previousElementSibling;
  if (!(before instanceof HTMLElement) || before.querySelector("[data-ready]")) return;
  const text = before.textContent ?? "";
  if (LOST.test(text) && text.length < 200) before.style.display = "none";
}

function play(root: HTMLElement, saved: Saved): void {
  const pair = root.dataset["cotracePair"] ?? "";
  const isPage = pair === "page";
  const table = root.querySelector<HTMLElement>(".cotrace");
  const place = document.createElement("div");
  root.append(place);
  if (table) table.hidden = true;
  let unmount: (() => void) | undefined;

  function settle(): void {
    const live = isLive(pair);
    root.hidden = live;
    if (live) {
      unmount?.();
      unmount = undefined;
    } else if (!unmount) {
      hideLostWidget(root);
      unmount = mountTimeline(place, hostOf(saved, isPage ? stepOfAddress() : 0));
    }
  }

  if (isPage) return settle();
  root.hidden = isLive(pair);
  onLive(pair, settle);
  setTimeout(settle, PATIENCE);
}

/** The places on this page that hold a recording and no player yet: the script's own, where the page tells it. */
function places(): HTMLElement[] {
  const own = document.currentScript?.parentElement;
  if (own?.classList.contains("cotrace-player")) return [own];
  return [...document.querySelectorAll<HTMLElement>(".cotrace-player")];
}

for (const root of places()) {
  const recording = root.querySelector(".cotrace-recording");
  if (!recording || root.dataset["cotraceTaken"]) continue;
  root.dataset["cotraceTaken"] = "1";
  play(root, JSON.parse(recording.textContent ?? "") as Saved);
}

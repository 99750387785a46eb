/**
 * The keyboard: one table of what each key does, which the help sheet shows and the key handler reads.
 *
 * Keys with Ctrl, Meta or Alt belong to the browser and the host. Text fields keep their own keys.
 */

/** What a key, a button or a click can ask for. */
export type Command =
  | "next" | "previous" | "over" | "back" | "into" | "out" | "first" | "last" | "play"
  | "search" | "nextHit" | "previousHit" | "goTo" | "nextChange" | "previousChange" | "nextPass" | "previousPass"
  | "calls" | "help" | "close";

/** One line of the help sheet. */
export interface KeyLine {
  readonly command: Command;
  /** As `KeyboardEvent.key` names them; "Shift+Enter" with the shift key. */
  readonly keys: readonly string[];
  readonly does: string;
}

/** One part of the help sheet. */
export interface KeyGroup {
  readonly title: string;
  readonly lines: readonly KeyLine[];
}

/** Every key, in the groups of the help sheet. */
export const KEY_GROUPS: readonly KeyGroup[] = [
  {
    title: "Step",
    lines: [
      { command: "next", keys: ["ArrowRight", "l"], does: "next step" },
      { command: "previous", keys: ["ArrowLeft", "h"], does: "previous step" },
      { command: "over", keys: ["ArrowDown", "j"], does: "over: past what this line calls" },
      { command: "back", keys: ["ArrowUp", "k"], does: "back over" },
      { command: "into", keys: ["Enter"], does: "into the call" },
      { command: "out", keys: ["o", "Shift+Enter"], does: "out of this call" },
      { command: "first", keys: ["Home"], does: "the beginning" },
      { command: "last", keys: ["End"], does: "the end" },
      { command: "play", keys: [" "], does: "play or pause" },
      { command: "goTo", keys: ["g"], does: "go to step n, or run to line :n" },
    ],
  },
  {
    title: "Find",
    lines: [
      { command: "search", keys: ["/"], does: "search lines, names and values" },
      { command: "nextHit", keys: ["n"], does: "next hit" },
      { command: "previousHit", keys: ["N"], does: "previous hit" },
      { command: "nextChange", keys: ["]"], does: "next change of the chosen variable" },
      { command: "previousChange", keys: ["["], does: "previous change" },
      { command: "nextPass", keys: ["}"], does: "next pass of the innermost loop" },
      { command: "previousPass", keys: ["{"], does: "previous pass" },
    ],
  },
  {
    title: "Show",
    lines: [
      { command: "calls", keys: ["t"], does: "the tree of calls" },
      { command: "help", keys: ["?"], does: "this help" },
      { command: "close", keys: ["Escape"], does: "close what is open" },
    ],
  },
];

const COMMANDS = new Map(KEY_GROUPS.flatMap((group) => group.lines.flatMap((line) => line.keys.map((key) => [key, line.command] as const))));

/** The part of a KeyboardEvent that decides. */
export interface Pressed {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/** What a pressed key asks for, if it is one of ours. */
export function commandOf(pressed: Pressed): Command | undefined {
  if (pressed.ctrlKey || pressed.metaKey || pressed.altKey) return undefined;
  const isNamed = pressed.key.length > 1 || pressed.key === " ";
  return COMMANDS.get(isNamed && pressed.shiftKey ? `Shift+${pressed.key}` : pressed.key);
}

const NAMES: Record<string, string> = { ArrowRight: "→", ArrowLeft: "←", ArrowDown: "↓", ArrowUp: "↑", " ": "Space", Escape: "Esc" };

/** A key as it is written on the sheet. */
export function keyName(key: string): string {
  return NAMES[key] ?? key;
}

/** The keys of a command for a tooltip: "→ or l". */
export function keysOf(command: Command): string {
  const line = KEY_GROUPS.flatMap((group) => group.lines).find((line) => line.command === command);
  return (line?.keys ?? []).map(keyName).join(" or ");
}

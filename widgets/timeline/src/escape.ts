/**
 * Text of a traced program made safe to look at: twin of `cotrace/formats/escape.py`.
 *
 * Markup is no danger here, since text is only ever put into text nodes. What is left are characters that act where they
 * are shown, or that nobody sees: they are spelled out, as Python's `repr` would.
 */

const ACTING =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u200b\u2028\u2029\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\u{e0000}-\u{e007f}]/gu;

const SHORT: Record<string, string> = { "\t": "\\t", "\n": "\\n", "\r": "\\r" };

/** Return `text` with every acting character spelled out, except those in `keep`. */
export function visible(text: string, keep = ""): string {
  return text.replace(ACTING, (character) => (keep.includes(character) ? character : spelled(character)));
}

function spelled(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = (digits: number) => code.toString(16).padStart(digits, "0");
  if (SHORT[character]) return SHORT[character];
  if (code < 0x100) return `\\x${hex(2)}`;
  return code < 0x10000 ? `\\u${hex(4)}` : `\\U${hex(8)}`;
}

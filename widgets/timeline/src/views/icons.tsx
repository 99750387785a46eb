/** The pictures on the buttons: drawn inline in the text's colour, sixteen units wide, and silent to screen readers. */

interface Drawing {
  readonly line?: string;
  readonly solid?: string;
  readonly flipped?: boolean;
}

const DOT = "M8 10.9a1.7 1.7 0 1 1 0 3.4 1.7 1.7 0 0 1 0-3.4z";
const ARC = "M2.4 8.2C3.4 5.2 5.6 3.6 8.2 3.6c2.3 0 4.2 1.3 5.2 3.4M13.7 2.7v4.5H9.3";

const DRAWINGS = {
  first: { line: "M4 3.5v9", solid: "M12.5 3.6v8.8L6.2 8z" },
  last: { line: "M12 3.5v9", solid: "M3.5 3.6v8.8L9.8 8z" },
  previous: { line: "M13 8H3.4M7.3 4 3.3 8l4 4" },
  next: { line: "M3 8h9.6M8.7 4l4 4-4 4" },
  over: { line: ARC, solid: DOT },
  back: { line: ARC, solid: DOT, flipped: true },
  out: { line: "M8 9V1.9M4.9 5 8 1.8 11.1 5", solid: DOT },
  play: { solid: "M4.8 2.9v10.2L13 8z" },
  pause: { solid: "M4 3h3v10H4zM9 3h3v10H9z" },
  search: { line: "M7 2.6a4.4 4.4 0 1 1 0 8.8 4.4 4.4 0 0 1 0-8.8zM10.3 10.3l3.4 3.4" },
  help: { line: "M5.6 5.7C5.7 4.2 6.7 3.3 8.1 3.3c1.4 0 2.4.9 2.4 2.1 0 1.9-2.4 2-2.4 4", solid: "M8.1 11.5a1 1 0 1 1 0 2 1 1 0 0 1 0-2z" },
  calls: { line: "M3 3.5h5M5.5 3.5v9M5.5 8H9M5.5 12.5H9M10.5 8h3M10.5 12.5h3" },
  left: { line: "M9.8 3.6 5.4 8l4.4 4.4" },
  right: { line: "M6.2 3.6 10.6 8l-4.4 4.4" },
  close: { line: "M4 4l8 8M12 4l-8 8" },
} satisfies Record<string, Drawing>;

/** The pictures that there are. */
export type IconName = keyof typeof DRAWINGS;

/** One picture. */
export function Icon({ name }: { name: IconName }) {
  const drawing: Drawing = DRAWINGS[name];
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <g transform={drawing.flipped ? "matrix(-1 0 0 1 16 0)" : undefined}>
        {drawing.line && (
          <path d={drawing.line} fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" />
        )}
        {drawing.solid && <path d={drawing.solid} fill="currentColor" />}
      </g>
    </svg>
  );
}

/** Numbers as they are read: `1,004,661`. By hand, since the browser's own way takes longer than painting a step. */
export function grouped(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
}

/** A count in little room: `9,661` as `9661`, `191510` as `192k`, `1004661` as `1.00M`. */
export function brief(count: number): string {
  if (count < 10_000) return String(count);
  const [unit, letter] = count < 999_500 ? [1_000, "k"] : [1_000_000, "M"];
  const short = count / unit;
  return `${short < 10 ? short.toFixed(2) : short.toFixed(0)}${letter}`;
}

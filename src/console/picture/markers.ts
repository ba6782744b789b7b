/** Six shapes of markers. With four dashes, twelve styles have each a pair of their own. */

const SHAPES: readonly ((x: number, y: number) => string)[] = [
  // A circle, a square, a triangle, a diamond, a triangle on its tip, a cross.
  (x, y) => `M${x - 3.5} ${y}a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0`,
  (x, y) => `M${x - 3.2} ${y - 3.2}h6.4v6.4h-6.4z`,
  (x, y) => `M${x} ${y - 4.2}l4.2 7.4h-8.4z`,
  (x, y) => `M${x} ${y - 4.6}l4.6 4.6l-4.6 4.6l-4.6-4.6z`,
  (x, y) => `M${x} ${y + 4.2}l4.2-7.4h-8.4z`,
  (x, y) => `M${x - 1.3} ${y - 4.2}h2.6v2.9h2.9v2.6h-2.9v2.9h-2.6v-2.9h-2.9v-2.6h2.9z`,
];

/** The path of a marker of a style, 1 to 12, about a point. */
export function markerPath(style: number, x: number, y: number): string {
  const shape = SHAPES[(style - 1) % SHAPES.length];
  if (shape === undefined) throw new Error(`no marker ${style}`);
  // Differences of tenths may be 0.30000000000000004.
  return shape(x, y).replaceAll(/\d+\.\d{2,}/g, (number) =>
    String(Number(Number(number).toFixed(1))),
  );
}

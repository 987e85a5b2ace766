/** SVG: 24 hours as steps, in a box of 24 by 10; `highest` is at its top. */
export function shapePath(weights: readonly number[], highest: number): string {
  const heights = weights.map((weight) => (highest > 0 ? 10 - (10 * weight) / highest : 10));
  return `M0 10 ${heights.map((height, hour) => `L${hour} ${round(height)} L${hour + 1} ${round(height)}`).join(' ')} L${weights.length} 10 Z`;
}

const round = (value: number): number => Math.round(value * 100) / 100;

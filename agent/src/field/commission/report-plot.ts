import type { ReportPlot } from '@tiepoint/protocol/field';
import { plain } from './judgement.ts';

const width = 640;
const plotHeight = 122;
const left = 56;
const right = 12;
const head = 22;
/** What is said of a moment stands above the curves, so that no curve runs through it; neighbours on lines of their own. */
const saidLines = 3;
const saidHeight = 11;
const bottom = 26;
/** Told apart in print without colour, too: by dash and by mark. */
const looks = [
  { stroke: '#1f4e79', dash: '' },
  { stroke: '#8a4b08', dash: '6 3' },
  { stroke: '#2e6b34', dash: '2 3' },
  { stroke: '#6a3d7c', dash: '8 3 2 3' },
] as const;

/** So near to the right edge there is no room for a word behind the line. */
const lateFrom = 80;

/** A small drawing with axes, as inline SVG; the text for who cannot see it is its title. */
export function drawPlot({ title, unit, curves, marks }: ReportPlot): string {
  const xs = curves.flatMap(({ atS }) => atS);
  const ys = curves.flatMap(({ values }) => values);
  if (xs.length === 0) return '';
  const [fromS, toS] = widened(Math.min(0, ...xs), Math.max(...xs, ...marks.map(({ atS }) => atS)));
  const [low, high] = widened(Math.min(0, ...ys), Math.max(0, ...ys));
  const top = head + saidHeight * Math.min(saidLines, marks.length);
  const height = top + plotHeight + bottom;
  const x = (atS: number): number => round(left + ((atS - fromS) / (toS - fromS)) * (width - left - right));
  const y = (value: number): number =>
    round(height - bottom - ((value - low) / (high - low)) * (height - top - bottom));
  const parts = [
    ...ticks(low, high).map(
      (value) =>
        `<line x1="${left}" x2="${width - right}" y1="${y(value)}" y2="${y(value)}" class="grid"/><text x="${left - 6}" y="${y(value) + 4}" text-anchor="end">${plain(value)}</text>`,
    ),
    ...ticks(fromS, toS).map(
      (atS) => `<text x="${x(atS)}" y="${height - 8}" text-anchor="middle">${plain(atS)} s</text>`,
    ),
    ...marks.map(({ atS, say }, i) => {
      const saidY = head + 6 + (i % saidLines) * saidHeight;
      const isLate = x(atS) > width - lateFrom;
      return `<line x1="${x(atS)}" x2="${x(atS)}" y1="${saidY - 7}" y2="${height - bottom}" class="mark"/><text x="${x(atS) + (isLate ? -3 : 3)}" y="${saidY}" class="said"${isLate ? ' text-anchor="end"' : ''}>${escaped(say)}</text>`;
    }),
    ...curves.map((curve, i) => drawn(curve, { x, y }, looks[i % looks.length] ?? looks[0])),
    curves.length > 1 ? legend(curves) : '',
    `<text x="${left}" y="12">${escaped(unit)}</text>`,
  ];
  return `<figure><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">${parts.join('')}</svg><figcaption>${escaped(title)}</figcaption></figure>`;
}

type Axes = { readonly x: (atS: number) => number; readonly y: (value: number) => number };

function drawn(
  { drawn: how, atS, values }: ReportPlot['curves'][number],
  { x, y }: Axes,
  look: (typeof looks)[number],
): string {
  const points = atS.map((each, i) => [x(each), y(values[i] ?? 0)] as const);
  const style = `fill="none" stroke="${look.stroke}" stroke-width="1.5"${look.dash === '' ? '' : ` stroke-dasharray="${look.dash}"`}`;
  switch (how) {
    case 'dots':
      return points.map(([px, py]) => `<circle cx="${px}" cy="${py}" r="2.2" fill="${look.stroke}"/>`).join('');
    case 'line':
      return `<polyline points="${points.map(([px, py]) => `${px},${py}`).join(' ')}" ${style}/>`;
    case 'step':
      return `<path d="${points.map(([px, py], i) => (i === 0 ? `M${px},${py}` : `H${px}V${py}`)).join('')}" ${style}/>`;
  }
}

function legend(curves: ReportPlot['curves']): string {
  return curves
    .map(
      ({ name }, i) =>
        `<text x="${left + 40 + i * 130}" y="12" fill="${looks[i % looks.length]?.stroke ?? ''}">● ${escaped(name)}</text>`,
    )
    .join('');
}

function widened(low: number, high: number): [number, number] {
  return high - low < 1e-9 ? [low, low + 1] : [low, high + 0.05 * (high - low)];
}

/** Three to six round numbers within. */
function ticks(low: number, high: number): readonly number[] {
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough) ?? rough;
  const found: number[] = [];
  for (let value = Math.ceil(low / step) * step; value <= high && found.length < 12; value += step)
    found.push(Number(value.toFixed(9)));
  return found;
}

const round = (value: number): number => Math.round(value * 10) / 10;

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

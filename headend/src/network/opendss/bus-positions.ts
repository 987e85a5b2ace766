import type { Finding } from '../model/finding.ts';
import { plainNumber } from './inline-math.ts';
import type { BusPosition } from './object-book.ts';

/** Lines of bus, x, y, by commas, blanks or tabs; with `latitudeFirst`, of bus, latitude, longitude. */
export function readPositions(
  text: string,
  file: string,
  latitudeFirst: boolean,
): { positions: BusPosition[]; findings: Finding[] } {
  const positions: BusPosition[] = [];
  const findings: Finding[] = [];
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    const place = { file, line: index + 1 };
    const cells = line
      .replace(/(!|\/\/).*$/, '')
      .trim()
      .split(/[\s,;=]+/)
      .filter((cell) => cell !== '');
    if (cells.length === 0) continue;
    const [bus = '', first = '', second = ''] = cells.map((cell) => cell.replaceAll(/^["']|["']$/g, ''));
    const [one, two] = [plainNumber(first), plainNumber(second)];
    if (one !== undefined && two !== undefined) {
      const [x, y] = latitudeFirst ? [two, one] : [one, two];
      positions.push({ bus, x, y, place });
    } else if (index > 0 || cells.some((cell) => plainNumber(cell) !== undefined)) {
      // A first line without a number is a heading.
      findings.push({
        severity: 'error',
        code: 'unreadable-line',
        say: `'${line.trim()}' is no bus with two coordinates`,
        place,
      });
    }
  }
  return { positions, findings };
}

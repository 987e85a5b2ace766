import { encode } from 'uqr';

/** A QR code as one path of an SVG: a unit is a module; `size` of them each way, with the quiet zone that readers need. */
export function qrPath(text: string): { size: number; path: string } {
  const { size, data } = encode(text, { ecc: 'M', border: 4 });
  const path = data
    .flatMap((row, y) =>
      row.flatMap((dark, x) => (dark && row[x - 1] !== true ? [`M${x} ${y}h${runOf(row, x)}v1H${x}z`] : [])),
    )
    .join('');
  return { size, path };
}

function runOf(row: readonly boolean[], from: number): number {
  const end = row.indexOf(false, from);
  return (end === -1 ? row.length : end) - from;
}

import { readFile } from 'node:fs/promises';
import { formatImage, parseImage } from '../devices/image-file.ts';
import { RegisterImage, registerTables } from '../devices/register-image.ts';

/** Register images over time. The first is whole; each later one holds what changed. */
export type Series = {
  /** A copy of the first frame, for a device to begin with. */
  readonly first: RegisterImage;
  readonly frames: readonly Frame[];
  /** Between two frames, s. */
  readonly periodS: number;
};
type Frame = { readonly atS: number; apply(image: RegisterImage): void };

const heading = /^=\s*(\d+(?:\.\d+)?)\s*s\s*$/;
const maxFrames = 100_000;

/**
 * Reads a time series: register images in the text form of a dump, each under a line such as `= 12.5 s`. Every error names file and
 * line.
 */
export function parseSeries(text: string, file: string): { ok: true; series: Series } | { ok: false; say: string } {
  const parts: { atS: number; line: number; text: string[] }[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const atS = heading.exec(line.replace(/#.*/, '').trim())?.[1];
    if (atS === undefined) {
      if (parts.length > 0) parts.at(-1)?.text.push(line);
      else if (line.replace(/#.*/, '').trim() !== '')
        return { ok: false, say: `${file}:${index + 1}: a series begins with a line such as "= 0 s"` };
      continue;
    }
    if (Number(atS) <= (parts.at(-1)?.atS ?? -1))
      return { ok: false, say: `${file}:${index + 1}: ${atS} s is not later than the frame before` };
    if (parts.length >= maxFrames)
      return { ok: false, say: `${file}:${index + 1}: more than ${maxFrames} frames; cut the series` };
    parts.push({ atS: Number(atS), line: index + 1, text: [] });
  }
  const images: { atS: number; image: RegisterImage }[] = [];
  for (const part of parts) {
    const isEmpty = part.text.every((line) => line.replace(/#.*/, '').trim() === '');
    // Lines are counted from the file's beginning.
    const parsed = isEmpty
      ? ({ ok: true, image: new RegisterImage() } as const)
      : parseImage('\n'.repeat(part.line) + part.text.join('\n'), file);
    if (!parsed.ok) return { ok: false, say: parsed.say };
    images.push({ atS: part.atS, image: parsed.image });
  }
  const [first, second] = images;
  if (first === undefined) return { ok: false, say: `${file}: holds no frame; a series has lines such as "= 0 s"` };
  // The device's own, for it changes while the frames stay.
  const begun = new RegisterImage();
  overlay(first.image, begun);
  const frames = images.map(({ atS, image }): Frame => ({ atS, apply: (onto) => overlay(image, onto) }));
  return { ok: true, series: { first: begun, frames, periodS: (second?.atS ?? 1) - first.atS } };
}

export async function loadSeriesFile(path: string): Promise<ReturnType<typeof parseSeries>> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => error);
  if (typeof text === 'string') return parseSeries(text, path);
  return { ok: false, say: `${path}: cannot be read (${text instanceof Error ? text.message : String(text)})` };
}

/** One frame as text: all of it, or what is not as it was `before`. */
export function formatFrame(atS: number, now: RegisterImage, before?: RegisterImage): string {
  const changed = before === undefined ? now : difference(now, before);
  const isEmpty = registerTables.every((table) => changed.addresses(table).length === 0);
  return `= ${atS.toFixed(1)} s\n${isEmpty ? '' : formatImage(changed)}`;
}

function difference(now: RegisterImage, before: RegisterImage): RegisterImage {
  const changed = new RegisterImage();
  for (const table of registerTables) {
    for (const address of now.addresses(table)) {
      const isHole = now.isHole(table, address);
      if (isHole !== before.isHole(table, address) || now.get(table, address) !== before.get(table, address)) {
        if (isHole) changed.makeHole(table, address);
        else changed.set(table, address, now.get(table, address) ?? 0);
      }
    }
  }
  return changed;
}

function overlay(from: RegisterImage, onto: RegisterImage): void {
  for (const table of registerTables) {
    for (const address of from.addresses(table)) {
      if (from.isHole(table, address)) onto.makeHole(table, address);
      else {
        onto.makeReadable(table, address);
        onto.set(table, address, from.get(table, address) ?? 0);
      }
    }
  }
}

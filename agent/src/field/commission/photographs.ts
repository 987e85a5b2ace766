import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { CommissioningReport } from '@tiepoint/protocol/field';
import { writeWhole } from '../../io/disk/whole-file.ts';
import { makeFolder } from '../../io/disk/folder.ts';
import { whyUnread } from '../../io/located-yaml.ts';

export type Photograph = CommissioningReport['photographs'][number] & { readonly bytes: Uint8Array };

const maxBytes = 3_000_000;
/** So that the page, in which they grow by a third, stays within what the head-end takes. */
const maxTotalBytes = 9_000_000;
const maxCount = 12;

const kinds: readonly { readonly mediaType: string; readonly begins: readonly number[]; readonly ending: string }[] = [
  { mediaType: 'image/jpeg', begins: [0xff, 0xd8, 0xff], ending: '.jpg' },
  { mediaType: 'image/png', begins: [0x89, 0x50, 0x4e, 0x47], ending: '.png' },
];

/** Copies a photograph beside the state, so that a commissioning that is continued still has it. `undefined`: kept. */
export function keepPhotograph(folder: string, file: string): string | undefined {
  let bytes: Buffer;
  try {
    const stat = statSync(file);
    // A pipe or a device has no size, and perhaps no end.
    if (!stat.isFile()) return `${file}: is no file`;
    const { size } = stat;
    if (size > maxBytes)
      return `${file}: has ${(size / 1e6).toFixed(1)} MB, more than ${maxBytes / 1e6}. Make it smaller first.`;
    bytes = readFileSync(file);
  } catch (error) {
    return `${file}: ${whyUnread(error)}`;
  }
  const kind = kindOf(bytes);
  if (kind === undefined) return `${file}: is neither JPEG nor PNG`;
  const present = keptPhotographs(folder);
  const total = present.reduce((sum, { byteCount }) => sum + byteCount, bytes.length);
  if (present.length >= maxCount || total > maxTotalBytes)
    return `${file}: is one too many. A report takes ${maxCount} photographs and ${maxTotalBytes / 1e6} MB; take some away from ${folder}`;
  const stem =
    basename(file)
      .replace(/\.[^.]*$/, '')
      .replace(/[^\w-]+/g, '-')
      .slice(0, 60) || 'photograph';
  writeWhole(join(folder, `${stem}${kind.ending}`), bytes, 0o600);
  return undefined;
}

export function keptPhotographs(folder: string): readonly Photograph[] {
  makeFolder(folder, 0o700);
  return readdirSync(folder)
    .filter((name) => kinds.some(({ ending }) => name.endsWith(ending)))
    .toSorted()
    .slice(0, maxCount)
    .flatMap((name) => {
      const bytes = readFileSync(join(folder, name));
      const kind = kindOf(bytes);
      if (kind === undefined) return [];
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      return [{ name, mediaType: kind.mediaType, byteCount: bytes.length, sha256, bytes }];
    });
}

const kindOf = (bytes: Uint8Array): (typeof kinds)[number] | undefined =>
  kinds.find(({ begins }) => begins.every((byte, i) => bytes[i] === byte));

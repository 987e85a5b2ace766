import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { protocolVersion } from '../src/index.ts';
import { codecs } from './messages.ts';
import { samples } from './samples.ts';

export type Vector = { name: string; protocolVersion: number; value: unknown; hex: string };

/**
 * Adds a vector for every sample that has none, one file a message. A vector once written stays: where a sample would now give
 * other bytes or another value, nothing of its file is written, and the end is 1. Run by hand: `node protocol/vectors/write.ts`.
 */
function main(folder: string): number {
  let refused = 0;
  for (const [message, values] of Object.entries(samples)) {
    const codec = codecs[message];
    if (codec === undefined) throw new Error(`${message} has samples and no codec`);
    const path = join(folder, `${message}.json`);
    const vectors = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Vector[]) : [];
    const changed: string[] = [];
    for (const [name, value] of Object.entries(values)) {
      const hex = Buffer.from(codec.toBytes(value)).toString('hex');
      const old = vectors.find((vector) => vector.name === name);
      if (old === undefined) vectors.push({ name, protocolVersion, value, hex });
      else if (old.hex !== hex || JSON.stringify(old.value) !== JSON.stringify(value)) changed.push(name);
    }
    refused += changed.length;
    for (const name of changed) {
      process.stderr.write(`${message}.json: '${name}' has changed; a message in the field would be misread. Add another sample.\n`);
    }
    if (changed.length === 0) writeFileSync(path, `${JSON.stringify(vectors, undefined, 2)}\n`);
  }
  return refused > 0 ? 1 : 0;
}

process.exitCode = main(import.meta.dirname);

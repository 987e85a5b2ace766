import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { codecs } from './messages.ts';
import { samples } from './samples.ts';
import type { Vector } from './write.ts';

const folder = import.meta.dirname;
const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
const vectors = files.flatMap((file) =>
  (JSON.parse(readFileSync(join(folder, file), 'utf8')) as Vector[]).map((vector) => ({ ...vector, message: file.slice(0, -'.json'.length) })),
);

describe('every vector ever written', () => {
  test.each(vectors)('$message: $name (protocol version $protocolVersion)', ({ message, value, hex }) => {
    const codec = codecs[message];
    expect(codec?.fromBytes(Uint8Array.from(Buffer.from(hex, 'hex')))).toEqual({ ok: true, value });
    expect(Buffer.from(codec?.toBytes(value) ?? []).toString('hex')).toBe(hex);
  });
});

test('every message and every sample has its vectors', () => {
  expect(files.toSorted()).toEqual(Object.keys(codecs).map((message) => `${message}.json`).toSorted());
  const written = new Set(vectors.map(({ message, name }) => `${message}: ${name}`));
  const missing = Object.entries(samples).flatMap(([message, values]) => Object.keys(values).map((name) => `${message}: ${name}`)).filter((each) => !written.has(each));
  expect(missing, 'run node protocol/vectors/write.ts').toEqual([]);
});

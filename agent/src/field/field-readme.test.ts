import { readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { runField } from './field.ts';
import type { Streams } from './terminal.ts';

test('the README has the commands that help tells, in its words', async () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const listed = [...readme.matchAll(/^\| `([a-z]+(?: [A-Z]+)?)` \| (.+) \|$/gm)].map(([, name, says]) => [name, says]);
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const streams = { stdin, stdout, stderr, environment: {} } as unknown as Streams;
  await runField(['help'], { version: '1.2.3', streams, signal: new AbortController().signal });
  const help = String(stdout.read());
  const told = [...help.matchAll(/^ {2}([a-z]+(?: [A-Z]+)?) {2,}(\S.+)$/gm)].map(([, name, says]) => [name, says]);
  expect(told).toContainEqual(['scan', expect.any(String)]);
  expect(listed).toEqual(told);
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { importAside } from './aside.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'aside-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** What becomes of an import whose process does this. */
async function told(work: string, bounds = { readWithinMs: 30_000, mostMemoryMb: 64 }): Promise<unknown> {
  const program = join(folder, 'program.ts');
  const port = new URL('aside-port.ts', import.meta.url).href;
  writeFileSync(program, `import { runAside } from '${port}';\nawait runAside(async (given, port) => { ${work} });`);
  const answer = async (question: unknown): Promise<unknown> => await Promise.resolve([question]);
  return await importAside(pathToFileURL(program), { a: 1 }, { answer, progress: () => undefined }, bounds).catch(
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

const finding = { severity: 'error', code: 'c', elements: ['e'] };
test.each<{ name: string; work: string; is: unknown }>([
  {
    name: 'is given, asks, and is told',
    work: 'return { findings: [], said: await port.ask(given) };',
    is: { findings: [], said: [{ a: 1 }] },
  },
  {
    name: 'finds what is longer than anybody reads',
    work: `return { findings: [{ ...${JSON.stringify(finding)}, say: 'x'.repeat(1e6) }] };`,
    is: { findings: [{ severity: 'error', code: 'c', say: `${'x'.repeat(500)}…` }] },
  },
  { name: 'fails', work: "throw new Error('why');", is: 'why' },
  { name: 'ends', work: 'process.exit(3);', is: 'the process that reads it has ended (code 3)' },
  {
    name: 'takes all memory in one step',
    work: 'return [...Array(2 ** 25).keys()];',
    is: 'it takes more than 64 MB of memory to read: split it',
  },
])('an import whose process $name', async ({ work, is }) => expect(await told(work)).toEqual(is));

test.each(['for (;;);', 'await port.ask(1); for (;;);'])('an import that does not end is ended: %s', async (work) => {
  expect(await told(work, { readWithinMs: 500, mostMemoryMb: 64 })).toBe('it is not understood within 0.5 s: split it');
});

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { parseImage } from '../devices/image-file.ts';

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

type Program = { child: ChildProcess; out: () => string; ended: Promise<number | null> };

function rig(...args: string[]): Program {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args]);
  children.push(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  return { child, out: () => text, ended };
}

test('serves until Ctrl-C, is recorded meanwhile, and leaves nothing behind', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tiepoint-rig-'));
  try {
    const served = rig('emulate', '--profile', 'eastron-sdm630', '--tcp', '0', '--unit', '3', '--page', 'off');
    await expect.poll(served.out, { timeout: 10_000 }).toContain('Ctrl-C ends it.');
    const at = /at (127\.0\.0\.1:\d+);/.exec(served.out())?.[1] ?? '';
    const file = join(folder, 'meter.hex');
    const recorded = rig('record', '--tcp', at, '--unit', '3', '--profile', 'eastron-sdm630', '--out', file);
    expect([await recorded.ended, recorded.out()]).toEqual([0, expect.stringContaining('0 of them holes')]);
    expect(parseImage(await readFile(file, 'utf8'), file).ok).toBe(true);
    served.child.kill('SIGINT');
    expect(await served.ended).toBe(130);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

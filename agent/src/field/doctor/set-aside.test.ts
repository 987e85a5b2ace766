import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { checkSetAside } from './check-machine.ts';

test('damaged files that the gateway set aside are told, each once, and a folder that is not there yet is none', () => {
  const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const name = 'agent.sqlite.damaged-2027-01-15T08-00-00-000Z';
  for (const end of ['', '-wal']) writeFileSync(join(folder, `${name}${end}`), '');
  writeFileSync(join(folder, 'agent.sqlite'), '');
  expect(checkSetAside(folder)).toEqual([
    expect.objectContaining({
      id: 'database',
      outcome: 'warning',
      about: join(folder, name),
      todo: expect.stringContaining('SD card'),
    }),
  ]);
  expect(checkSetAside(join(folder, 'missing'))).toEqual([]);
});

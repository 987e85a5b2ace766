import { expect, test } from 'vitest';
import { FileImports } from './file-imports.ts';

test('how far an import is, and what became of the last ones', () => {
  let nowMs = 1_000;
  const imports = new FileImports(() => nowMs);
  expect(imports.isBusy).toBe(false);
  const first = imports.begin({ file: 'a.csv', who: 'ada', dryRun: false });
  expect(imports.isBusy).toBe(true);
  imports.progress(first, { state: 'landing', done: 20_000, total: 50_000 });
  expect(imports.views()).toEqual([
    {
      id: 1,
      file: 'a.csv',
      who: 'ada',
      dryRun: false,
      startedAtMs: 1_000,
      state: 'landing',
      done: 20_000,
      total: 50_000,
    },
  ]);
  nowMs = 2_000;
  imports.end(first, { ok: true, say: 'all of it' });
  expect(imports.isBusy).toBe(false);
  for (let count = 0; count < 25; count += 1)
    imports.end(imports.begin({ file: 'b.csv', who: 'eve', dryRun: true }), { ok: false, say: 'no' });
  expect(imports.views()).toHaveLength(20);
  expect(imports.views()[0]).toMatchObject({ id: 26, state: 'refused', say: 'no', endedAtMs: 2_000 });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { openDatabase } from './database.ts';
import { Outbox } from './outbox.ts';

const directory = mkdtempSync(join(tmpdir(), 'tiepoint-outbox-'));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('a full disk loses nothing uncounted: what is not on it stays in memory, or is counted as dropped', () => {
  const database = openDatabase(directory);
  const outbox = new Outbox(database, { maxEntries: 250_000 });
  const pages = Number(database.prepare('PRAGMA page_count').get()?.['page_count']);
  database.exec(`PRAGMA max_page_count = ${pages + 20}`);
  let kept = 0;
  let failure = '';
  for (; kept < 1_000 && failure === '';) {
    outbox.keepStatus('meter-1', new Uint8Array(400));
    kept += 1;
    try {
      if (kept % 50 === 0) outbox.flush();
    } catch (error) {
      failure = String(error);
    }
  }
  expect(failure).toMatch(/full/);
  expect(outbox.size + outbox.dropped).toBe(kept);
  database.close();
});

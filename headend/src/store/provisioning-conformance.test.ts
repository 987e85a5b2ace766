import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ReportRecord, SiteRecord } from './provisioning-store.ts';
import { SqliteStore } from './sqlite-store.ts';
import type { AuditEntry } from './store.ts';

let folder: string;
let store: SqliteStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'provisioning-'));
  store = opened();
});
afterEach(() => {
  store.stop();
  rmSync(folder, { recursive: true });
});

function opened(): SqliteStore {
  const fresh = new SqliteStore(folder);
  fresh.start();
  return fresh;
}

const site: SiteRecord = { id: 'home', title: 'Home' };
const entry: AuditEntry = { atMs: 1, who: 'ada', identity: 'account', action: 'site-set', say: 'entered' };
const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const texts = { json: '{"a":"é"}', html: '<p>é</p>' };
const report = (id: string, receivedAtMs: number, siteId = 'home'): ReportRecord => ({
  id,
  siteId,
  gatewayId: 'gw',
  receivedAtMs,
  finishedAtMs: 1,
  technician: 'Ted',
  verdict: 'passed',
  emulated: false,
  accepted: true,
  say: 'ok',
  against: [],
  sha256: { json: hash(texts.json), html: hash(texts.html) },
  bytes: 10,
});

test('records are kept over a start, changed, and removed, each with its audit', () => {
  const { provisioning } = store;
  expect(provisioning.change([{ kind: 'site', id: 'home', record: site }], [entry])).toMatchObject({ ok: true });
  provisioning.change([{ kind: 'site', id: 'home', record: { ...site, title: 'House' } }], [entry]);
  provisioning.change(
    [
      {
        kind: 'contract',
        id: 'home',
        record: { id: 'home', deviceKey: 'g.d', operators: ['any'], fromDay: '2026-01-01' },
      },
    ],
    [],
  );
  store.stop();
  store = opened();
  expect(store.provisioning.all('site')).toEqual([{ id: 'home', title: 'House' }]);
  expect(store.provisioning.all('contract')).toHaveLength(1);
  expect(store.provisioning.all('token')).toEqual([]);
  store.provisioning.change([{ kind: 'site', id: 'home', record: undefined }], [entry]);
  expect(store.provisioning.all('site')).toEqual([]);
  expect(store.operations.audit({ limit: 10 })).toHaveLength(3);
});

test('a change is written with all of its audit, or not at all', () => {
  const unfit = { ...entry, say: undefined } as unknown as AuditEntry;
  expect(store.provisioning.change([{ kind: 'site', id: 'home', record: site }], [entry, unfit])).toMatchObject({
    ok: false,
    reason: 'not-recorded',
  });
  expect(store.provisioning.all('site')).toEqual([]);
  expect(store.operations.audit({ limit: 10 })).toEqual([]);
});

test('reports are listed newest first, for a site or for all, and their texts are as they came', () => {
  const { provisioning } = store;
  for (const [id, atMs, siteId] of [
    ['a', 1],
    ['b', 3],
    ['c', 2, 'works'],
  ] as const)
    expect(provisioning.addReport(report(id, atMs, siteId), texts, [], [entry])).toMatchObject({ ok: true });
  expect(provisioning.reports({ limit: 10 }).map(({ id }) => id)).toEqual(['b', 'c', 'a']);
  expect(provisioning.reports({ siteId: 'home', limit: 1 }).map(({ id }) => id)).toEqual(['b']);
  expect(provisioning.report('c')?.siteId).toBe('works');
  expect(provisioning.report('d')).toBeUndefined();
  expect([provisioning.reportText('a', 'json'), provisioning.reportText('a', 'html')]).toEqual([
    texts.json,
    texts.html,
  ]);
  expect(provisioning.addReport(report('a', 9), texts, [], [])).toMatchObject({ ok: false, reason: 'not-recorded' });
});

test('a text that was changed in the folder, or is gone, is not given as the report', () => {
  store.provisioning.addReport(report('a', 1), texts, [], []);
  const reports = join(folder, 'reports');
  const names = readdirSync(reports);
  expect(names.toSorted()).toEqual([`${hash(texts.json)}.json`, `${hash(texts.html)}.html`].toSorted());
  writeFileSync(join(reports, `${hash(texts.html)}.html`), '<p>passed</p>');
  rmSync(join(reports, `${hash(texts.json)}.json`));
  expect(store.provisioning.reportText('a', 'html')).toBeUndefined();
  expect(store.provisioning.reportText('a', 'json')).toBeUndefined();
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import type { CommissioningReport, ReportAnswer } from '@tiepoint/protocol/field';
import type { Answered } from '../../io/head-end-question.ts';
import { readReport, reportPaths, sendReport, writeReport } from './report-output.ts';

const report: CommissioningReport = {
  version: 1,
  id: '0123456789',
  site: { title: 'Home' },
  gateway: { id: 'gw-1', firmware: '0', readOnly: false, configurationHash: 'cafe' },
  technician: { name: 'A. Fitter' },
  devices: [],
  items: [],
  photographs: [],
  startedAtMs: 1,
  finishedAtMs: 2,
  verdict: 'incomplete',
  reservations: [],
};
const offline: Answered<ReportAnswer> = { ok: false, reason: 'offline', say: 'nobody listens' };
const refused: Answered<ReportAnswer> = { ok: false, reason: 'refused', say: 'no such gateway' };
const taken: Answered<ReportAnswer> = {
  ok: true,
  value: { reportId: report.id, accepted: true, siteState: 'in-service', say: 'in service', against: [] },
};

afterEach(() => void vi.useRealTimers());

test.each<{ answers: readonly Answered<ReportAnswer>[]; tries: number; ends: Answered<ReportAnswer> }>([
  { answers: [taken], tries: 1, ends: taken },
  { answers: [offline, offline, taken], tries: 3, ends: taken },
  { answers: [refused, taken], tries: 1, ends: refused },
  { answers: [offline, offline, offline, offline, taken], tries: 4, ends: offline },
])('tried $tries times', async ({ answers, tries, ends }) => {
  vi.useFakeTimers();
  let tried = 0;
  const headEnd = { send: () => Promise.resolve(answers[tried++] ?? offline) };
  const sent = sendReport(
    headEnd,
    { report, html: '<p>' },
    { signal: new AbortController().signal, progress: () => undefined },
  );
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await sent).toEqual(ends);
  expect(tried).toBe(tries);
});

test('a report that waits is read as it was written; one that was changed is refused', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tiepoint-report-'));
  const paths = reportPaths(folder, report.id);
  writeReport(paths, report, '<p>');
  expect(readReport(paths)).toEqual({ ok: true, report, html: '<p>' });
  writeReport(paths, { ...report, verdict: 'passed' }, '<p>');
  expect(readReport(paths)).toMatchObject({ ok: false });
  rmSync(folder, { recursive: true });
});

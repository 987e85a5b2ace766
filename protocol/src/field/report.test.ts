import { expect, test } from 'vitest';
import { commissioningReportShape, judgeItems } from './report.ts';
import type { CommissioningReport, ReportItem } from './report.ts';

const item = (over: Partial<ReportItem> = {}): ReportItem => ({
  id: 'meter-1/ident',
  title: 'Port and identity',
  deviceId: 'meter-1',
  required: true,
  outcome: 'passed',
  say: 'It is what the configuration says.',
  measured: [{ point: 'serial number', word: 'A1', expected: 'A1', met: 'yes' }],
  atMs: 1,
  tookMs: 20,
  attempts: 1,
  ...over,
});

const report = (over: Partial<CommissioningReport> = {}): CommissioningReport => ({
  version: 1,
  id: '0123456789ab',
  site: { title: 'Home' },
  gateway: { id: 'gw-1', firmware: '0.1.0', readOnly: false, configurationHash: 'abc' },
  technician: { name: 'A. Fitter' },
  devices: [{ id: 'meter-1', profile: 'ami-meter-200a', profileHash: 'cafe' }],
  items: [item()],
  photographs: [],
  startedAtMs: 1,
  finishedAtMs: 2,
  verdict: 'passed',
  reservations: [],
  ...over,
});

test.each<{ what: string; items: Partial<ReportItem>[]; verdict: string; reservations: number }>([
  { what: 'nothing', items: [], verdict: 'incomplete', reservations: 0 },
  { what: 'nothing that applies', items: [{ outcome: 'not-applicable' }], verdict: 'incomplete', reservations: 0 },
  { what: 'all passed', items: [{}, { outcome: 'not-applicable' }], verdict: 'passed', reservations: 0 },
  {
    what: 'an optional one left out',
    items: [{}, { outcome: 'skipped', required: false }],
    verdict: 'passed-with-reservations',
    reservations: 1,
  },
  { what: 'a required one left out', items: [{}, { outcome: 'skipped' }], verdict: 'incomplete', reservations: 1 },
  {
    what: 'a difference accepted',
    items: [{ accepted: true, reason: 'the utility asks for it' }],
    verdict: 'passed-with-reservations',
    reservations: 1,
  },
  {
    what: 'an optional one failed',
    items: [{}, { outcome: 'failed', required: false }],
    verdict: 'failed',
    reservations: 0,
  },
  {
    what: 'failed and left out',
    items: [{ outcome: 'failed' }, { outcome: 'skipped' }],
    verdict: 'failed',
    reservations: 1,
  },
])('$what gives $verdict', ({ items, verdict, reservations }) => {
  const judged = judgeItems(items.map((over) => item(over)));
  expect(judged.verdict).toBe(verdict);
  expect(judged.reservations).toHaveLength(reservations);
});

test('a report survives its way through JSON', () => {
  const sent = report({
    items: [
      item({
        plot: {
          title: 'Current',
          unit: 'A',
          curves: [{ name: 'current', drawn: 'line', atS: [0, 1], values: [12, 0] }],
          marks: [{ atS: 0.5, say: 'disconnect' }],
        },
      }),
    ],
  });
  const read = commissioningReportShape(JSON.parse(JSON.stringify(sent)), '');
  expect(read).toEqual({ ok: true, value: sent });
});

test.each<{ what: string; over: object; path: string }>([
  { what: 'a verdict that its items do not give', over: { items: [item({ outcome: 'failed' })] }, path: 'verdict' },
  { what: 'an item twice', over: { items: [item(), item()] }, path: 'items[1].id' },
  { what: 'a device that is not there', over: { items: [item({ deviceId: 'other' })] }, path: 'items[0].deviceId' },
  { what: 'a version of the future', over: { version: 2 }, path: 'version' },
  { what: 'no technician', over: { technician: {} }, path: 'technician.name' },
  { what: 'a number that is none', over: { finishedAtMs: 'now' }, path: 'finishedAtMs' },
])('$what is refused at $path', ({ over, path }) => {
  const read = commissioningReportShape({ ...report(), ...over }, '');
  expect(read.ok ? 'read' : read.say.split(': ')[0]).toBe(path);
});

import { expect, test } from 'vitest';
import { commissioningReportShape } from '@tiepoint/protocol/field';
import { composeReport, resultOf, standingResult } from './compose-report.ts';
import type { PlannedItem } from './plan.ts';
import { newProgress } from './progress-file.ts';
import { reportPage } from './report-page.ts';
import { drawPlot } from './report-plot.ts';

const item = (over: Partial<PlannedItem> = {}): PlannedItem => ({
  id: 'meter-1/ct',
  kind: 'ct',
  deviceId: 'meter-1',
  title: 'Current transformers',
  required: true,
  ...over,
});
const at = { atMs: 1_000, tookMs: 12.6, attempts: 1 };

test.each<{ judged: 'passed' | 'failed' | 'differs' | 'skipped'; acceptance?: string; result: object }>([
  { judged: 'passed', result: { outcome: 'passed', tookMs: 13 } },
  { judged: 'failed', acceptance: 'never mind', result: { outcome: 'failed' } },
  { judged: 'differs', result: { outcome: 'failed' } },
  { judged: 'differs', acceptance: 'asked for', result: { outcome: 'passed', accepted: true, reason: 'asked for' } },
  { judged: 'skipped', result: { outcome: 'skipped', reason: 'because' } },
])('what was judged $judged with $acceptance', ({ judged, acceptance, result }) => {
  const made = resultOf(item(), { outcome: judged, say: 'because', measured: [] }, { ...at, acceptance });
  expect(made).toMatchObject(result);
  expect(made.accepted ?? false).toBe('accepted' in result);
});

test.each<{ before: 'failed' | 'passed'; later: 'skipped' | 'not-applicable' | 'passed' | 'failed'; stands: object }>([
  { before: 'failed', later: 'skipped', stands: { outcome: 'failed', say: 'the first', reason: 'the second' } },
  { before: 'failed', later: 'not-applicable', stands: { outcome: 'failed', say: 'the first', reason: 'the second' } },
  { before: 'failed', later: 'passed', stands: { outcome: 'passed', say: 'the second' } },
  { before: 'passed', later: 'failed', stands: { outcome: 'failed', say: 'the second' } },
  { before: 'passed', later: 'skipped', stands: { outcome: 'skipped', reason: 'the second' } },
])('$before, and $later afterwards', ({ before, later, stands }) => {
  const result = (outcome: typeof later, say: string) => resultOf(item(), { outcome, say, measured: [] }, at);
  expect(standingResult(result(before, 'the first'), result(later, 'the second'))).toMatchObject(stands);
});

const around = {
  id: '0123456789',
  gateway: { id: 'gw-1', firmware: '0', readOnly: false, configurationHash: 'cafe' },
  devices: [{ id: 'meter-1', profile: 'p', profileHash: 'beef' }],
  photographs: [],
  isEmulated: false,
  nowMs: 5_000,
};

test('what was never done stands in the report, and makes it incomplete', () => {
  const passed = resultOf(item(), { outcome: 'passed', say: 'right', measured: [] }, at);
  const progress = { ...newProgress('cafe', 1), results: { 'meter-1/ct': passed } };
  const plan = [item(), item({ id: 'cadence', kind: 'cadence', title: 'Rhythm' })];
  const report = composeReport(progress, plan, around);
  expect(commissioningReportShape(report, '')).toMatchObject({ ok: true });
  expect(report).toMatchObject({
    verdict: 'incomplete',
    items: [{ outcome: 'passed' }, { outcome: 'skipped', attempts: 0 }],
  });
  expect(composeReport(progress, [item()], around).verdict).toBe('passed');
});

test('nothing that was typed or read becomes markup, and nothing outside is needed', () => {
  const evil = '<script>alert("1")</script>';
  const result = resultOf(
    item({ title: evil }),
    {
      outcome: 'differs',
      say: evil,
      measured: [{ point: evil, word: evil, unit: evil, expected: evil, met: 'no' }],
      plot: {
        title: evil,
        unit: 'A',
        curves: [{ name: evil, drawn: 'line', atS: [0, 1, 2], values: [10, 0, 10] }],
        marks: [{ atS: 1, say: evil }],
      },
    },
    { ...at, acceptance: evil },
  );
  const progress = {
    ...newProgress('cafe', 1),
    results: { 'meter-1/ct': result },
    technician: { name: evil },
    siteTitle: evil,
  };
  const page = reportPage(composeReport(progress, [item()], around), []);
  expect(page).not.toContain('<script');
  expect(page).toContain('&#60;script');
  expect(page).not.toMatch(/(?:src|href)=|url\(|@import/);
});

test('the rating of a switch stands with the device', () => {
  const devices = [{ id: 'meter-1', profile: 'p', profileHash: 'beef', switchRatingA: 200 }];
  const report = composeReport({ ...newProgress('cafe', 1), technician: { name: 'A. Fitter' } }, [item()], {
    ...around,
    devices,
  });
  expect(commissioningReportShape(report, '')).toMatchObject({ ok: true });
  expect(reportPage(report, [])).toContain('<td>switch 200 A</td>');
});

test.each<{ what: string; values: number[]; drawn: 'line' | 'step' | 'dots' }>([
  { what: 'one value', values: [3], drawn: 'line' },
  { what: 'nothing but zero', values: [0, 0, 0], drawn: 'step' },
  { what: 'negative values', values: [-5, -1, -3], drawn: 'dots' },
  { what: 'huge values', values: [1e9, -1e9], drawn: 'line' },
])('a plot of $what has finite coordinates', ({ values, drawn }) => {
  const svg = drawPlot({
    title: 't',
    unit: 'A',
    curves: [{ name: 'c', drawn, atS: values.map((_, i) => i), values }],
    marks: [],
  });
  expect(svg).toContain('<svg');
  expect(svg).not.toMatch(/NaN|Infinity/);
});

test('what is said of a moment stands above the curves, and within the drawing', () => {
  const marks = ['disconnect', 'confirmed', 'connect', 'confirmed'].map((say, i) => ({ atS: 3 * i, say }));
  const curve = { name: 'c', drawn: 'line', atS: [0, 9], values: [10, 10] } as const;
  const svg = drawPlot({ title: 't', unit: 'A', curves: [curve], marks });
  const curveY = Number(/<polyline points="[\d.]+,([\d.]+)/.exec(svg)?.[1]);
  const said = [...svg.matchAll(/<text x="([\d.]+)" y="([\d.]+)" class="said"( text-anchor="end")?/g)];
  expect(said).toHaveLength(marks.length);
  for (const [, x, y, isAtEnd] of said) {
    expect(Number(y)).toBeLessThan(curveY);
    expect(isAtEnd === undefined ? Number(x) : 0).toBeLessThan(580);
  }
});

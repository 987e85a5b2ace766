import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { AuditResponse } from './api/audit-contract.ts';
import type { ErrorBody } from './api/contract.ts';
import type {
  AnnualResponse,
  CompletenessResponse,
  CustomerFileKept,
  EditMadeResponse,
  EditsResponse,
  EditView,
  EstimatesResponse,
  GapsResponse,
  ImportsResponse,
  IntervalsImported,
  IntervalsResponse,
  MetersResponse,
  ProfilesResponse,
  RetentionResponse,
  RetentionSetResponse,
} from './api/interval-contract.ts';
import { mdwCommand } from './main-mdw-command.ts';
import { parseSettings } from './main-settings.ts';
import { SitesUnderTest } from './main-sites.fixture.ts';
import { withWarehouse } from './main-warehouse-access.ts';
import { columnsOf } from './mdw/interval-row.ts';
import { landIntervals, numberMeters } from './mdw/requests.ts';
import { aSwitch, line, networkOf, poleTransformer, source } from './network/connectivity/sample-network.fixture.ts';
import { changesBetween } from './network/model/network-change.ts';
import { emptyNetwork } from './network/model/network-draft.ts';
import { editRecord } from './network/network-register.ts';
import { SqliteStore } from './store/sqlite-store.ts';

const drawing = networkOf(
  [source('s', 'a'), aSwitch('w', 'a', 'b'), line('l', 'b', 'c'), poleTransformer('t', 'c', 'A', 'house')],
  (draft) => {
    draft.put({ kind: 'Circuit', id: 'c1', name: 'Circuit 1', head: { equipment: 'w', terminal: 1 } });
    draft.put({
      kind: 'UsagePoint',
      id: 'p1',
      name: 'p1',
      node: 'house',
      phases: ['s1', 's2'],
      meter: 'M-1',
      customer: 'ada',
    });
    draft.put({ kind: 'Customer', id: 'ada', name: 'Ada Bee', customerKind: 'residential' });
  },
);
const hourS = 3_600;
const at = (local: string): number => Date.parse(local) / 1_000;
/** Of 23 hours. */
const springS = at('2026-03-08T00:00:00-08:00');

let sites: SitesUnderTest;
beforeAll(async () => {
  sites = new SitesUnderTest();
  const store = new SqliteStore(sites.folder);
  store.start();
  const audit = { atMs: 1, who: 'ada', identity: 'system', action: 'network-edited', say: 'drawn' } as const;
  const recording = { recordedAtMs: 1, who: 'ada', cause: 'drawing' };
  store.network.append(editRecord(changesBetween(emptyNetwork(), drawing), 1_000, recording), audit);
  store.stop();
  const settings = parseSettings(`{ data: ${sites.folder}, timeZone: America/Los_Angeles }`, 'test');
  if (!settings.ok) throw new Error(settings.say.join());
  await withWarehouse(settings.value, async (ask) => {
    await ask(numberMeters, [{ name: 'M-1', sinceS: springS }]);
    const hours = Array.from({ length: 47 }, (_, hour) => hour).filter((hour) => hour !== 5);
    const usual = { meter: 1, lengthS: hourS, exportWh: 0, flags: 0, source: 'meter', readS: springS } as const;
    const landed = await ask(
      landIntervals,
      columnsOf(hours.map((hour) => ({ ...usual, startS: springS + hour * hourS, importWh: 100 + hour }))),
    );
    if (!landed.ok) throw new Error(landed.say);
  });
  await sites.start(', timeZone: America/Los_Angeles');
}, 60_000);
afterAll(async () => await sites.end());

const intervals = async (query: string, path = ''): Promise<IntervalsResponse> =>
  (await sites.call<IntervalsResponse>('GET', `/api/intervals${path}?meter=M-1&${query}`)).body;
const atFive = 'from=2026-03-08T06:00&to=2026-03-08T07:00';
const completeness = async (by: string): Promise<CompletenessResponse> =>
  (await sites.call<CompletenessResponse>('GET', `/api/intervals/completeness?from=2026-03-08&to=2026-03-10&by=${by}`))
    .body;

test('a local day has 23 hours where the clocks go forward', async () => {
  const day = await intervals('from=2026-03-08&to=2026-03-09');
  expect(day).toMatchObject({ timeZone: 'America/Los_Angeles', fromS: springS, toS: springS + 23 * hourS });
  expect(day.intervals.length).toBe(22);
  expect(day.intervals[0]).toEqual({
    startS: springS,
    lengthS: hourS,
    importWh: 100,
    exportWh: 0,
    flags: [],
    faults: [],
    source: 'meter',
    readS: springS,
  });
  expect((await intervals('from=2026-03-09&to=2026-03-10')).intervals.length).toBe(24);
});

test('gaps, and how complete it is by day, circuit and transformer', async () => {
  const { body } = await sites.call<GapsResponse>('GET', '/api/intervals/gaps?from=2026-03-08&to=2026-03-10&meter=M-1');
  expect(body.gaps).toEqual([{ meter: 'M-1', ranges: [{ fromS: springS + 5 * hourS, toS: springS + 6 * hourS }] }]);
  const days = await completeness('day');
  expect(days.by?.map(({ id, expectedS, measuredS }) => [id, expectedS / hourS, measuredS / hourS])).toEqual([
    ['2026-03-08', 23, 22],
    ['2026-03-09', 24, 24],
  ]);
  expect(days.worst).toMatchObject([{ meter: 'M-1', measuredS: 46 * hourS }]);
  for (const by of ['circuit', 'transformer'])
    expect((await completeness(by)).by).toMatchObject([
      { meters: 1, whole: 0, expectedS: 47 * hourS, measuredS: 46 * hourS },
    ]);
});

test('estimates are made on demand, marked so, and an edit stands above them until it is taken back', async () => {
  const json = { from: '2026-03-08', to: '2026-03-09' };
  const made = (await sites.call<EstimatesResponse>('POST', '/api/intervals/estimates', { json })).body;
  expect(made).toMatchObject({ linear: 1, meters: 1 });
  expect((await intervals(atFive)).intervals).toMatchObject([{ importWh: 105, source: 'estimate', method: 'linear' }]);

  const change = { startS: springS + 5 * hourS, importWh: 777 };
  const edit = await sites.call<EditMadeResponse>('POST', '/api/intervals/edits', {
    json: { meter: 'M-1', cause: 'read on site', changes: [change] },
  });
  expect(edit).toMatchObject({
    status: 201,
    body: { before: [{ importWh: 105, source: 'estimate' }], after: [{ importWh: 777 }] },
  });
  expect((await intervals(atFive)).intervals).toMatchObject([{ importWh: 777, source: 'edited' }]);
  const { edits } = (await sites.call<EditsResponse>('GET', '/api/intervals/edits?meter=M-1')).body;
  expect(edits).toMatchObject([{ edit: edit.body.edit, who: 'ada', reason: 'read on site', intervals: 1 }]);

  for (const [startS, say] of [
    [4_102_444_800, 'is not over yet'],
    [springS + 17, 'is not aligned to 60 minutes'],
  ] as const) {
    const json = { meter: 'M-1', cause: 'a slip', changes: [{ startS, lengthS: hourS, importWh: 5 }] };
    const slip = await sites.call<ErrorBody>('POST', '/api/intervals/edits', { json });
    expect(slip).toMatchObject({ status: 400, body: { error: { say: expect.stringContaining(say) } } });
  }

  const path = `/api/intervals/edits/${edit.body.edit}/withdrawal`;
  const taken = await sites.call<EditView>('POST', path, { json: { cause: 'wrong meter' } });
  expect(taken).toMatchObject({ status: 200, body: { takenBack: { who: 'ada', reason: 'wrong meter' } } });
  expect((await intervals(atFive)).intervals).toMatchObject([{ importWh: 105, source: 'estimate' }]);
  expect((await sites.call('POST', path, { json: { cause: 'again' } })).status).toBe(409);

  const { rows } = (await sites.call<AuditResponse>('GET', '/api/audit?limit=4')).body;
  expect(rows.map(({ who, action, subject, why }) => [who, action, subject, why])).toEqual([
    ['ada', 'interval-edit-taken-back', 'meter:M-1', 'again'],
    ['ada', 'interval-edit-taken-back', 'meter:M-1', 'again'],
    ['ada', 'interval-edit-taken-back', 'meter:M-1', 'wrong meter'],
    ['ada', 'intervals-edited', 'meter:M-1', 'read on site'],
  ]);
  expect(rows[0]?.say).toMatch(/was not taken back: .* by ada already/);
});

test('a file is taken whole or not at all, with what is wrong by line', async () => {
  const take = async (csv: string) =>
    await sites.call<IntervalsImported & ErrorBody>('POST', '/api/intervals/imports', { csv });
  const lines = ['meter,start,minutes,wh', 'M-1,2026-03-10 00:00,60,42'];
  const refused = await take([...lines, 'M-7,2026-03-10 00:00,60,42'].join('\n'));
  expect(refused).toMatchObject({ status: 400, body: { error: { faults: [{ line: 3 }] } } });
  expect(refused.body.error.say).toMatch(/nothing is imported.* Line 3: the warehouse knows no meter M-7/);
  const before = await intervals('from=2026-03-10&to=2026-03-11');
  expect(before.intervals).toEqual([]);
  expect(await take(lines.join('\n'))).toMatchObject({ status: 200, body: { landed: 1, same: 0, findings: [] } });
  expect(await take(lines.join('\n'))).toMatchObject({ status: 200, body: { landed: 0, same: 1 } });
  expect((await intervals('from=2026-03-10&to=2026-03-11')).intervals).toMatchObject([
    { importWh: 42, source: 'file' },
  ]);
});

/** By a program elsewhere. */
async function elsewhere(sql: string): Promise<readonly Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const read = await connection.runAndReadAll(sql);
  connection.closeSync();
  instance.closeSync();
  return read.getRowObjectsJS();
}
const filePath = (): string => join(sites.folder, 'elsewhere.parquet');
async function rowsOf(bytes: Uint8Array): Promise<readonly Record<string, unknown>[]> {
  writeFileSync(filePath(), bytes);
  return await elsewhere(`SELECT * FROM '${filePath()}' ORDER BY meter, start_s`);
}
async function parquetOf(select: string): Promise<Uint8Array<ArrayBuffer>> {
  await elsewhere(`COPY (${select}) TO '${filePath()}' (FORMAT parquet)`);
  return new Uint8Array(readFileSync(filePath()));
}
const download = async (query: string, operator = 'ada'): Promise<Response> =>
  await (await sites.crew.as(operator)).ask(`/api/exports/intervals.parquet?${query}`);

test('days come down as Parquet, and nothing of them stays on the disk', async () => {
  const response = await download('from=2026-03-08&to=2026-03-10&meter=M-1');
  expect([response.status, response.headers.get('content-disposition')]).toEqual([
    200,
    'attachment; filename="intervals-20260308T0800-20260310T0700Z.parquet"',
  ]);
  const rows = await rowsOf(await response.bytes());
  expect(rows.length).toBe(47);
  expect(rows[0]).toMatchObject({ meter: 'M-1', start_s: springS, length_s: hourS, import_wh: 100, source: 'meter' });
  expect(readdirSync(join(sites.folder, 'warehouse', 'temp', 'downloads'))).toEqual([]);
  expect((await rowsOf(await (await download('from=2026-03-08&to=2026-03-09')).bytes())).length).toBe(23);
  const north = await (await sites.crew.administrator()).invite('north', { role: 'engineer', areas: ['north'] });
  const query = 'from=2026-03-08&to=2026-03-09';
  expect((await north.ask(`/api/exports/intervals.parquet?${query}`)).status).toBe(403);
  expect((await north.ask(`/api/exports/intervals.parquet?${query}`, { method: 'HEAD' })).status).toBe(403);
});

test('Parquet is posted like other files: what came down goes up again and changes nothing; faults are told by row', async () => {
  const { ask } = await sites.crew.as('ada');
  const post = async (body: Uint8Array<ArrayBuffer>, query = '') => {
    const headers = { 'content-type': 'application/vnd.apache.parquet' };
    const response = await ask(`/api/intervals/imports?file=f.parquet${query}`, { method: 'POST', headers, body });
    return { status: response.status, body: (await response.json()) as IntervalsImported & ErrorBody };
  };
  const down = new Uint8Array(await (await download('from=2026-03-08&to=2026-03-10')).arrayBuffer());
  const known = await post(down);
  expect(known).toMatchObject({ status: 200, body: { landed: 0, same: 47, findings: [] } });
  const [first, wrong] = [at('2026-03-10T02:00-07:00'), at('2026-03-10T03:00-07:00')];
  const own = async (wh: number) =>
    await parquetOf(
      `SELECT 'M-1' AS meter, start_s, 3600 AS length_s, 42 + i AS import_wh FROM (VALUES (0, ${first}), (${wh}, ${wrong})) t(i, start_s)`,
    );
  const refused = await post(await own(-50), '&dryRun=true');
  expect(refused).toMatchObject({ status: 400, body: { error: { faults: [{ row: 2 }] } } });
  expect(refused.body.error.say).toMatch(/nothing is imported.* Row 2: import_wh .* below zero/);
  expect(await post(await own(1), '&dryRun=true')).toMatchObject({ status: 200, body: { landed: 0 } });
  expect(await post(await own(1))).toMatchObject({ status: 200, body: { landed: 2, same: 0 } });
  expect((await intervals('from=2026-03-10T02:00&to=2026-03-10T04:00')).intervals).toMatchObject([
    { importWh: 42, source: 'file' },
    { importWh: 43, source: 'file' },
  ]);
  const damaged = await post(down.slice(0, -20));
  expect(damaged.body.error.say).toMatch(/nothing is imported.* cannot be read as Parquet/);
  const [last] = (await sites.call<ImportsResponse>('GET', '/api/intervals/imports')).body.imports;
  expect(last).toMatchObject({ file: 'f.parquet', state: 'refused' });
});

test('how far an import is can be asked, and what became of the last', async () => {
  const file = { csv: 'meter,start,minutes,wh\nM-1,2026-03-10 01:00,60,41' };
  const taking = sites.call<IntervalsImported>('POST', '/api/intervals/imports?file=march.csv', file);
  const seen = await vi.waitUntil(async () => {
    const { imports } = (await sites.call<ImportsResponse>('GET', '/api/intervals/imports')).body;
    return imports.find((each) => each.file === 'march.csv');
  });
  expect(seen).toMatchObject({ who: 'ada', dryRun: false });
  expect((await taking).body.say).toMatch(/^march\.csv: 1 intervals of 1 meters, .*: 1 new or changed/);
  const [last] = (await sites.call<ImportsResponse>('GET', '/api/intervals/imports')).body.imports;
  expect(last).toMatchObject({
    file: 'march.csv',
    state: 'done',
    done: 1,
    total: 1,
    say: expect.stringMatching(/1 new/),
  });
});

test('a meter is found by its number, service point or customer, with where it is', async () => {
  const found = async (search: string) =>
    (await sites.call<MetersResponse>('GET', `/api/intervals/meters?search=${search}`)).body;
  const house = { meter: 'M-1', servicePoint: 'p1', customer: 'Ada Bee', customerKind: 'residential' };
  for (const search of ['m-1', 'P1', 'bee'])
    expect(await found(search)).toEqual({ meters: [{ ...house, transformer: 't', circuit: 'c1' }], more: false });
  expect(await found('nobody')).toEqual({ meters: [], more: false });
  const behind = await sites.call<MetersResponse>('GET', '/api/intervals/meters?transformer=t');
  expect(behind.body.meters).toMatchObject([{ meter: 'M-1' }]);
});

test('customers whose intervals nobody counts: a profile, a year, and who follows which', async () => {
  const hours = Array.from({ length: 24 }, (_, hour) => `night,${hour},${hour < 6 ? 1 : 0},1,1`);
  const csv = ['profile,hour,weekday,saturday,sunday', ...hours].join('\n');
  const put = async (path: string, text: string) =>
    await sites.call<CustomerFileKept & ErrorBody>('PUT', `/api/intervals/${path}`, { csv: text });
  expect(await put('profiles?dryRun=true&file=p.csv', csv)).toMatchObject({
    status: 200,
    body: { kept: 0, say: 'p.csv: load profiles night could be kept; nothing is changed' },
  });
  expect(await put('profiles', csv.replace('night,3', 'night,33'))).toMatchObject({
    status: 400,
    body: { error: { faults: [{ line: 5 }, { line: 2, say: 'night lacks the hours 3' }] } },
  });
  expect(await put('profiles', csv)).toMatchObject({ status: 200, body: { kept: 1 } });
  const years = 'meter,annual_kwh,profile\nM-1,5000,night\nM-8,1,night';
  expect(await put('annual', years)).toMatchObject({ status: 400, body: { error: { faults: [{ line: 3 }] } } });
  expect(await put('annual?newMeters=true', years)).toMatchObject({ status: 200, body: { kept: 2 } });
  const { body } = await sites.call<AnnualResponse>('GET', '/api/intervals/annual?search=m-1');
  expect(body).toMatchObject({ customers: [{ meter: 'M-1', yearWh: 5_000_000, profile: 'night' }], total: 1 });
  const { profiles } = (await sites.call<ProfilesResponse>('GET', '/api/intervals/profiles')).body;
  expect(profiles.map(({ name, origin, customers }) => [name, origin, customers])).toContainEqual(['night', 'told', 2]);
  const remove = async (name: string) => await sites.call<ErrorBody>('DELETE', `/api/intervals/profiles/${name}`);
  expect((await remove('night')).body.error.say).toMatch(/2 customers follow night/);
  await put('annual', 'meter,annual_kwh,profile\nM-1,5000,residential\nM-8,1,public');
  expect((await remove('night')).status).toBe(204);
});

test('by command the head-end that runs takes a file, and has in its audit who did it', async () => {
  const file = join(sites.folder, 'factory.csv');
  writeFileSync(file, 'meter,start,minutes,wh\nM-1,2026-03-11T00:00-07:00,60,43');
  vi.spyOn(console, 'log').mockImplementation(() => undefined);
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  expect(await mdwCommand(['import', file, '--by', 'eve', '--data', sites.folder])).toBe(0);
  vi.restoreAllMocks();
  expect((await intervals('from=2026-03-11&to=2026-03-12')).intervals).toMatchObject([
    { importWh: 43, source: 'file' },
  ]);
  const { rows } = (await sites.call<AuditResponse>('GET', '/api/audit?limit=1')).body;
  expect(rows).toMatchObject([{ who: 'eve', identity: 'system', action: 'intervals-imported' }]);
});

test('nothing is estimated of a meter that nobody knows', async () => {
  const json = { from: '2026-03-08', to: '2026-03-09', meters: ['M-1', 'M-9'] };
  const { status, body } = await sites.call<ErrorBody>('POST', '/api/intervals/estimates', { json });
  expect([status, body.error.say]).toEqual([404, 'The warehouse knows no meter M-9.']);
});

test.each([
  ['GET', '/api/intervals?meter=M-9&from=2026-03-08&to=2026-03-09', 404, /no meter M-9/],
  ['GET', '/api/intervals?meter=M-1&from=2026-03-08T02:30&to=2026-03-09', 400, /from: .*the clocks go forward/],
  ['GET', '/api/intervals?meter=M-1&from=2026-03-08&to=2026-03-08', 400, /to is after from/],
  ['GET', '/api/intervals/completeness?from=2026-01-01&to=2026-12-31', 400, /More than 62 days/],
  ['GET', '/api/exports/intervals.parquet?from=2026-01-01&to=2026-03-01', 400, /More than 31 days/],
  ['GET', '/api/exports/intervals.parquet?from=2026-01-01&to=2026-01-02', 404, /No interval is known/],
  ['GET', '/api/exports/intervals.parquet?from=2026-03-08&to=2026-03-09&meter=M-9', 404, /no meter M-9/],
  ['POST', '/api/intervals/edits/99/withdrawal', 404, /no edit 99/],
  ['POST', '/api/intervals/edits/x/withdrawal', 404, /no edit x/],
])('%s %s is refused', async (method, path, status, say) => {
  const json = method === 'GET' ? {} : { json: { cause: 'x' } };
  const answer = await sites.call<ErrorBody>(method, path, json);
  expect(answer.status).toBe(status);
  expect(answer.body.error.say).toMatch(say);
});

test('how long intervals are kept is set by an administrator who confirms what is lost', async () => {
  await sites.call('POST', '/api/intervals/imports', { csv: 'meter,start,minutes,wh\nM-1,2025-01-01 00:00,60,1' });
  const json = { keepDays: 100, cause: 'the law' };
  const put = async (more: object, operator = 'admin') =>
    await sites.call<RetentionSetResponse & ErrorBody>('PUT', '/api/intervals/retention', {
      json: { ...json, ...more },
      operator,
    });
  expect((await put({}, 'ada')).status).toBe(403);
  const refused = await put({});
  expect(refused).toMatchObject({ status: 409, body: { error: { path: 'body.forgetDays' } } });
  expect(refused.body.error.say).toMatch(/1 day \(2025-01-01\) would be forgotten.*forgetDays: 1/);
  expect(await put({ forgetDays: 1 })).toMatchObject({
    status: 200,
    body: { keepDays: 100, forgotten: ['2025-01-01'] },
  });
  const { body } = await sites.call<RetentionResponse>('GET', '/api/intervals/retention');
  expect(body).toMatchObject({ keepDays: 100, configuredDays: 1_130, set: { who: 'admin' }, old: { days: 0 } });
  const { rows } = (await sites.call<AuditResponse>('GET', '/api/audit?limit=1&action=retention-set')).body;
  expect(rows).toMatchObject([
    { who: 'admin', why: 'the law', say: expect.stringMatching(/100 days, not 1130; forgets 1 day/) },
  ]);
});

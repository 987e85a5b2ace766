import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { networkCommand } from './main-network-command.ts';
import { operationRecord, storedHistory } from './network/network-register.ts';
import { SqliteStore } from './store/sqlite-store.ts';

let folder: string;
let said: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'network-command-'));
  said = [];
  for (const stream of ['log', 'error'] as const)
    vi.spyOn(console, stream).mockImplementation((line: string) => void said.push(line));
});
afterEach(() => rmSync(folder, { recursive: true }));

const path = (name: string): string => join(folder, name);
function file(name: string, text: string): string {
  writeFileSync(path(name), text);
  return path(name);
}
const run = async (...args: string[]): Promise<number> => await networkCommand([...args, '--data', path('data')]);

const feeder = (rating = 400): string => `clear
new circuit.town basekv=12.47 bus1=bus
new linecode.c nphases=3 r1=.3 x1=.6 r0=.6 x0=1.8 c1=9 c0=4 units=km normamps=${rating}
new line.breaker bus1=bus bus2=a switch=y normamps=600
new line.main bus1=a bus2=b length=1 units=km linecode=c
new xfmrcode.ct phases=1 windings=3 kvs=[7.2 .12 .12] kvas=[25 25 25] %rs=[.6 1.2 1.2] xhl=2.04 xht=2.04 xlt=1.36
new transformer.t1 xfmrcode=ct buses=[b.1 x.1.0 x.0.2]
`;

function withStore<T>(work: (store: SqliteStore) => T): T {
  const store = new SqliteStore(path('data'));
  store.start();
  try {
    return work(store);
  } finally {
    store.stop();
  }
}

test('import, check and export of a network with customers and meters', async () => {
  const dss = file('town.dss', feeder());
  const customers = file('customers.csv', 'customer,transformer,meter,kind\n7,t1,M7,residential\n8,t1,,commercial\n');
  const meters = file('meters.csv', 'meter,customer\nM8,8\n');
  expect(
    await run(
      'import',
      dss,
      '--customers',
      customers,
      '--meters',
      meters,
      '--at',
      '2026-01-01T00:00:00Z',
      '--by',
      'ada',
    ),
  ).toBe(0);
  expect(said.at(-1)).toBe(`${dss} imported, as of 2026-01-01T00:00:00.000Z: 16 elements new or changed, 0 removed`);
  expect(await run('check')).toBe(0);
  expect(said.at(-1)).toBe('town: 4 nodes, 4 pieces of equipment, 2 service points; 0 errors, 0 others');
  expect(await run('export', path('town.geojson'))).toBe(0);
  expect(JSON.parse(readFileSync(path('town.geojson'), 'utf8'))).toMatchObject({
    type: 'FeatureCollection',
    schematic: true,
  });
  expect(await run('export', path('town.xml'))).toBe(0);
  expect(await run('import', path('town.xml'), '--dry-run')).toBe(0);
  expect(await run('import', file('other.dss', feeder(500)), '--dry-run')).toBe(0);
  expect(said.at(-1)).toMatch(
    /other\.dss: could be imported, as of .*: \d+ elements new or changed, \d+ removed; nothing is recorded$/,
  );
  expect(await run('import', path('town.xml'))).toBe(0);
  expect(said.at(-1)).toBe(`${path('town.xml')}: is what is known already; nothing is recorded`);
  withStore((store) => {
    const [view, audit] = [
      storedHistory(store.network).at(Date.parse('2026-01-01')),
      store.operations.audit({ limit: 99 }),
    ];
    expect([...view.network.usagePoints.values()].map(({ customer, meter }) => [customer, meter])).toEqual([
      ['7', 'M7'],
      ['8', 'M8'],
    ]);
    expect(view.feedOf('x/7')).toMatchObject({ energised: 'all', circuit: 'town', transformer: 'Transformer.t1' });
    expect(audit.at(-1)).toMatchObject({ who: 'ada', action: 'network-edited', subject: 'network' });
  });
});

test('a second import records what differs from then on, and moves no switch', async () => {
  await run('import', file('town.dss', feeder()), '--at', '2026-01-01T00:00:00Z');
  const atMs = Date.parse('2026-01-02T00:00:00Z');
  withStore((store) => {
    const recording = { recordedAtMs: atMs, who: 'ada', cause: 'order 7' };
    store.network.append(operationRecord({ kind: 'switched', atMs, switchId: 'Line.breaker', open: true }, recording), {
      atMs,
      who: 'ada',
      identity: 'system',
      action: 'switch-recorded',
      say: 'opened',
    });
  });
  expect(await run('import', file('town.dss', feeder(500)), '--at', '2026-01-03T00:00:00Z')).toBe(0);
  expect(said.at(-1)).toMatch(/: 1 elements new or changed, 0 removed$/);
  expect(said).toContainEqual(
    expect.stringMatching(
      /town\.dss:4 {2}warning: Line\.breaker: the file has it closed, in operation it is open: an import moves no switch/,
    ),
  );
  withStore((store) => {
    const history = storedHistory(store.network);
    const at = (day: string) => history.at(Date.parse(day));
    expect(['2026-01-01', '2026-01-02', '2026-01-03'].map((day) => at(day).feedOfNode('b')?.energised)).toEqual([
      'all',
      'none',
      'none',
    ]);
    expect(['2026-01-02', '2026-01-03'].map((day) => at(day).network.equipment.get('Line.main'))).toMatchObject([
      { ratedCurrentA: 400 },
      { ratedCurrentA: 500 },
    ]);
  });
});

test('a file with errors is refused whole, unless they are accepted', async () => {
  const dss = file('town.dss', `${feeder()}new windmill.w bus1=b\n`);
  expect(await run('import', dss)).toBe(1);
  expect(said).toContainEqual(`${dss}:8  error: windmill is no class that is understood here: w is left out`);
  expect(said.at(-1)).toBe(`${dss}: 1 error; nothing is recorded. Mend them, or accept errors to take the rest`);
  expect(existsSync(path('data/operations.db'))).toBe(false);
  expect(await run('import', dss, '--accept-errors')).toBe(0);
  expect(await run('import', file('bad.csv', 'hello'), '--dry-run')).toBe(1);
});

test.each([
  { args: ['import'], code: 2, say: /Name one file/ },
  { args: ['look'], code: 2, say: /network look: it is import, check or export/ },
  { args: ['check', 'file'], code: 2, say: /no file is asked for/ },
  { args: ['import', 'a.dss', '--at', 'soon'], code: 2, say: /--at soon: write it as 2026-03-31T12:00:00Z/ },
  { args: ['import', 'a.dss', '--colour'], code: 2, say: /--colour/ },
])('network $args', async ({ args, code, say }) => {
  expect(await run(...args)).toBe(code);
  expect(said[0]).toMatch(say);
});

test('what is not there is told', async () => {
  await expect(run('import', path('none.dss'))).rejects.toThrow(/none\.dss cannot be read/);
  withStore(() => undefined);
  await expect(run('check')).rejects.toThrow(/holds no network as of .*: network import FILE brings one/);
  await run('import', file('town.dss', feeder()));
  expect(await run('export', path('town.png'))).toBe(2);
});

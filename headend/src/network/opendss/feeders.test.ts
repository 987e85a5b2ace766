import { describe, expect, test } from 'vitest';
import { NetworkHistory } from '../connectivity/network-history.ts';
import { feederPath, feedersMissing, feederText, referenceRows } from '../feeders.fixture.ts';
import { lineConstants } from '../impedance/line-constants.ts';
import { changesBetween } from '../model/network-change.ts';
import { emptyNetwork } from '../model/network-draft.ts';
import { DssImport } from './dss-import.ts';
import { importOpenDss } from './import-opendss.ts';
import { runScript } from './script.ts';
import { diskFiles } from './script-files.ts';

type Feeder = { name: string; master: string; files: readonly string[]; reference: string };

const feeders: readonly Feeder[] = [
  { name: 'IEEE 13', master: 'ieee13/IEEE13Nodeckt.dss', files: ['IEEE13Nodeckt.dss'], reference: 'ieee13' },
  {
    name: 'IEEE 123',
    master: 'ieee123/IEEE123Master.dss',
    files: ['IEEE123Master.dss', 'IEEE123Regulators.DSS', 'IEEE123Loads.DSS'],
    reference: 'ieee123',
  },
  {
    name: 'IEEE 9500',
    master: 'ieee9500/Master-bal-initial-config.dss',
    files: (
      'LinesSwitchesGeometry Transformers LoadXfmrCodes TriplexLines BalancedLoads Capacitors Regulators Generators EnergyStorage ' +
      'PV_10pen_DSSPV PV_NN_100_DSSPV'
    )
      .split(' ')
      .map((name) => `${name}.dss`),
    reference: 'ieee9500bal',
  },
];

/** How many `new <class>.` a feeder's files have, and how many of those lines fit a pattern. */
function counted({ master, files }: Feeder, kind: string, pattern = /./): number {
  const folder = master.split('/')[0] ?? '';
  const lines = files.flatMap((file) => feederText(`${folder}/${file}`).split(/\r?\n/));
  return lines.filter((line) => new RegExp(`^\\s*new\\s+(object=)?${kind}\\.`, 'i').test(line) && pattern.test(line))
    .length;
}

const kinds = (equipment: Iterable<{ kind: string; inService?: false }>) => {
  const counts: Record<string, number> = {};
  for (const { kind } of equipment) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
};

describe.skipIf(feedersMissing)('feeders (need ../shared/data)', () => {
  test.each(feeders)('$name: as many of each as its files have, at the buses of the reference solution', (feeder) => {
    const { network, findings } = importOpenDss(feederPath(feeder.master), diskFiles);
    expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    const found = kinds(network.equipment.values());
    const isSwitch = /switch\s*=\s*(y|t)/i;
    expect(found['Switch'] ?? 0).toBe(counted(feeder, 'line', isSwitch));
    expect((found['ACLineSegment'] ?? 0) + (found['Switch'] ?? 0)).toBe(counted(feeder, 'line'));
    expect(found['PowerTransformer']).toBe(counted(feeder, 'transformer'));
    expect(found['EnergyConsumer']).toBe(counted(feeder, 'load'));
    expect(found['LinearShuntCompensator']).toBe(counted(feeder, 'capacitor'));
    expect(found['SynchronousMachine'] ?? 0).toBe(counted(feeder, 'generator'));
    expect(found['PowerElectronicsConnection'] ?? 0).toBe(counted(feeder, 'pvsystem') + counted(feeder, 'storage'));
    const buses = referenceRows(`${feeder.reference}_voltages.csv`);
    const names = new Set([...network.nodes.keys()].map((id) => id.toLowerCase()));
    expect(names).toEqual(new Set(buses.map(([bus = '']) => bus.toLowerCase())));
  });

  test.each(feeders)('$name: the elements, phases and voltages of the reference solution', ({ master, reference }) => {
    const { network } = importOpenDss(feederPath(master), diskFiles);
    const view = new NetworkHistory([{ kind: 'edit', atMs: 0, changes: changesBetween(emptyNetwork(), network) }]).at(
      0,
    );
    // A disabled tie is no element of a solution; here it is a switch that is open.
    const solved = new Set(referenceRows(`${reference}_currents.csv`).map(([element = '']) => element.toLowerCase()));
    const elements = [...network.equipment.values()]
      .filter(({ id }) => view.isClosed(id) !== 'open')
      .map(({ id }) => id.toLowerCase());
    expect(new Set(elements)).toEqual(solved);
    const byName = new Map([...network.nodes.values()].map((node) => [node.id.toLowerCase(), node]));
    for (const [bus = '', baseKv = '', ...nodes] of referenceRows(`${reference}_voltages.csv`)) {
      const node = byName.get(bus.toLowerCase());
      // OpenDSS calls the half of a centre tap 0.208 kV between phases; here it is 240 V between its wires.
      const nominal = baseKv === '0.208' ? 240 : Number(baseKv) * 1_000;
      expect(node?.nominalVoltageV, bus).toBe(nominal);
      const there = nodes
        .filter((_, index) => index % 4 === 0)
        .map(Number)
        .filter((each) => each > 0);
      const phases = view
        .feedOfNode(node?.id ?? '')
        ?.phases.map((phase) => ['', 'A', 'B', 'C'].indexOf(phase.replace('s1', 'A').replace('s2', 'B')));
      expect(new Set(phases), bus).toEqual(new Set(there));
    }
  });

  test('IEEE 123 with switches: two ties are open', () => {
    const { network } = importOpenDss(feederPath('ieee123/IEEE123Switches.dss'), diskFiles);
    const open = [...network.equipment.values()]
      .filter((each) => each.kind === 'Switch' && each.normalOpen)
      .map(({ id }) => id);
    expect(open).toEqual(['Line.Sw7', 'Line.Sw8']);
  });

  test('IEEE 9500: nine ties are open, three circuits have their substations, split phase reaches every customer', () => {
    const { network } = importOpenDss(feederPath('ieee9500/Master-bal-initial-config.dss'), diskFiles);
    const switches = [...network.equipment.values()].filter((each) => each.kind === 'Switch');
    expect(switches.filter(({ normalOpen }) => normalOpen)).toHaveLength(9);
    expect([...network.circuits.values()].map(({ id, substation }) => [id, substation])).toEqual([
      ['m1', 'HVMV69_11Sub1'],
      ['m2', 'HVMV69_11Sub2'],
      ['m3', 'HVMV69_11Sub3'],
    ]);
    expect(network.usagePoints.size).toBe(1_275);
    expect([...network.usagePoints.values()].every(({ phases }) => phases.join() === 's1,s2')).toBe(true);
    expect(network.header.coordinates).toBe('geographic');
    expect([...network.nodes.values()].filter(({ position }) => position === undefined)).toEqual([]);
  });

  test('IEEE 9500: line constants are those that OpenDSS has computed for the same geometries', () => {
    const dss = new DssImport(runScript(feederPath('ieee9500/Master-bal-initial-config.dss'), diskFiles));
    const codes = new DssImport(runScript(feederPath('ieee9500/LineCodes.dss'), diskFiles));
    let compared = 0;
    for (const { name } of codes.book.all('linecode')) {
      const [geometry, code] = [dss.geometries.find(name), codes.lineCode(name)];
      if (geometry === undefined || code === undefined) continue;
      compared += 1;
      // The file says so itself: 60 Hz, 100 ohm-m, Deri.
      const surroundings = { frequencyHz: 60, earthResistivityOhmM: 100, earthModel: 'deri' } as const;
      const found = lineConstants(geometry.placed, geometry.phases, surroundings, geometry.reduce);
      for (const [row, values] of code.impedance.series.entries()) {
        for (const [column, { re, im }] of values.entries()) {
          // To the six digits that are written.
          expect((found?.rOhmPerM[row]?.[column] ?? NaN) * 1_000, `${name} r${row}${column}`).toBeCloseTo(re, 4);
          expect((found?.xOhmPerM[row]?.[column] ?? NaN) * 1_000, `${name} x${row}${column}`).toBeCloseTo(im, 4);
          const siemens = (code.impedance.shunt[row]?.[column]?.im ?? NaN) * 1e6;
          expect((found?.bSiemensPerM[row]?.[column] ?? NaN) * 1e9, `${name} b${row}${column}`).toBeCloseTo(siemens, 2);
        }
      }
    }
    expect(compared).toBeGreaterThan(60);
  });
});

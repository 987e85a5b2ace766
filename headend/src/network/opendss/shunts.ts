import type { EnergyConsumer, LinearShuntCompensator, SeriesCompensator, Terminal } from '../model/equipment.ts';
import { busTerminal } from './buses.ts';
import type { DssImport } from './dss-import.ts';
import type { CapacitorControls } from './capacitor-controls.ts';
import { connectionOf, ObjectReader } from './object-reader.ts';
import { matrixOf } from './values.ts';

export function importCapacitors(dss: DssImport, controls: CapacitorControls): void {
  for (const object of dss.book.all('capacitor')) {
    const reader = new ObjectReader(object, dss.report);
    const phases = reader.count('phases') ?? 3;
    const connection = connectionOf(reader.text('conn'));
    const kv = reader.number('kv') ?? 12.47;
    const kvars = kvarsOf(dss, reader, kv, phases);
    const steps = reader.number('numsteps') ?? kvars.length;
    const states = reader.numbers('states');
    const [bus1, bus2] = [reader.text('bus1') ?? '', reader.text('bus2')];
    // Damping and tuning matter to harmonics alone.
    reader.ask(['r', 'xl', 'harm', 'normamps', 'emergamps']);
    reader.done();
    const kvar = kvars.reduce((sum, each) => sum + each, 0);
    if (isSeries(bus1, bus2)) {
      const ohm = -(kv ** 2 * 1_000) / kvar;
      putSeries(dss, reader, [bus1, bus2 ?? ''], { rOhm: diagonal(phases, 0), xOhm: diagonal(phases, ohm) });
      continue;
    }
    const terminal = shuntTerminal(dss, reader, bus1, phases, connection);
    if (terminal === undefined) continue;
    const control = controls.get(object.name.toLowerCase());
    const sectionsIn = states === undefined ? steps : states.filter((each) => each !== 0).length;
    dss.draft.put({
      ...shuntOf(reader, terminal, { connection, kv, kvar, grounded: connection === 'wye' && !isFloating(bus2) }),
      sections: steps,
      sectionsIn,
      ...(control === undefined ? {} : { control }),
    });
  }
}

/** One total that `numsteps` divides, or one value a step. */
function kvarsOf(dss: DssImport, reader: ObjectReader, kv: number, phases: number): number[] {
  const said = reader.lastOf(['kvar', 'cuf', 'cmatrix']);
  if (said === 'cmatrix')
    reader.tell('error', 'not-understood', 'cmatrix is not understood here: its power is taken as nothing');
  if (said === 'cmatrix') return [0];
  if (said !== 'cuf') return reader.numbers('kvar') ?? [1_200];
  const perPhaseKv = phases > 1 ? kv / Math.sqrt(3) : kv;
  return (reader.numbers('cuf') ?? []).map(
    (microfarad) => 2 * Math.PI * dss.book.frequencyHz * microfarad * 1e-6 * perPhaseKv ** 2 * 1_000 * phases,
  );
}

export function importReactors(dss: DssImport): void {
  for (const object of dss.book.all('reactor')) {
    const reader = new ObjectReader(object, dss.report);
    const phases = reader.count('phases') ?? 3;
    const connection = connectionOf(reader.text('conn'));
    const kv = reader.number('kv') ?? 12.47;
    const [bus1, bus2] = [reader.text('bus1') ?? '', reader.text('bus2')];
    const { r, x } = reactorOhm(dss, reader, kv, phases);
    const rating = { ratedCurrentA: reader.number('normamps'), emergencyCurrentA: reader.number('emergamps') };
    reader.done();
    if (isSeries(bus1, bus2)) {
      putSeries(dss, reader, [bus1, bus2 ?? ''], { rOhm: r, xOhm: x, ...rating });
      continue;
    }
    const terminal = shuntTerminal(dss, reader, bus1, phases, connection);
    if (terminal === undefined) continue;
    const ohm = x[0]?.[0] ?? 0;
    if (ohm === 0) {
      reader.tell('error', 'zero-impedance', 'a shunt reactor of no reactance is a short circuit: it is left out');
      continue;
    }
    const kvar = -(kv ** 2 * 1_000) / ohm;
    const grounded = connection === 'wye' && !isFloating(bus2);
    dss.draft.put({ ...shuntOf(reader, terminal, { connection, kv, kvar, grounded }), sections: 1, sectionsIn: 1 });
  }
}

function reactorOhm(
  dss: DssImport,
  reader: ObjectReader,
  kv: number,
  phases: number,
): { r: number[][]; x: number[][] } {
  const said = reader.lastOf(['kvar', 'rmatrix', 'xmatrix', 'x', 'z', 'z1', 'lmh']);
  if (said === 'rmatrix' || said === 'xmatrix') {
    const matrix = (property: string) =>
      reader.read(property, (written) => matrixOf(written, phases)) ?? diagonal(phases, 0);
    return { r: matrix('rmatrix'), x: matrix('xmatrix') };
  }
  if (said === 'z1') {
    const [r1 = 0, x1 = 0] = reader.numbers('z1') ?? [];
    const [r0 = r1, x0 = x1] = reader.numbers('z0') ?? [];
    const full = (one: number, zero: number): number[][] =>
      diagonal(phases, 0).map((row, at) =>
        row.map((_, column) => (at === column ? (2 * one + zero) / 3 : (zero - one) / 3)),
      );
    return { r: full(r1, r0), x: full(x1, x0) };
  }
  const [rz, xz] = said === 'z' ? (reader.numbers('z') ?? []) : [];
  const ofKvar = (kv ** 2 * 1_000) / (reader.number('kvar') ?? 100);
  const ofLmH = ((reader.number('lmh') ?? 0) * 2 * Math.PI * dss.book.frequencyHz) / 1_000;
  const x = xz ?? (said === 'x' ? reader.number('x') : said === 'lmh' ? ofLmH : undefined) ?? ofKvar;
  return { r: diagonal(phases, rz ?? reader.number('r') ?? 0), x: diagonal(phases, x) };
}

const diagonal = (order: number, value: number): number[][] =>
  Array.from({ length: order }, (_, row) =>
    Array.from({ length: order }, (__, column) => (row === column ? value : 0)),
  );

const busName = (spec: string): string => (spec.split('.')[0] ?? '').toLowerCase();
const isSeries = (bus1: string, bus2: string | undefined): boolean =>
  bus2 !== undefined && busName(bus1) !== busName(bus2);

/** A wye whose other end is written as a node that is not the ground. */
const isFloating = (bus2: string | undefined): boolean =>
  bus2 !== undefined &&
  bus2
    .split('.')
    .slice(1)
    .some((node) => node !== '0');

type SeriesValues = {
  rOhm: number[][];
  xOhm: number[][];
  ratedCurrentA?: number | undefined;
  emergencyCurrentA?: number | undefined;
};

function putSeries(
  dss: DssImport,
  reader: ObjectReader,
  buses: readonly [string, string],
  { rOhm, xOhm, ratedCurrentA, emergencyCurrentA }: SeriesValues,
): void {
  const terminals = buses.map((bus) => {
    const at = busTerminal(bus, rOhm.length);
    return at === undefined ? undefined : dss.buses.terminal(at, reader.object);
  });
  if (terminals.includes(undefined)) return reader.tell('error', 'no-bus', `${buses.join(' and ')} are not two buses`);
  const series: SeriesCompensator = {
    kind: 'SeriesCompensator',
    id: reader.id,
    name: reader.object.name,
    terminals: terminals.filter((each) => each !== undefined),
    rOhm,
    xOhm,
    ...(ratedCurrentA === undefined ? {} : { ratedCurrentA }),
    ...(emergencyCurrentA === undefined ? {} : { emergencyCurrentA }),
    ...(reader.enabled ? {} : { inService: false }),
    from: reader.object.place,
  };
  dss.draft.put(series);
}

type Shunt = { connection: 'wye' | 'delta'; kv: number; kvar: number; grounded: boolean };

function shuntOf(
  reader: ObjectReader,
  terminal: Terminal,
  shunt: Shunt,
): Omit<LinearShuntCompensator, 'sections' | 'sectionsIn'> {
  return {
    kind: 'LinearShuntCompensator',
    id: reader.id,
    name: reader.object.name,
    terminals: [terminal],
    connection: shunt.connection,
    grounded: shunt.grounded,
    ratedVoltageV: shunt.kv * 1_000,
    reactivePowerVar: shunt.kvar * 1_000,
    ...(reader.enabled ? {} : { inService: false }),
    from: reader.object.place,
  };
}

/** Conductors of what hangs at a bus: a wye's phases, a delta's corners; of one phase between two nodes, both. */
export function shuntTerminal(
  dss: DssImport,
  reader: ObjectReader,
  bus: string,
  phases: number,
  connection: EnergyConsumer['connection'],
): Terminal | undefined {
  const corners = connection === 'delta' && phases < 3 ? phases + 1 : phases;
  const written = bus.split('.').length - 1;
  const between = connection === 'wye' && phases === 1 && written > 1 ? 2 : corners;
  const at = busTerminal(bus, corners, between);
  if (at === undefined || at.bus === '') {
    reader.tell('error', 'no-bus', `'${bus}' is no bus: it is left out`);
    return undefined;
  }
  const terminal = dss.buses.terminal(at, reader.object);
  if (terminal === undefined) return undefined;
  const phasesOf = terminal.phases.filter((phase, index) => phase !== 'N' || index < terminal.phases.length - 1);
  return { node: terminal.node, phases: phasesOf };
}

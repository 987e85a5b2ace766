import type { EnergySource } from '../model/equipment.ts';
import { busTerminal } from './buses.ts';
import type { DssImport } from './dss-import.ts';
import { ObjectReader } from './object-reader.ts';

type Impedance = Pick<EnergySource, 'r1Ohm' | 'x1Ohm' | 'r0Ohm' | 'x0Ohm'>;

export function importSources(dss: DssImport): void {
  for (const object of dss.book.all('vsource')) {
    const reader = new ObjectReader(object, dss.report);
    const phases = reader.count('phases') ?? 3;
    const kv = reader.number('basekv') ?? 115;
    const bus = reader.text('bus1') ?? (object.name.toLowerCase() === 'source' ? 'sourcebus' : '');
    const voltage = { voltagePu: reader.number('pu') ?? 1, angleDeg: reader.number('angle') ?? 0 };
    const impedance = impedanceOf(reader, kv, phases);
    reader.ask(['scantype', 'sequence']);
    reader.done();
    const at = busTerminal(bus, phases);
    const terminal = at === undefined || at.bus === '' ? undefined : dss.buses.terminal(at, object);
    if (terminal === undefined) {
      reader.tell('error', 'no-bus', `'${bus}' is no bus: it is left out`);
      continue;
    }
    dss.draft.put({
      kind: 'EnergySource',
      id: reader.id,
      name: object.name,
      terminals: [terminal],
      nominalVoltageV: kv * 1_000,
      ...voltage,
      ...impedance,
      ...(reader.enabled ? {} : { inService: false }),
      from: object.place,
    });
  }
}

/** By ohms, per unit, or short-circuit power or current with the ratios of reactance and resistance: as said last. */
function impedanceOf(reader: ObjectReader, kv: number, phases: number): Impedance {
  const said = reader.lastOf(['mvasc3', 'mvasc1', 'isc3', 'isc1', 'r1', 'x1', 'r0', 'x0', 'z1', 'z0', 'puz1', 'puz0']);
  const pair = (property: string, scale: number): [number, number] | undefined => {
    const read = reader.numbers(property);
    return read === undefined ? undefined : [(read[0] ?? 0) * scale, (read[1] ?? 0) * scale];
  };
  if (said?.startsWith('puz') === true) {
    const base = kv ** 2 / (reader.number('basemva') ?? 100);
    return sequences(pair('puz1', base), pair('puz0', base));
  }
  if (said?.startsWith('z') === true) return sequences(pair('z1', 1), pair('z0', 1));
  if (said !== undefined && /^[rx][10]$/.test(said)) {
    const [r1, x1] = [reader.number('r1') ?? 1.65, reader.number('x1') ?? 6.6];
    return { r1Ohm: r1, x1Ohm: x1, r0Ohm: reader.number('r0') ?? 1.9, x0Ohm: reader.number('x0') ?? 5.7 };
  }
  return fromShortCircuit(reader, kv, phases, said?.startsWith('isc') ?? false);
}

function sequences(positive: [number, number] = [0, 0], zero: [number, number] = positive): Impedance {
  return { r1Ohm: positive[0], x1Ohm: positive[1], r0Ohm: zero[0], x0Ohm: zero[1] };
}

function fromShortCircuit(reader: ObjectReader, kv: number, phases: number, byCurrent: boolean): Impedance {
  const toPhase = phases === 1 ? 1 : Math.sqrt(3);
  const [x1r1, x0r0] = [reader.number('x1r1') ?? 4, reader.number('x0r0') ?? 3];
  const mva3 = byCurrent
    ? (Math.sqrt(3) * kv * (reader.number('isc3') ?? 10_000)) / 1_000
    : (reader.number('mvasc3') ?? 2_000);
  const a1 = byCurrent
    ? (reader.number('isc1') ?? 10_540)
    : ((reader.number('mvasc1') ?? 2_100) * 1_000) / (toPhase * kv);
  const x1 = kv ** 2 / mva3 / Math.sqrt(1 + 1 / x1r1 ** 2);
  const r1 = x1 / x1r1;
  // |2·Z1 + Z0| is three times the voltage to ground over the current of a fault of one phase.
  const [a, b] = [1 + x0r0 ** 2, 4 * (r1 + x1 * x0r0)];
  const c = 4 * (r1 ** 2 + x1 ** 2) - ((3 * kv * 1_000) / toPhase / a1) ** 2;
  const root = b ** 2 - 4 * a * c;
  if (root < 0)
    reader.tell(
      'error',
      'unreadable-value',
      'no zero sequence impedance fits these short-circuit powers: that of positive sequence is taken',
    );
  const r0 = root < 0 ? r1 : (-b + Math.sqrt(root)) / (2 * a);
  return { r1Ohm: r1, x1Ohm: x1, r0Ohm: r0, x0Ohm: root < 0 ? x1 : r0 * x0r0 };
}

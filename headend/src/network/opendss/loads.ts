import type { EnergyConsumer, LoadResponse } from '../model/equipment.ts';
import { constantCurrent, constantImpedance, constantPower } from '../model/equipment.ts';
import type { DssImport } from './dss-import.ts';
import { connectionOf, ObjectReader } from './object-reader.ts';
import { shuntTerminal } from './shunts.ts';

export function importLoads(dss: DssImport): void {
  for (const object of dss.book.all('load')) {
    const reader = new ObjectReader(object, dss.report);
    const phases = reader.count('phases') ?? 3;
    const written = connectionOf(reader.text('conn'));
    const power = powerOf(reader);
    const response = responseOf(reader);
    const [minVoltagePu, maxVoltagePu] = [reader.number('vminpu') ?? 0.95, reader.number('vmaxpu') ?? 1.05];
    const kv = reader.number('kv') ?? 12.47;
    const customers = reader.number('numcust');
    const terminal = shuntTerminal(dss, reader, reader.text('bus1') ?? '', phases, written);
    reader.ask(['status', 'relweight']);
    reader.done();
    if (terminal === undefined) continue;
    // One phase of a wye between two live conductors is what others call a delta.
    const connection = phases === 1 && terminal.phases.length === 2 ? 'delta' : written;
    const load: EnergyConsumer = {
      kind: 'EnergyConsumer',
      id: reader.id,
      name: object.name,
      terminals: [terminal],
      connection,
      grounded: connection === 'wye',
      ratedVoltageV: kv * 1_000,
      activePowerW: power.kw * 1_000,
      reactivePowerVar: power.kvar * 1_000,
      response,
      minVoltagePu,
      maxVoltagePu,
      ...(customers === undefined ? {} : { customerCount: customers }),
      ...(reader.enabled ? {} : { inService: false }),
      from: object.place,
    };
    dss.draft.put(load);
  }
}

/** By active power and power factor, both powers, apparent power, transformer rating with its factor, or energy: as said last. */
function powerOf(reader: ObjectReader): { kw: number; kvar: number } {
  const spec = reader.lastOf(['kw', 'kva', 'xfkva', 'kwh', 'kwhdays', 'cfactor', 'allocationfactor']);
  const pf = reader.number('pf') ?? 0.88;
  const kvarSaid = reader.lastOf(['pf', 'kvar', 'kva']) === 'kvar';
  if (spec === 'kva') {
    const kva = reader.number('kva') ?? 0;
    const kw = kva * Math.abs(pf);
    return { kw, kvar: Math.sign(pf) * Math.sqrt(Math.max(0, kva ** 2 - kw ** 2)) };
  }
  const kw = spec === 'kw' || spec === undefined ? (reader.number('kw') ?? 10) : allocated(reader, spec, pf);
  const kvar = kvarSaid ? (reader.number('kvar') ?? 0) : kw * Math.sqrt(1 / pf ** 2 - 1) * Math.sign(pf);
  return { kw, kvar };
}

function allocated(reader: ObjectReader, spec: string, pf: number): number {
  if (spec === 'xfkva' || spec === 'allocationfactor')
    return (reader.number('xfkva') ?? 0) * (reader.number('allocationfactor') ?? 0.5) * Math.abs(pf);
  return ((reader.number('kwh') ?? 0) / ((reader.number('kwhdays') ?? 30) * 24)) * (reader.number('cfactor') ?? 4);
}

function responseOf(reader: ObjectReader): LoadResponse {
  const model = reader.number('model') ?? 1;
  const [exponentW, exponentVar] = [reader.number('cvrwatts') ?? 1, reader.number('cvrvars') ?? 2];
  const zipv = reader.numbers('zipv');
  switch (model) {
    case 1:
    case 6:
      return constantPower;
    case 2:
      return constantImpedance;
    case 3:
    case 7:
      return { kind: 'shares', active: [0, 0, 1], reactive: [1, 0, 0] };
    case 4:
      return { kind: 'exponents', active: exponentW, reactive: exponentVar };
    case 5:
      return constantCurrent;
    case 8: {
      const [zp = 0, ip = 0, pp = 1, zq = 0, iq = 0, pq = 1, cutOffPu] = zipv ?? [];
      return {
        kind: 'shares',
        active: [zp, ip, pp],
        reactive: [zq, iq, pq],
        ...(cutOffPu === undefined ? {} : { cutOffPu }),
      };
    }
    default:
      reader.tell('error', 'not-understood', `model=${model} is no model of a load: constant power is taken`);
      return constantPower;
  }
}

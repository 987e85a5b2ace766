import type { BatteryUnit, PowerElectronicsConnection, SynchronousMachine } from '../model/equipment.ts';
import type { DssImport } from './dss-import.ts';
import { connectionOf, ObjectReader } from './object-reader.ts';
import { shuntTerminal } from './shunts.ts';

export function importGenerators(dss: DssImport): void {
  for (const object of dss.book.all('generator')) {
    const reader = new ObjectReader(object, dss.report);
    const common = commonOf(dss, reader);
    const machine = machineOf(reader);
    reader.done();
    if (common === undefined) continue;
    dss.draft.put({ kind: 'SynchronousMachine', ...common, ...machine });
  }
}

type Common = Pick<
  SynchronousMachine,
  'from' | 'id' | 'name' | 'terminals' | 'connection' | 'ratedVoltageV' | 'minVoltagePu' | 'maxVoltagePu'
>;

function commonOf(dss: DssImport, reader: ObjectReader): (Common & { inService?: false }) | undefined {
  const phases = reader.count('phases') ?? 3;
  const connection = connectionOf(reader.text('conn'));
  const terminal = shuntTerminal(dss, reader, reader.text('bus1') ?? '', phases, connection);
  const kv = reader.number('kv') ?? 12.47;
  const limits = { minVoltagePu: reader.number('vminpu') ?? 0.9, maxVoltagePu: reader.number('vmaxpu') ?? 1.1 };
  if (terminal === undefined) return undefined;
  const service = reader.enabled ? {} : { inService: false as const };
  const { id, object } = reader;
  return {
    id,
    name: object.name,
    terminals: [terminal],
    connection,
    ratedVoltageV: kv * 1_000,
    ...limits,
    ...service,
    from: object.place,
  };
}

function machineOf(reader: ObjectReader): Omit<SynchronousMachine, 'kind' | keyof Common> {
  const kw = reader.number('kw') ?? 1_000;
  const kvarSaid = reader.lastOf(['pf', 'kvar']) === 'kvar';
  const pf = reader.number('pf') ?? 0.88;
  const kvar = kvarSaid ? (reader.number('kvar') ?? 0) : reactive(kw, pf);
  const [kva, mva] = [reader.number('kva'), reader.number('mva')];
  const rated = reader.lastOf(['kva', 'mva']) === 'mva' ? (mva ?? 0) * 1_000 : kva;
  const operation = operationOf(reader);
  const [vpu, maxKvar, minKvar] = [reader.number('vpu') ?? 1, reader.number('maxkvar'), reader.number('minkvar')];
  const values = {
    xdPu: reader.number('xd'),
    transientXdPu: reader.number('xdp'),
    subtransientXdPu: reader.number('xdpp'),
    inertiaS: reader.number('h'),
  };
  const machine = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
  reader.ask(['status', 'xrdp', 'd']);
  return {
    activePowerW: kw * 1_000,
    reactivePowerVar: kvar * 1_000,
    operation,
    ...(rated === undefined ? {} : { ratedPowerVa: rated * 1_000 }),
    ...(operation === 'voltage' ? { targetVoltagePu: vpu } : {}),
    ...(maxKvar === undefined ? {} : { maxReactivePowerVar: maxKvar * 1_000 }),
    ...(minKvar === undefined ? {} : { minReactivePowerVar: minKvar * 1_000 }),
    ...(Object.keys(machine).length === 0 ? {} : { machine }),
  };
}

function operationOf(reader: ObjectReader): SynchronousMachine['operation'] {
  const model = reader.number('model') ?? 1;
  if (model === 2) return 'constantImpedance';
  if (model === 3) return 'voltage';
  if (model === 7) return 'inverter';
  if (![1, 4, 5].includes(model))
    reader.tell('error', 'not-understood', `model=${model} is not understood: constant power is taken`);
  return 'constantPower';
}

/** Positive with a positive power factor: it delivers both. */
function reactive(kw: number, pf: number): number {
  const kvar = pf === 0 ? 0 : kw * Math.sqrt(Math.max(0, 1 / pf ** 2 - 1)) * Math.sign(pf);
  // A charging battery at power factor 1 would have -0, which no file keeps.
  return kvar === 0 ? 0 : kvar;
}

export function importPvSystems(dss: DssImport): void {
  for (const object of dss.book.all('pvsystem')) {
    const reader = new ObjectReader(object, dss.report);
    const common = commonOf(dss, reader);
    const [pmpp, kva] = [reader.number('pmpp') ?? 500, reader.number('kva') ?? 500];
    const irradiance = reader.number('irradiance') ?? 1;
    const share = (reader.number('pctpmpp') ?? 100) / 100;
    // Efficiency and temperature curves are left to who knows the weather: peak power is what the array delivers here.
    const kw = Math.min(pmpp * irradiance * share, kva);
    const inverter = inverterOf(reader, kw, kva);
    reader.ask(['model', 'pctpmpp']);
    reader.done();
    if (common === undefined) continue;
    const unit = { kind: 'PhotovoltaicUnit', peakPowerW: pmpp * 1_000, irradiancePu: irradiance } as const;
    dss.draft.put({ kind: 'PowerElectronicsConnection', ...common, ...inverter, units: [unit] });
  }
}

export function importStorage(dss: DssImport): void {
  for (const object of dss.book.all('storage')) {
    const reader = new ObjectReader(object, dss.report);
    const common = commonOf(dss, reader);
    const kwRated = reader.number('kwrated') ?? 25;
    const unit = batteryOf(reader, kwRated);
    const percent = {
      charging: -(reader.number('pctcharge') ?? 100),
      discharging: reader.number('pctdischarge') ?? 100,
      idle: 0,
    };
    const kw = reader.number('kw') ?? (kwRated * percent[unit.state]) / 100;
    const inverter = inverterOf(reader, kw, reader.number('kva') ?? kwRated);
    reader.ask(['model', 'pctcharge', 'pctdischarge']);
    reader.done();
    if (common === undefined) continue;
    dss.draft.put({ kind: 'PowerElectronicsConnection', ...common, ...inverter, units: [unit] });
  }
}

function batteryOf(reader: ObjectReader, kwRated: number): BatteryUnit {
  const kwh = reader.number('kwhrated') ?? 50;
  const [stored, percent] = [reader.number('kwhstored'), reader.number('pctstored')];
  const reserve = reader.number('pctreserve') ?? 20;
  const efficiency = (property: string): number => (reader.number(property) ?? 90) / 100;
  const isStored = reader.lastOf(['kwhstored', 'pctstored']) === 'kwhstored';
  return {
    kind: 'BatteryUnit',
    ratedPowerW: kwRated * 1_000,
    ratedEnergyWh: kwh * 1_000,
    storedEnergyWh: (isStored && stored !== undefined ? stored : (kwh * (percent ?? 100)) / 100) * 1_000,
    reserveWh: kwh * reserve * 10,
    state: stateOf(reader.text('state')),
    chargeEfficiency: efficiency('pcteffcharge'),
    dischargeEfficiency: efficiency('pcteffdischarge'),
  };
}

function stateOf(text: string | undefined): BatteryUnit['state'] {
  if (text === undefined) return 'idle';
  return /^c/i.test(text) ? 'charging' : /^d/i.test(text) ? 'discharging' : 'idle';
}

function inverterOf(
  reader: ObjectReader,
  kw: number,
  kva: number,
): Pick<
  PowerElectronicsConnection,
  'ratedPowerVa' | 'activePowerW' | 'reactivePowerVar' | 'minReactivePowerVar' | 'maxReactivePowerVar'
> {
  const kvarSaid = reader.lastOf(['pf', 'kvar']) === 'kvar';
  const kvar = kvarSaid ? (reader.number('kvar') ?? 0) : reactive(kw, reader.number('pf') ?? 1);
  const most = reader.number('kvarmax') ?? kva;
  const least = reader.number('kvarmaxabs') ?? most;
  return {
    ratedPowerVa: kva * 1_000,
    activePowerW: kw * 1_000,
    reactivePowerVar: kvar * 1_000,
    minReactivePowerVar: -least * 1_000,
    maxReactivePowerVar: most * 1_000,
  };
}

import { constantPower } from '../model/equipment.ts';
import type {
  BatteryUnit,
  EnergyConsumer,
  EnergySource,
  LinearShuntCompensator,
  LoadResponse,
  PhotovoltaicUnit,
  PowerElectronicsConnection,
  SynchronousMachine,
} from '../model/equipment.ts';
import type { NetworkDraft } from '../model/network-draft.ts';
import type { Phase } from '../model/phase.ts';
import type { CimGraph, CimObject } from './cim-graph.ts';
import { extensionOf } from './extension.ts';
import { idOf } from './identity.ts';
import { inService } from './line-segments.ts';
import { allTerminals, phasesOfParts } from './terminals.ts';

export function importSources(graph: CimGraph, draft: NetworkDraft): void {
  for (const object of graph.ofClass('EnergySource')) {
    const terminals = allTerminals(object, 1, []);
    if (terminals === undefined) continue;
    const value = (property: string): number => object.number(`EnergySource.${property}`) ?? 0;
    const nominal = value('nominalVoltage');
    const magnitude = object.number('EnergySource.voltageMagnitude') ?? nominal;
    const source: EnergySource = {
      kind: 'EnergySource',
      id: idOf('EnergySource', object),
      name: object.name,
      terminals,
      nominalVoltageV: nominal,
      voltagePu: magnitude / nominal,
      angleDeg: (value('voltageAngle') * 180) / Math.PI,
      r1Ohm: value('r'),
      x1Ohm: value('x'),
      r0Ohm: value('r0'),
      x0Ohm: value('x0'),
      ...inService(object),
      from: object.from,
    };
    draft.put(source);
  }
}

export function importConsumers(graph: CimGraph, draft: NetworkDraft): void {
  for (const kind of ['EnergyConsumer', 'ConformLoad', 'NonConformLoad']) {
    for (const object of graph.ofClass(kind)) {
      const parts = graph.referring('EnergyConsumerPhase.EnergyConsumer', object.rdfId);
      const connection = connectionOf(object, 'EnergyConsumer.phaseConnection');
      const terminals = allTerminals(object, 1, cornersOf(phasesOfParts(parts, 'EnergyConsumerPhase'), connection));
      if (terminals === undefined) continue;
      const customers = object.number('EnergyConsumer.customerCount');
      const perPhase = powerByPhase(parts);
      const load: EnergyConsumer = {
        kind: 'EnergyConsumer',
        id: idOf('EnergyConsumer', object),
        name: object.name,
        terminals,
        connection,
        grounded: connection === 'wye' && (object.flag('EnergyConsumer.grounded') ?? true),
        ratedVoltageV: baseVoltage(object, terminals[0]?.phases.length, connection),
        activePowerW: object.number('EnergyConsumer.p') ?? 0,
        reactivePowerVar: object.number('EnergyConsumer.q') ?? 0,
        ...(perPhase === undefined ? {} : { perPhase }),
        response: responseOf(object.follow('EnergyConsumer.LoadResponse')),
        ...(customers === undefined ? {} : { customerCount: customers }),
        ...extensionOf<EnergyConsumer>(object),
        ...inService(object),
        from: object.from,
      };
      draft.put(load);
    }
  }
}

/** A load between two phases has one part, which names the first of them. */
function cornersOf(phases: readonly Phase[], connection: 'wye' | 'delta'): readonly Phase[] {
  const [first] = phases;
  const next = ({ A: 'B', B: 'C', C: 'A', s1: 's2', s2: 's1', N: 'N' } as const)[first ?? 'N'];
  return connection === 'delta' && phases.length === 1 && first !== undefined ? [first, next] : phases;
}

/** Only where the phases differ: a share that is the same in all says nothing new. */
function powerByPhase(parts: readonly CimObject[]): EnergyConsumer['perPhase'] {
  const phases = phasesOfParts(parts, 'EnergyConsumerPhase');
  const powers = phases.map((phase) => {
    const part = parts.find((each) => each.choice('EnergyConsumerPhase.phase') === phase);
    return {
      phase,
      activePowerW: part?.number('EnergyConsumerPhase.p') ?? 0,
      reactivePowerVar: part?.number('EnergyConsumerPhase.q') ?? 0,
    };
  });
  const [first] = powers;
  const differ = powers.some(
    ({ activePowerW, reactivePowerVar }) =>
      activePowerW !== first?.activePowerW || reactivePowerVar !== first.reactivePowerVar,
  );
  return differ ? powers : undefined;
}

function responseOf(object: CimObject | undefined): LoadResponse {
  if (object === undefined) return constantPower;
  const value = (property: string): number => object.number(`LoadResponseCharacteristic.${property}`) ?? 0;
  object.ignore('LoadResponseCharacteristic.pFrequencyExponent', 'LoadResponseCharacteristic.qFrequencyExponent');
  const [active, reactive] = [value('pVoltageExponent'), value('qVoltageExponent')];
  // Some write shares, some per cent.
  const shares = (phase: 'p' | 'q'): [number, number, number] => {
    const parts = ['ConstantImpedance', 'ConstantCurrent', 'ConstantPower'].map((part) => value(phase + part));
    const sum = parts.reduce((total, each) => total + each, 0);
    const scale = sum > 1.5 ? 100 : 1;
    return parts.map((each) => each / scale) as [number, number, number];
  };
  const all = { active: shares('p'), reactive: shares('q') };
  const isExponent = object.flag('LoadResponseCharacteristic.exponentModel') ?? false;
  return isExponent ? { kind: 'exponents', active, reactive } : { kind: 'shares', ...all };
}

export function importCompensators(graph: CimGraph, draft: NetworkDraft): void {
  for (const object of graph.ofClass('LinearShuntCompensator')) {
    const parts = graph.referring('ShuntCompensatorPhase.ShuntCompensator', object.rdfId);
    for (const part of parts)
      part.ignore(
        ...['maximumSections', 'normalSections', 'sections'].map((each) => `ShuntCompensatorPhase.${each}`),
        'LinearShuntCompensatorPhase.bPerSection',
        'LinearShuntCompensatorPhase.gPerSection',
      );
    const terminals = allTerminals(object, 1, phasesOfParts(parts, 'ShuntCompensatorPhase'));
    if (terminals === undefined) continue;
    const connection = connectionOf(object, 'ShuntCompensator.phaseConnection');
    const nominal = object.number('ShuntCompensator.nomU') ?? baseVoltage(object);
    const sections = object.number('ShuntCompensator.maximumSections') ?? 1;
    const perSection = object.number('LinearShuntCompensator.bPerSection') ?? 0;
    object.ignore(
      'ShuntCompensator.normalSections',
      'ShuntCompensator.aVRDelay',
      'LinearShuntCompensator.b0PerSection',
      'LinearShuntCompensator.g0PerSection',
    );
    const lossW = (object.number('LinearShuntCompensator.gPerSection') ?? 0) * sections * nominal ** 2;
    const found: LinearShuntCompensator = {
      kind: 'LinearShuntCompensator',
      id: idOf('LinearShuntCompensator', object),
      name: object.name,
      terminals,
      connection,
      grounded: connection === 'wye' && (object.flag('ShuntCompensator.grounded') ?? true),
      ratedVoltageV: nominal,
      reactivePowerVar: perSection * sections * nominal ** 2,
      ...(lossW === 0 ? {} : { lossW }),
      sections,
      sectionsIn: object.number('ShuntCompensator.sections') ?? sections,
      ...extensionOf<LinearShuntCompensator>(object),
      ...inService(object),
      from: object.from,
    };
    draft.put(found);
  }
}

export function importMachines(graph: CimGraph, draft: NetworkDraft): void {
  for (const object of graph.ofClass('SynchronousMachine')) {
    const parts = graph.referring('SynchronousMachinePhase.SynchronousMachine', object.rdfId);
    const terminals = allTerminals(object, 1, phasesOfParts(parts, 'SynchronousMachinePhase'));
    if (terminals === undefined) continue;
    const value = (property: string): number | undefined => object.number(`RotatingMachine.${property}`);
    const [ratedPowerVa, most, least] = [
      value('ratedS'),
      object.number('SynchronousMachine.maxQ'),
      object.number('SynchronousMachine.minQ'),
    ];
    const found: SynchronousMachine = {
      kind: 'SynchronousMachine',
      id: idOf('SynchronousMachine', object),
      name: object.name,
      terminals,
      connection: 'wye',
      ratedVoltageV: value('ratedU') ?? baseVoltage(object),
      ...(ratedPowerVa === undefined ? {} : { ratedPowerVa }),
      activePowerW: value('p') ?? 0,
      reactivePowerVar: value('q') ?? 0,
      operation: 'constantPower',
      ...(most === undefined ? {} : { maxReactivePowerVar: most }),
      ...(least === undefined ? {} : { minReactivePowerVar: least }),
      ...extensionOf<SynchronousMachine>(object),
      ...inService(object),
      from: object.from,
    };
    draft.put(found);
  }
}

export function importInverters(graph: CimGraph, draft: NetworkDraft): void {
  for (const object of graph.ofClass('PowerElectronicsConnection')) {
    const parts = graph.referring('PowerElectronicsConnectionPhase.PowerElectronicsConnection', object.rdfId);
    for (const part of parts) part.ignore('PowerElectronicsConnectionPhase.p', 'PowerElectronicsConnectionPhase.q');
    const terminals = allTerminals(object, 1, phasesOfParts(parts, 'PowerElectronicsConnectionPhase'));
    if (terminals === undefined) continue;
    const value = (property: string): number | undefined => object.number(`PowerElectronicsConnection.${property}`);
    const [most, least] = [value('maxQ'), value('minQ')];
    object.ignore('PowerElectronicsConnection.controlMode', 'PowerElectronicsConnection.maxIFault');
    const found: PowerElectronicsConnection = {
      kind: 'PowerElectronicsConnection',
      id: idOf('PowerElectronicsConnection', object),
      name: object.name,
      terminals,
      connection: 'wye',
      ratedVoltageV: value('ratedU') ?? baseVoltage(object),
      ratedPowerVa: value('ratedS') ?? 0,
      activePowerW: value('p') ?? 0,
      reactivePowerVar: value('q') ?? 0,
      ...(most === undefined ? {} : { maxReactivePowerVar: most }),
      ...(least === undefined ? {} : { minReactivePowerVar: least }),
      units: graph.referring('PowerElectronicsUnit.PowerElectronicsConnection', object.rdfId).flatMap(unitOf),
      ...extensionOf<PowerElectronicsConnection>(object),
      ...inService(object),
      from: object.from,
    };
    draft.put(found);
  }
}

function unitOf(unit: CimObject): (PhotovoltaicUnit | BatteryUnit)[] {
  const peak = unit.number('PowerElectronicsUnit.maxP') ?? 0;
  unit.ignore('PowerElectronicsUnit.minP', 'PowerSystemResource.Location');
  if (unit.class === 'PhotovoltaicUnit')
    return [{ kind: 'PhotovoltaicUnit', peakPowerW: peak, ...extensionOf<PhotovoltaicUnit>(unit) }];
  if (unit.class !== 'BatteryUnit') {
    unit.tell('warning', 'not-understood', 'is a kind of unit that is not understood here: it is left out');
    return [];
  }
  const state = unit.choice('BatteryUnit.batteryState');
  return [
    {
      kind: 'BatteryUnit',
      ratedPowerW: peak,
      ratedEnergyWh: unit.number('BatteryUnit.ratedE') ?? 0,
      storedEnergyWh: unit.number('BatteryUnit.storedE') ?? 0,
      state: state === 'charging' || state === 'discharging' ? state : 'idle',
      ...extensionOf<BatteryUnit>(unit),
    },
  ];
}

/** Of what hangs between one phase and the ground, the voltage there. */
function baseVoltage(object: CimObject, phases = 3, connection = 'delta'): number {
  const between = object.follow('ConductingEquipment.BaseVoltage')?.number('BaseVoltage.nominalVoltage') ?? 0;
  return phases === 1 && connection === 'wye' ? between / Math.sqrt(3) : between;
}

function connectionOf(object: CimObject, property: string): 'wye' | 'delta' {
  return object.choice(property)?.startsWith('D') === true ? 'delta' : 'wye';
}

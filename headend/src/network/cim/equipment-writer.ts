import type {
  ACLineSegment,
  EnergyConsumer,
  Equipment,
  LinearShuntCompensator,
  PowerElectronicsConnection,
  SeriesCompensator,
  Switch,
  SynchronousMachine,
} from '../model/equipment.ts';
import type { Phase } from '../model/phase.ts';
import type { CimExport } from './export-cim.ts';
import { madeMrid, mridOf } from './identity.ts';
import type { PropertyValue } from './rdf-writer.ts';
import { writeTransformer } from './transformer-writer.ts';

export function writeEquipment(out: CimExport, equipment: Equipment): void {
  switch (equipment.kind) {
    case 'EnergySource':
      write(out, equipment, 'EnergySource', {
        'EnergySource.nominalVoltage': equipment.nominalVoltageV,
        'EnergySource.voltageMagnitude': equipment.voltagePu * equipment.nominalVoltageV,
        'EnergySource.voltageAngle': (equipment.angleDeg * Math.PI) / 180,
        'EnergySource.r': equipment.r1Ohm,
        'EnergySource.x': equipment.x1Ohm,
        'EnergySource.r0': equipment.r0Ohm,
        'EnergySource.x0': equipment.x0Ohm,
      });
      return;
    case 'ACLineSegment':
      return writeLine(out, equipment);
    case 'Switch':
      return writeSwitch(out, equipment);
    case 'SeriesCompensator':
      return writeSeries(out, equipment);
    case 'PowerTransformer':
      return writeTransformer(out, equipment);
    case 'LinearShuntCompensator':
      return writeCompensator(out, equipment);
    case 'EnergyConsumer':
      return writeConsumer(out, equipment);
    case 'SynchronousMachine':
      return writeMachine(out, equipment);
    case 'PowerElectronicsConnection':
      return writeInverter(out, equipment);
  }
}

function write(
  out: CimExport,
  equipment: Equipment,
  cimClass: string,
  properties: Record<string, PropertyValue>,
  extension: object = {},
): void {
  out.writer.resource(
    cimClass,
    mridOf(equipment.kind, equipment.id),
    { ...out.equipment(equipment), ...properties },
    extension,
  );
  out.terminals(equipment);
}

/** One part for each phase, as the distribution profiles want it. */
function parts(
  out: CimExport,
  equipment: Equipment,
  cimClass: string,
  more: (phase: Phase) => Record<string, PropertyValue>,
): void {
  const phases = equipment.terminals[0]?.phases ?? [];
  // A load between two phases has one part, which names the first of them.
  const isBetween = equipment.kind === 'EnergyConsumer' && equipment.connection === 'delta' && phases.length === 2;
  for (const phase of isBetween ? phases.slice(0, 1) : phases) {
    out.writer.resource(cimClass, madeMrid(cimClass, `${equipment.id} ${phase}`), {
      'IdentifiedObject.name': `${equipment.name}_${phase}`,
      ...more(phase),
    });
  }
}

const single = (phase: Phase): PropertyValue => ({ choice: `SinglePhaseKind.${phase}` });
const owner = ({ kind, id }: Equipment): PropertyValue => ({ ref: mridOf(kind, id) });

function writeLine(out: CimExport, line: ACLineSegment): void {
  write(out, line, 'ACLineSegment', {
    'Conductor.length': line.lengthM,
    'ACLineSegment.PerLengthImpedance': { ref: mridOf('PhaseImpedance', line.impedance) },
  });
  const phases = line.terminals[0]?.phases ?? [];
  parts(out, line, 'ACLineSegmentPhase', (phase) => ({
    'ACLineSegmentPhase.ACLineSegment': owner(line),
    'ACLineSegmentPhase.phase': single(phase),
    'ACLineSegmentPhase.sequenceNumber': phases.indexOf(phase) + 1,
  }));
}

function writeSwitch(out: CimExport, item: Switch): void {
  const { normalOpen, openPhases, ratedCurrentA, impedance, lengthM } = item;
  const phases = item.terminals[0]?.phases ?? [];
  write(
    out,
    item,
    item.type,
    {
      'Switch.normalOpen': normalOpen,
      'Switch.open': openPhases.length === phases.length,
      'Switch.retained': true,
      'Switch.ratedCurrent': ratedCurrentA,
    },
    { impedance, lengthM },
  );
  parts(out, item, 'SwitchPhase', (phase) => ({
    'SwitchPhase.Switch': owner(item),
    'SwitchPhase.closed': !openPhases.includes(phase),
    'SwitchPhase.normalOpen': normalOpen,
    'SwitchPhase.phaseSide1': single(phase),
    'SwitchPhase.phaseSide2': single(item.terminals[1]?.phases[phases.indexOf(phase)] ?? phase),
  }));
}

function writeSeries(out: CimExport, item: SeriesCompensator): void {
  const { rOhm, xOhm } = item;
  const sequence = (matrix: readonly (readonly number[])[], times: number): number =>
    (matrix[0]?.[0] ?? 0) + times * (matrix[0]?.[1] ?? 0);
  write(
    out,
    item,
    'SeriesCompensator',
    {
      'SeriesCompensator.r': sequence(rOhm, -1),
      'SeriesCompensator.x': sequence(xOhm, -1),
      'SeriesCompensator.r0': sequence(rOhm, 2),
      'SeriesCompensator.x0': sequence(xOhm, 2),
    },
    { rOhm, xOhm },
  );
}

const shuntKind = (connection: string, grounded: boolean): PropertyValue => ({
  choice: `PhaseShuntConnectionKind.${connection === 'delta' ? 'D' : grounded ? 'Yn' : 'Y'}`,
});

function writeCompensator(out: CimExport, item: LinearShuntCompensator): void {
  const { ratedVoltageV: volts, reactivePowerVar, sections, sectionsIn, connection, grounded, lossW } = item;
  const perSection = reactivePowerVar / sections / volts ** 2;
  write(
    out,
    item,
    'LinearShuntCompensator',
    {
      'ShuntCompensator.nomU': volts,
      'ShuntCompensator.grounded': grounded,
      'ShuntCompensator.phaseConnection': shuntKind(connection, grounded),
      'ShuntCompensator.maximumSections': sections,
      'ShuntCompensator.normalSections': sections,
      'ShuntCompensator.sections': sectionsIn,
      'LinearShuntCompensator.bPerSection': perSection,
      'LinearShuntCompensator.gPerSection': (lossW ?? 0) / sections / volts ** 2,
    },
    { control: item.control },
  );
  parts(out, item, 'LinearShuntCompensatorPhase', (phase) => ({
    'ShuntCompensatorPhase.ShuntCompensator': owner(item),
    'ShuntCompensatorPhase.phase': single(phase),
    'LinearShuntCompensatorPhase.bPerSection': perSection,
  }));
}

function writeConsumer(out: CimExport, item: EnergyConsumer): void {
  const { response, connection, grounded, ratedVoltageV, minVoltagePu, maxVoltagePu, perPhase } = item;
  const characteristic = madeMrid('LoadResponseCharacteristic', JSON.stringify(response));
  write(
    out,
    item,
    'EnergyConsumer',
    {
      'EnergyConsumer.p': item.activePowerW,
      'EnergyConsumer.q': item.reactivePowerVar,
      'EnergyConsumer.phaseConnection': shuntKind(connection, grounded),
      'EnergyConsumer.grounded': grounded,
      'EnergyConsumer.customerCount': item.customerCount,
      'EnergyConsumer.LoadResponse': { ref: characteristic },
    },
    {
      ratedVoltageV,
      minVoltagePu,
      maxVoltagePu,
      ...(response.kind === 'shares' && response.cutOffPu !== undefined ? { response } : {}),
    },
  );
  const phases = item.terminals[0]?.phases ?? [];
  const legs = connection === 'delta' && phases.length === 2 ? 1 : phases.length;
  parts(out, item, 'EnergyConsumerPhase', (phase) => {
    const own = perPhase?.find((each) => each.phase === phase);
    return {
      'EnergyConsumerPhase.EnergyConsumer': owner(item),
      'EnergyConsumerPhase.phase': single(phase),
      'EnergyConsumerPhase.p': own?.activePowerW ?? item.activePowerW / legs,
      'EnergyConsumerPhase.q': own?.reactivePowerVar ?? item.reactivePowerVar / legs,
    };
  });
  writeResponse(out, characteristic, response);
}

function writeResponse(out: CimExport, mrid: string, response: EnergyConsumer['response']): void {
  if (!out.first(mrid)) return;
  const of = (property: string): string => `LoadResponseCharacteristic.${property}`;
  const shares = (phase: 'p' | 'q', values: readonly number[]): Record<string, PropertyValue> =>
    Object.fromEntries(
      ['ConstantImpedance', 'ConstantCurrent', 'ConstantPower'].map((part, index) => [of(phase + part), values[index]]),
    );
  const properties =
    response.kind === 'exponents'
      ? { [of('pVoltageExponent')]: response.active, [of('qVoltageExponent')]: response.reactive }
      : { ...shares('p', response.active), ...shares('q', response.reactive) };
  out.writer.resource('LoadResponseCharacteristic', mrid, {
    [of('exponentModel')]: response.kind === 'exponents',
    ...properties,
  });
}

function writeMachine(out: CimExport, item: SynchronousMachine): void {
  const { connection, operation, targetVoltagePu, minVoltagePu, maxVoltagePu, machine } = item;
  write(
    out,
    item,
    'SynchronousMachine',
    {
      'RotatingMachine.p': item.activePowerW,
      'RotatingMachine.q': item.reactivePowerVar,
      'RotatingMachine.ratedS': item.ratedPowerVa,
      'RotatingMachine.ratedU': item.ratedVoltageV,
      'SynchronousMachine.maxQ': item.maxReactivePowerVar,
      'SynchronousMachine.minQ': item.minReactivePowerVar,
    },
    { connection, operation, targetVoltagePu, minVoltagePu, maxVoltagePu, machine },
  );
}

function writeInverter(out: CimExport, item: PowerElectronicsConnection): void {
  const { connection, minVoltagePu, maxVoltagePu } = item;
  write(
    out,
    item,
    'PowerElectronicsConnection',
    {
      'PowerElectronicsConnection.p': item.activePowerW,
      'PowerElectronicsConnection.q': item.reactivePowerVar,
      'PowerElectronicsConnection.ratedS': item.ratedPowerVa,
      'PowerElectronicsConnection.ratedU': item.ratedVoltageV,
      'PowerElectronicsConnection.maxQ': item.maxReactivePowerVar,
      'PowerElectronicsConnection.minQ': item.minReactivePowerVar,
    },
    { connection, minVoltagePu, maxVoltagePu },
  );
  parts(out, item, 'PowerElectronicsConnectionPhase', (phase) => ({
    'PowerElectronicsConnectionPhase.PowerElectronicsConnection': owner(item),
    'PowerElectronicsConnectionPhase.phase': single(phase),
  }));
  for (const [index, unit] of item.units.entries()) {
    const common = {
      'IdentifiedObject.name': item.name,
      'PowerElectronicsUnit.PowerElectronicsConnection': owner(item),
    };
    const mrid = madeMrid('PowerElectronicsUnit', `${item.id} ${index}`);
    if (unit.kind === 'PhotovoltaicUnit') {
      out.writer.resource(
        'PhotovoltaicUnit',
        mrid,
        { ...common, 'PowerElectronicsUnit.maxP': unit.peakPowerW },
        { irradiancePu: unit.irradiancePu },
      );
      continue;
    }
    const { reserveWh, chargeEfficiency, dischargeEfficiency } = unit;
    const state = unit.state === 'idle' ? 'waiting' : unit.state;
    const battery = {
      'BatteryUnit.ratedE': unit.ratedEnergyWh,
      'BatteryUnit.storedE': unit.storedEnergyWh,
      'BatteryUnit.batteryState': { choice: `BatteryStateKind.${state}` },
    };
    const power = { 'PowerElectronicsUnit.maxP': unit.ratedPowerW, 'PowerElectronicsUnit.minP': -unit.ratedPowerW };
    out.writer.resource(
      'BatteryUnit',
      mrid,
      { ...common, ...power, ...battery },
      { reserveWh, chargeEfficiency, dischargeEfficiency },
    );
  }
}

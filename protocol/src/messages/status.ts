import {
  connections,
  controls,
  healths,
  onOffs,
  operatingStates,
  presences,
  reclosings,
  switchStates,
  synchronisers,
} from '../points.ts';
import { fromCbor } from '../schema/cbor.ts';
import { choice, integer, refuse, scaled } from '../schema/field.ts';
import type { Decoded } from '../schema/field.ts';
import { may, telemetry } from '../schema/telemetry.ts';
import type { ValuesOf } from '../schema/telemetry.ts';
import { alarms, amperes, hertz, percent, stamp, volts, wattHours, watts } from './stamp.ts';

/** What an AAS reports every 4 s. Grows only at its end; generation and export are positive. */
export const aasStatus = telemetry(1, {
  ...stamp,
  health: may(choice(healths)),
  alarms: may(alarms),
  operatingState: may(choice(operatingStates)),
  activePowerW: may(watts),
  reactivePowerVar: may(scaled({ step: 10, min: -50e6, max: 50e6, unit: 'var' })),
  currentA: may(amperes),
  voltageV: may(volts),
  frequencyHz: may(hertz),
  /** Of the rated power, what could be generated beyond what is generated now. */
  availableCapacityPct: may(percent),
  availableCurrentA: may(amperes),
  /** How long the present output can be held from the energy in store; unknown where the source does not say. */
  holdTimeS: may(scaled({ step: 1, min: 0, max: 31_536_000, unit: 's' })),
  stateOfChargePct: may(percent),
  breakerState: may(choice(switchStates)),
  connection: may(choice(connections)),
  control: may(choice(controls)),
  synchroniser: may(choice(synchronisers)),
  exportedEnergyWh: may(wattHours),
  /** Reporting cycles that could not be kept since the session began. */
  missedCycles: may(integer({ min: 0, max: 0xffff_ffff })),
  /** Of rated power, the limit in force; 100 where none is. */
  powerLimitPct: may(percent),
  /** What its breaker closes onto: without it nobody can say from afar whether that is dead. */
  busVoltageV: may(volts),
});

/** What a meter reports. Import is positive. */
export const meterStatus = telemetry(2, {
  ...stamp,
  health: may(choice(healths)),
  alarms: may(alarms),
  switchState: may(choice(switchStates)),
  loadSideVoltage: may(choice(presences)),
  activePowerW: may(watts),
  currentA: may(amperes),
  voltageV: may(volts),
  frequencyHz: may(hertz),
  importedEnergyWh: may(wattHours),
  exportedEnergyWh: may(wattHours),
  control: may(choice(controls)),
  voltageAV: may(volts),
  voltageBV: may(volts),
  voltageCV: may(volts),
  currentAA: may(amperes),
  currentBA: may(amperes),
  currentCA: may(amperes),
  missedCycles: may(integer({ min: 0, max: 0xffff_ffff })),
  /** Of a feeder breaker or recloser; a service switch is `switchState`. */
  breakerState: may(choice(switchStates)),
  /** Of a recloser: whether it would close again by itself. */
  reclosing: may(choice(reclosings)),
});

/** What a load-control relay reports. */
export const loadControlStatus = telemetry(3, {
  ...stamp,
  health: may(choice(healths)),
  alarms: may(alarms),
  relay1: may(choice(onOffs)),
  relay2: may(choice(onOffs)),
  relay3: may(choice(onOffs)),
  relay4: may(choice(onOffs)),
  control: may(choice(controls)),
  missedCycles: may(integer({ min: 0, max: 0xffff_ffff })),
});

export type AasStatus = ValuesOf<typeof aasStatus>;
export type MeterStatus = ValuesOf<typeof meterStatus>;
export type LoadControlStatus = ValuesOf<typeof loadControlStatus>;

export type Status =
  | ({ kind: 'aas' } & AasStatus)
  | ({ kind: 'meter' } & MeterStatus)
  | ({ kind: 'load-control' } & LoadControlStatus);

export const statusSchemas = { aas: aasStatus, meter: meterStatus, 'load-control': loadControlStatus } as const;

/** Never throws. A status of a newer kind than this reader knows is refused by its schema id. */
export function decodeStatus(bytes: Uint8Array): Decoded<Status> {
  const wire = fromCbor(bytes);
  if (!wire.ok) return wire;
  if (!Array.isArray(wire.value)) return refuse('is no positional array');
  switch (wire.value[0]) {
    case aasStatus.schemaId:
      return named('aas', aasStatus.fromWire(wire.value));
    case meterStatus.schemaId:
      return named('meter', meterStatus.fromWire(wire.value));
    case loadControlStatus.schemaId:
      return named('load-control', loadControlStatus.fromWire(wire.value));
    default:
      return refuse(`has schema ${String(wire.value[0])}, which this reader does not know`, '[0]');
  }
}

function named<K extends string, T extends object>(kind: K, decoded: Decoded<T>): Decoded<{ kind: K } & T> {
  if (!decoded.ok) return decoded;
  // The value was made for us just now: it is completed, not copied.
  const value = decoded.value as { kind: K } & T;
  value.kind = kind;
  return { ok: true, value };
}

export function encodeStatus(status: Status): { bytes: Uint8Array; dropped: readonly string[] } {
  switch (status.kind) {
    case 'aas':
      return aasStatus.encode(status);
    case 'meter':
      return meterStatus.encode(status);
    case 'load-control':
      return loadControlStatus.encode(status);
  }
}

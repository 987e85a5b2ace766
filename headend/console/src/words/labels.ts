import type { CommandKind, CommandState, DeviceKind, Liveness } from '@tiepoint/protocol';

export const kindLabels: Readonly<Record<DeviceKind, string>> = {
  aas: 'AAS',
  meter: 'Meter',
  'load-control': 'Load ctrl',
};

export const kindTitles: Readonly<Record<DeviceKind, string>> = {
  aas: 'Alternative source: a generator or storage authorised to feed the grid',
  meter: 'Meter with service switch',
  'load-control': 'Load-control relays',
};

export const livenessTitles: Readonly<Record<Liveness, string>> = {
  live: 'Reports on time',
  late: 'Two reporting periods without a report',
  lost: 'Three reporting periods without a report, or its gateway said that it is gone',
  never: 'Has not reported yet',
};

export const commandTitles: Readonly<Record<CommandKind, string>> = {
  connect: 'Connect',
  disconnect: 'Disconnect',
  'start-generation': 'Start',
  'stop-generation': 'Stop',
  'enable-synchronization': 'Enable synchronization',
  'activate-synchronization': 'Synchronize and close',
  'limit-power': 'Limit power',
  'switch-relay': 'Switch relay',
};

export const commandStateTitles: Readonly<Record<CommandState, string>> = {
  requested: 'Written down at the head-end',
  sent: 'On its way to the gateway',
  unknown: 'No answer: the gateway is being asked what became of it',
  accepted: 'The gateway has it and found nothing against it',
  executing: 'The device is being written and measured',
  confirmed: 'Measured at the device: it is done',
  refused: 'Not carried out',
  expired: 'Too late to be carried out; the gateway will not do it any more',
  failed: 'Tried and not done',
  unconfirmed: 'Written to the device, but the measurement does not show it',
};

export const commandStateWords = Object.keys(commandStateTitles) as readonly CommandState[];

/** Names of points as people say them; what is not listed is spelled out from its own name. */
const pointTitles: Readonly<Record<string, string>> = {
  activePowerW: 'Power',
  reactivePowerVar: 'Reactive power',
  apparentPowerVa: 'Apparent power',
  currentA: 'Current',
  voltageV: 'Voltage',
  frequencyHz: 'Frequency',
  currentAA: 'Current, phase A',
  currentBA: 'Current, phase B',
  currentCA: 'Current, phase C',
  voltageAV: 'Voltage, phase A',
  voltageBV: 'Voltage, phase B',
  voltageCV: 'Voltage, phase C',
  busVoltageV: 'Bus voltage',
  busFrequencyHz: 'Bus frequency',
  loadSideVoltageV: 'Load-side voltage',
  loadSideVoltage: 'Load side',
  importedEnergyWh: 'Imported energy',
  exportedEnergyWh: 'Exported energy',
  availableCapacityPct: 'Available capacity',
  availableCurrentA: 'Available current',
  holdTimeS: 'Hold time',
  stateOfChargePct: 'State of charge',
  powerLimitPct: 'Power limit',
  control: 'LOCAL/REMOTE',
  missedCycles: 'Missed cycles',
};

export function pointTitle(point: string): string {
  const known = pointTitles[point];
  if (known !== undefined) return known;
  const words = point.replaceAll(/([a-z])([A-Z0-9])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A code as words: `synchronising-failure` → `synchronising failure`. */
export function words(code: string): string {
  return code.replaceAll('-', ' ');
}

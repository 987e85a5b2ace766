import type { AlarmCode, Capability, CommandKind, CommandState, DeviceKind, Liveness } from '@tiepoint/protocol';
import type { FleetRow } from '../../../src/api/contract.ts';

export const kindLabels: Readonly<Record<DeviceKind, string>> = {
  aas: 'AAS',
  meter: 'Meter',
  'load-control': 'Load ctrl',
};

/** What a device is, in words. Not every meter can switch. */
export function kindTitle({ kind, capabilities }: Pick<FleetRow, 'kind' | 'capabilities'>): string {
  switch (kind) {
    case 'aas':
      return 'Alternative source: a generator or storage authorised to feed the grid';
    case 'meter':
      if (capabilities.includes('breaker')) return 'Feeder breaker or recloser of the network';
      return capabilities.includes('service-switch') ? 'Meter with service switch' : 'Meter';
    case 'load-control':
      return 'Load-control relays';
  }
}

/** `none` of a device: it has no such switch, which is not the same as not saying how it stands. */
export function controlText(control: FleetRow['control']): string | undefined {
  return control === 'none' ? 'no LOCAL/REMOTE' : control?.toUpperCase();
}

export const livenessTitles: Readonly<Record<Liveness, string>> = {
  live: 'Reports on time',
  late: 'Two reporting periods without a report',
  lost: 'Three reporting periods without a report, or its gateway said that it is gone',
  never: 'Has not reported since it introduced itself',
  'held-back': 'Held back by a fleet mode, storm or safe: its gateway keeps its reports, and sends them afterwards',
};

export const livenessWords: Readonly<Record<Liveness, string>> = {
  live: 'live',
  late: 'late',
  lost: 'lost',
  never: 'not yet',
  'held-back': 'held back',
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

/** What a command does at this device, in a line, to tell one from the other before selecting. */
export function commandDoes(
  kind: CommandKind,
  { kind: deviceKind, capabilities }: Pick<FleetRow, 'kind' | 'capabilities'>,
): string {
  const has = (capability: Capability): boolean => capabilities.includes(capability);
  const isFeeder = deviceKind === 'meter' && has('breaker');
  switch (kind) {
    case 'connect':
      if (has('service-switch')) return 'Closes the service switch: what is behind it gets voltage.';
      if (isFeeder) return 'Closes the feeder breaker: the line behind it gets voltage.';
      return has('synchroniser')
        ? 'Enables the synchroniser and closes the breaker when in step, in one go.'
        : 'Lets it connect to the grid.';
    case 'disconnect':
      if (isFeeder) return 'Opens the feeder breaker: the line behind it loses supply.';
      return has('service-switch')
        ? 'Opens the service switch: the premises behind it lose supply.'
        : 'Takes it off the grid.';
    case 'start-generation':
      return 'Starts it; this alone does not connect it.';
    case 'stop-generation':
      return 'Stops it.';
    case 'enable-synchronization':
      return 'Arms the synchroniser only; the breaker stays open.';
    case 'activate-synchronization':
      return 'Closes the breaker when in step; the synchroniser must be enabled.';
    case 'limit-power':
      return 'Sets the most that it may generate.';
    case 'switch-relay':
      return 'Switches one relay on or off.';
  }
}

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
  powerLimitPct: 'Power limit in force',
  'set:limitPct': 'Power limit set',
  'set:limitEnabled': 'Power limit in force',
  control: 'LOCAL/REMOTE',
  reclosing: 'Automatic reclosing (79)',
  missedCycles: 'Missed cycles',
};

export function pointTitle(point: string): string {
  const known = pointTitles[point];
  if (known !== undefined) return known;
  const words = point
    .replace(/^set:/, '')
    .replaceAll(/([a-z])([A-Z0-9])/g, '$1 $2')
    .toLowerCase();
  const title = words.charAt(0).toUpperCase() + words.slice(1);
  return point.startsWith('set:') ? `${title}, as set` : title;
}

const alarmTitles: { readonly [A in AlarmCode]?: string } = {
  'back-feed': 'Back-feed: voltage behind the open switch',
};

export function alarmTitle(alarm: string): string {
  return alarmTitles[alarm as AlarmCode] ?? words(alarm);
}

const deathTitles: Readonly<Record<string, string>> = {
  'line-lost': 'its connection was lost',
  stopped: 'it was stopped',
  'bus-unreachable': 'it does not answer on its bus',
  removed: 'it is no longer in the configuration',
  'not-identified': 'what answers there is another device than configured',
  silent: 'it does not answer',
};

/** Why a device or a gateway is gone. */
export function deathTitle(cause: string): string {
  return deathTitles[cause] ?? words(cause);
}

/** Of a line that broke nobody told: the broker noticed. All other causes are the gateway's own word. */
export function saidByGateway(cause: string): boolean {
  return cause !== 'line-lost' && cause !== 'silent';
}

/** A code as words: `synchronising-failure` → `synchronising failure`. */
export function words(code: string): string {
  return code.replaceAll('-', ' ');
}

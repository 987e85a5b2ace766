/**
 * What Tiepoint measures at a device, by name. Names end in their unit. Sign: generation and export are positive at an AAS,
 * import is positive at a load meter; profiles convert.
 */
export const numberPoints = {
  activePowerW: 'W',
  reactivePowerVar: 'var',
  apparentPowerVa: 'VA',
  currentA: 'A',
  voltageV: 'V',
  frequencyHz: 'Hz',
  voltageAV: 'V',
  voltageBV: 'V',
  voltageCV: 'V',
  currentAA: 'A',
  currentBA: 'A',
  currentCA: 'A',
  activePowerAW: 'W',
  activePowerBW: 'W',
  activePowerCW: 'W',
  busVoltageV: 'V',
  busFrequencyHz: 'Hz',
  loadSideVoltageV: 'V',
  importedEnergyWh: 'Wh',
  exportedEnergyWh: 'Wh',
  ratedPowerW: 'W',
  ratedCurrentA: 'A',
  availablePowerW: 'W',
  stateOfChargePct: '%',
  storedEnergyWh: 'Wh',
  fuelPct: '%',
  fuelRateLPerH: 'L/h',
  powerLimitPct: '%',
} as const;

export const operatingStates = [
  'off',
  'standby',
  'starting',
  'running',
  'throttled',
  'stopping',
  'fault',
  'sleeping',
] as const;
export const switchStates = ['open', 'closed', 'moving', 'failed'] as const;
export const connections = ['disconnected', 'connected', 'islanded', 'synchronising'] as const;
export const controls = ['local', 'remote', 'none'] as const;
export const presences = ['absent', 'present'] as const;
export const healths = ['ok', 'warning', 'fault'] as const;
export const onOffs = ['off', 'on'] as const;
export const synchronisers = ['idle', 'enabled', 'synchronising', 'in-window'] as const;
/** Automatic reclosing (79) of a breaker. `hot-line-tag`: somebody works near the live line; neither it nor a person may close. */
export const reclosings = ['blocked', 'ready', 'in-progress', 'lockout', 'hot-line-tag'] as const;

/** Points whose value is one of a list of words. */
export const wordPoints = {
  operatingState: operatingStates,
  switchState: switchStates,
  breakerState: switchStates,
  connection: connections,
  /** LOCAL/REMOTE; `none`: the device has no such switch, by its profile. */
  control: controls,
  loadSideVoltage: presences,
  health: healths,
  synchroniser: synchronisers,
  relay1: onOffs,
  relay2: onOffs,
  relay3: onOffs,
  relay4: onOffs,
  reclosing: reclosings,
} as const;

/** Grows only at its end; at most 31. */
export const alarmCodes = [
  'device-alarm',
  'ground-fault',
  'over-voltage',
  'under-voltage',
  'over-frequency',
  'under-frequency',
  'over-temperature',
  'over-current',
  'breaker-failure',
  'synchronising-failure',
  'communication-failure',
  'emergency-stop',
  'low-fuel',
  'low-oil-pressure',
  'high-coolant-temperature',
  'fail-to-start',
  'battery-low',
  'dc-fault',
  'islanding',
  'tamper',
  'door-open',
  'memory-failure',
  'manual-shutdown',
  'blown-fuse',
  'phase-loss',
  'under-temperature',
  'ac-disconnected',
  'switch-failure',
  'back-feed',
] as const;

export type NumberPoint = keyof typeof numberPoints;
export type WordPoint = keyof typeof wordPoints;
export type AlarmCode = (typeof alarmCodes)[number];
export type WordOf<P extends WordPoint> = (typeof wordPoints)[P][number];
export type PointName = NumberPoint | WordPoint | 'alarms';

/** What was measured at one device; a point that is absent is unknown. */
export type Measured = { readonly [P in NumberPoint]?: number | undefined } & {
  readonly [P in WordPoint]?: WordOf<P> | undefined;
} & { readonly alarms?: readonly AlarmCode[] | undefined };

export const capabilities = [
  'generation',
  'storage',
  'service-switch',
  'breaker',
  'synchroniser',
  'load-control',
  'meter',
] as const;
export type Capability = (typeof capabilities)[number];

export const deviceKinds = ['aas', 'meter', 'load-control'] as const;
/** `aas`: a generator or storage authorised as alternative source. */
export type DeviceKind = (typeof deviceKinds)[number];

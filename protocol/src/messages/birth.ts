import { capabilities, deviceKinds } from '../points.ts';
import { commandKinds } from '../commands/kinds.ts';
import { choice, integer, list, scaled, text, truth } from '../schema/field.ts';
import { can, need, record } from '../schema/record.ts';
import type { RecordOf } from '../schema/record.ts';
import { durationMs, sequenceNumber, sessionNumber, timeQuality, timeStamp } from './stamp.ts';
import { trustRevision } from './trust.ts';

/** Raised when a message changes so that older readers would misread it; additions do not raise it. */
export const protocolVersion = 1;

const word = text({ maxLength: 64 });
/** What a device says of itself may be longer than fits; it is for people. */
const read = text({ maxLength: 64, prose: true });
/** More would not fit into one message with all their names or settings. */
export const maxDevicesPerGateway = 512;
const names = list(word, { maxLength: maxDevicesPerGateway });

/** A gateway introduces itself after each connection; every device it carries follows with a birth of its own. */
export const gatewayBirth = record({
  protocolVersion: need(1, integer({ min: 1, max: 255 })),
  session: need(2, sessionNumber),
  timeMs: need(3, timeStamp),
  firmware: need(4, word),
  deviceIds: need(5, names),
  readOnly: need(6, truth),
  configurationRevision: need(7, integer({ min: 0, max: 0xffff_ffff })),
  configurationHash: can(8, text({ maxLength: 128 })),
  timeQuality: can(9, timeQuality),
  /** Of the list of keys that it obeys; absent: it has none, and takes no commands. */
  trustRevision: can(10, trustRevision),
  /** Of the tags that it has heard; absent: none yet, and until then it takes no commands. */
  tagsRevision: can(11, sequenceNumber),
  /** Of the process that speaks, made up at its start: one that comes back after another was there shows that there are two. */
  instance: can(12, sessionNumber),
  /** Of the fleet mode that it heard last. */
  modeRevision: can(13, sequenceNumber),
  /** Of the last question of this session that asked for a birth, as it said it. */
  askedAtMs: can(14, timeStamp),
});
export type GatewayBirth = RecordOf<typeof gatewayBirth>;

const power = scaled({ step: 1, min: 0, max: 1e9, unit: 'W' });
const current = scaled({ step: 0.1, min: 0, max: 100_000, unit: 'A' });

export const deviceLimits = record({
  ratedPowerW: can(1, power),
  ratedCurrentA: can(2, current),
  /** What the meter's service switch may carry and break. */
  switchRatingA: can(3, current),
  storageCapacityWh: can(4, scaled({ step: 1, min: 0, max: 1e12, unit: 'Wh' })),
  ratedVoltageV: can(5, scaled({ step: 0.1, min: 0, max: 1e6, unit: 'V' })),
});
export type DeviceLimits = RecordOf<typeof deviceLimits>;

export const reportings = ['periodic', 'by-exception'] as const;

/** A device: what it is, what it can do, within which limits, and how it will report. */
export const deviceBirth = record({
  session: need(1, sessionNumber),
  timeMs: need(2, timeStamp),
  /** The `seq` that the device's next message will carry. */
  nextSeq: need(3, sequenceNumber),
  kind: need(4, choice(deviceKinds)),
  profile: need(5, word),
  profileHash: need(6, word),
  /** What this reader has no word for, because it is older than the agent, is left out here and below. */
  capabilities: need(7, list(choice(capabilities), { maxLength: 64, skipNewer: true })),
  commands: need(8, list(choice(commandKinds), { maxLength: 64, skipNewer: true })),
  limits: need(9, deviceLimits),
  periodMs: need(10, durationMs),
  // Silence of a device with a manner of reporting not known here counts as loss: the safe side.
  reporting: need(11, choice(reportings, { otherwise: 'periodic' })),
  /** Longest silence of a device that reports by exception. */
  heartbeatMs: can(12, durationMs),
  readOnly: need(13, truth),
  manufacturer: can(14, read),
  model: can(15, read),
  serialNumber: can(16, read),
  deviceFirmware: can(17, read),
  /** The meter whose service switch disconnects this AAS. */
  switchedBy: can(18, word),
  thresholdsPct: can(19, list(scaled({ step: 0.1, min: 0, max: 200, unit: '%' }), { maxLength: 8 })),
  title: can(20, text({ maxLength: 120, prose: true })),
  hysteresisPct: can(21, scaled({ step: 0.1, min: 0, max: 100, unit: '%' })),
  /** How long the intervals are that it keeps; absent: it keeps none. */
  intervalS: can(22, integer({ min: 300, max: 3_600, unit: 's' })),
});
export type DeviceBirth = RecordOf<typeof deviceBirth>;

export const deathCauses = ['line-lost', 'stopped', 'bus-unreachable', 'removed', 'not-identified'] as const;

/** The will of a gateway (`line-lost`), its goodbye (`stopped`), or a gateway's word that a device no longer answers. */
export const death = record({
  session: need(1, sessionNumber),
  /** A cause that only a newer agent knows reads as `stopped`, with `say` for the rest: what counts is that nothing is live. */
  cause: need(2, choice(deathCauses, { otherwise: 'stopped' })),
  /** Absent in a will, which is written before the line is lost. */
  timeMs: can(3, timeStamp),
  say: can(4, text({ maxLength: 300, prose: true })),
});
export type Death = RecordOf<typeof death>;

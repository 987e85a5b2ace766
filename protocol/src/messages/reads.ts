import { choice, integer, list, text } from '../schema/field.ts';
import { can, need, record } from '../schema/record.ts';
import type { RecordOf } from '../schema/record.ts';
import { maxDevicesPerGateway } from './birth.ts';
import { amperes, timeQuality, timeStamp, volts, wattHours, watts } from './stamp.ts';

export const wantedReads = ['intervals', 'present'] as const;

/**
 * The head-end asks a gateway for what its meters counted (`intervals`, answered by blocks) or measure now (`present`, answered by a
 * `reading` each). Changes nothing and may be repeated. Signed like all that comes down, so that nobody makes a fleet talk.
 */
export const readRequest = record({
  id: need(1, text({ maxLength: 64 })),
  issuedAtMs: need(2, timeStamp),
  expiresAtMs: need(3, timeStamp),
  wanted: need(4, choice(wantedReads)),
  /** Absent: all of the gateway's meters. */
  deviceIds: can(5, list(text({ maxLength: 63 }), { maxLength: maxDevicesPerGateway })),
  /** Intervals that end after this and not after `toMs`. */
  fromMs: can(6, timeStamp),
  toMs: can(7, timeStamp),
  /** Answers are spread by chance over so long, for the sake of the line. */
  spreadMs: can(8, integer({ min: 0, max: 3_600_000, unit: 'ms' })),
});
export type ReadRequest = RecordOf<typeof readRequest>;

/** What a meter measured because it was asked, now. Import is positive. */
export const reading = record({
  requestId: need(1, text({ maxLength: 64 })),
  timeMs: need(2, timeStamp),
  timeQuality: need(3, timeQuality),
  activePowerW: can(4, watts),
  currentA: can(5, amperes),
  voltageV: can(6, volts),
  importedEnergyWh: can(7, wattHours),
  exportedEnergyWh: can(8, wattHours),
  /** Why there are no values: the device did not answer, or there is no such device. */
  failed: can(9, text({ maxLength: 300, prose: true })),
});
export type Reading = RecordOf<typeof reading>;

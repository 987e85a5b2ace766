import { choice, integer, list, scaled, text } from '../schema/field.ts';
import { can, need, record } from '../schema/record.ts';
import type { RecordOf } from '../schema/record.ts';
import { maxDevicesPerGateway, reportings } from './birth.ts';
import { intervalLength } from './intervals.ts';
import { durationMs } from './stamp.ts';

/**
 * How one device reports. What is absent keeps the value of the gateway's own file. Strict: a gateway that reports a revision as
 * its own has understood all of it.
 */
export const deviceConfiguration = record(
  {
    deviceId: need(1, text({ maxLength: 63 })),
    periodMs: can(2, integer({ min: 1_000, max: 3_600_000, unit: 'ms' })),
    reporting: can(3, choice(reportings)),
    heartbeatMs: can(4, durationMs),
    thresholdsPct: can(5, list(scaled({ step: 0.1, min: 0, max: 200, unit: '%' }), { maxLength: 8 })),
    hysteresisPct: can(6, scaled({ step: 0.1, min: 0.1, max: 50, unit: '%' })),
    /** Of the intervals that a meter keeps. In force from the next full hour. */
    intervalS: can(7, intervalLength),
  },
  { strict: true },
);
export type DeviceConfiguration = RecordOf<typeof deviceConfiguration>;

/** Replaces the configuration of a lower revision as a whole; the gateway answers with a birth that names the revision. */
export const configuration = record({
  revision: need(1, integer({ min: 1, max: 0xffff_ffff })),
  devices: need(2, list(deviceConfiguration, { maxLength: maxDevicesPerGateway })),
});
export type Configuration = RecordOf<typeof configuration>;

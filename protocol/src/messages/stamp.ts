import { alarmCodes } from '../points.ts';
import { choice, flags, integer, scaled } from '../schema/field.ts';
import { must } from '../schema/telemetry.ts';

/** How far the gateway's clock can be trusted: `synchronised` is within two seconds of the head-end's. */
export const timeQualities = ['unknown', 'synchronised', 'unsynchronised'] as const;
export type TimeQuality = (typeof timeQualities)[number];

export const sessionNumber = integer({ min: 0, max: 0xffff_ffff });
export const sequenceNumber = integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
/** Milliseconds since 1970, UTC. */
export const timeStamp = integer({ min: 0, max: 253_402_300_799_999, unit: 'ms' });
export const durationMs = integer({ min: 0, max: 31_536_000_000, unit: 'ms' });
export const timeQuality = choice(timeQualities, { otherwise: 'unknown' });

/**
 * The head of every telemetry message. `session` is drawn anew for each MQTT connection and repeated in birth and will, so
 * that nothing of an older connection is taken for live; `seq` counts a device's messages within its session.
 */
export const stamp = {
  session: must(sessionNumber),
  seq: must(sequenceNumber),
  timeMs: must(timeStamp),
  timeQuality: must(timeQuality),
};

export const watts = scaled({ step: 1, min: -50e6, max: 50e6, unit: 'W' });
export const amperes = scaled({ step: 0.1, min: -6_000, max: 6_000, unit: 'A' });
export const volts = scaled({ step: 0.1, min: 0, max: 500_000, unit: 'V' });
export const hertz = scaled({ step: 0.001, min: 0, max: 1_000, unit: 'Hz' });
export const percent = scaled({ step: 0.1, min: -1_000, max: 1_000, unit: '%' });
export const wattHours = scaled({ step: 1, min: 0, max: 1e15, unit: 'Wh' });
/** An alarm that only a newer sender can name still shows as an alarm. */
export const alarms = flags(alarmCodes, { otherwise: 'device-alarm' });

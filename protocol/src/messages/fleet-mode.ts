import { choice, text } from '../schema/field.ts';
import { can, need, record } from '../schema/record.ts';
import type { RecordOf } from '../schema/record.ts';
import { sequenceNumber, timeStamp } from './stamp.ts';

/**
 * How a gateway behaves as a whole. `storm`: reports and events of plain meters are held back and kept, so that the line is free for alternative
 * sources and commands. `safe`: all reports are held back and kept, and no command is taken. Intervals are counted and kept in both.
 */
export const fleetModes = ['normal', 'storm', 'safe'] as const;
export type FleetModeName = (typeof fleetModes)[number];

/**
 * Replaces the mode of a lower revision. It ends by itself at `untilMs` by the head-end's clock, so that nobody has to reach a gateway
 * to set it free. Strict: what is not understood whole is not done.
 */
export const fleetMode = record(
  {
    revision: need(1, sequenceNumber),
    mode: need(2, choice(fleetModes)),
    /** Needed with any mode but `normal`. */
    untilMs: can(3, timeStamp),
    operator: can(4, text({ maxLength: 120, prose: true })),
    cause: can(5, text({ maxLength: 300, prose: true })),
  },
  { strict: true },
);
export type FleetMode = RecordOf<typeof fleetMode>;

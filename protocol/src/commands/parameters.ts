import { choice, integer, scaled } from '../schema/field.ts';
import { can, record } from '../schema/record.ts';
import type { RecordOf } from '../schema/record.ts';
import { onOffs } from '../points.ts';

/**
 * The parameters of all commands; which a command takes, its own file says. Strict: a command with a parameter or word that the
 * agent does not know is refused, not carried out without it.
 */
export const commandParameters = record(
  {
    /** Of rated power; 100 lifts the limit. */
    limitPct: can(1, scaled({ step: 0.1, min: 0, max: 100, unit: '%' })),
    relay: can(2, integer({ min: 1, max: 4 })),
    to: can(3, choice(onOffs)),
  },
  { strict: true },
);
export type CommandParameters = RecordOf<typeof commandParameters>;
export type ParameterName = keyof typeof commandParameters.shape;

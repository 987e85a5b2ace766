import { no, yes } from '../result.ts';
import type { CommandRule } from './rule.ts';

/** Holds generation below a limit, whatever state it is in: a device that stands still keeps the limit for when it runs. */
export const limitPower: CommandRule = {
  kind: 'limit-power',
  title: 'Limit power',
  energises: false,
  parameters: ['limitPct'],
  proof: 'the limit reads back and the generation measured is not above it, within 2 % of rated power',
  may: (_device, { limitPct }) =>
    limitPct !== undefined && limitPct >= 0 && limitPct <= 100
      ? yes
      : no('invalid', 'The limit is missing or wrong: give 0 to 100 percent of rated power.'),
};

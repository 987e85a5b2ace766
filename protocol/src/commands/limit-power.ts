import { no, yes } from '../result.ts';
import type { CommandRule } from './rule.ts';

export const limitPower: CommandRule = {
  kind: 'limit-power',
  title: 'Limit power',
  energises: false,
  parameters: ['limitPct'],
  proof: 'the limit reads back and the generation measured is not above it',
  may: (_device, { limitPct }) =>
    limitPct === undefined ? no('invalid', 'A limit in percent of rated power (0 to 100) is needed.') : yes,
};

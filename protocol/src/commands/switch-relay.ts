import { no, yes } from '../result.ts';
import type { CommandRule } from './rule.ts';

export const switchRelay: CommandRule = {
  kind: 'switch-relay',
  title: 'Switch relay',
  energises: false,
  parameters: ['relay', 'to'],
  proof: 'the relay reads as commanded',
  may: ({ measured }, { relay, to }) => {
    if (relay === undefined || to === undefined) return no('invalid', 'A relay (1 to 4) and on or off are needed.');
    const present = [measured.relay1, measured.relay2, measured.relay3, measured.relay4][relay - 1];
    if (present === to) return no('already-so', `Relay ${relay} is ${to} already.`);
    return yes;
  },
};

import { no, yes } from '../result.ts';
import type { CommandRule } from './rule.ts';

/** Puts one load on or off. */
export const switchRelay: CommandRule = {
  kind: 'switch-relay',
  title: 'Switch relay',
  energises: true,
  parameters: ['relay', 'to'],
  proof: 'the relay reads as commanded',
  may: ({ measured }, { relay, to }) => {
    if (relay === undefined || ![1, 2, 3, 4].includes(relay) || to === undefined) {
      return no('invalid', 'The relay or its new state is missing or wrong: give a relay from 1 to 4, and on or off.');
    }
    const present = [measured.relay1, measured.relay2, measured.relay3, measured.relay4][relay - 1];
    if (present === undefined)
      return no('state-unknown', `Relay ${relay} does not read, so nothing could be confirmed: check it on site.`);
    if (present === to) return no('already-so', `Relay ${relay} is ${to} already.`);
    return yes;
  },
};

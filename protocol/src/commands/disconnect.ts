import { no, yes } from '../result.ts';
import type { CommandRule } from './rule.ts';

/** Opens a meter's service switch, or takes an AAS off by its breaker or by its permission to be in service. */
export const disconnect: CommandRule = {
  kind: 'disconnect',
  title: 'Disconnect',
  energises: false,
  parameters: [],
  proof: 'the switch or breaker reads open and no current flows',
  may: ({ measured, capabilities }) => {
    if (capabilities.includes('service-switch')) {
      if (measured.switchState === 'open') return no('already-so', 'The switch is open already.');
      return yes;
    }
    if (measured.connection === 'disconnected') return no('already-so', 'It is disconnected already.');
    return yes;
  },
};

import { no, yes } from '../result.ts';
import type { CommandRule } from './rule.ts';

export const startGeneration: CommandRule = {
  kind: 'start-generation',
  title: 'Start',
  energises: true,
  parameters: [],
  proof: 'it reads running',
  may: ({ measured }) => {
    if (measured.operatingState === undefined) return no('state-unknown', 'It does not tell whether it is running.');
    if (measured.operatingState === 'running' || measured.operatingState === 'throttled')
      return no('already-so', 'It is running already.');
    if (measured.operatingState === 'starting') return no('already-so', 'It is starting already.');
    if (measured.operatingState === 'fault' || measured.health === 'fault')
      return no('fault', 'It reports a fault: clear it on site first.');
    return yes;
  },
};

export const stopGeneration: CommandRule = {
  kind: 'stop-generation',
  title: 'Stop',
  energises: false,
  parameters: [],
  proof: 'it reads off or standby and gives no power',
  may: ({ measured }) => {
    if (measured.operatingState === 'off') return no('already-so', 'It is off already.');
    return yes;
  },
};

import { no, yes } from '../result.ts';
import type { CommandRule } from './rule.ts';

/** Runs it up; its breaker is another command's. */
export const startGeneration: CommandRule = {
  kind: 'start-generation',
  title: 'Start',
  energises: true,
  parameters: [],
  proof: 'it reads running',
  may: ({ measured }) => {
    if (measured.operatingState === undefined)
      return no('state-unknown', 'It does not tell whether it is running: check it on site.');
    if (measured.operatingState === 'running' || measured.operatingState === 'throttled')
      return no('already-so', 'It is running already.');
    if (measured.operatingState === 'starting') return no('already-so', 'It is starting already.');
    if (measured.operatingState === 'fault' || measured.health === 'fault')
      return no('fault', 'It reports a fault: clear it on site first.');
    // Health that is not told does not forbid: the device's own protection decides over its start.
    return yes;
  },
};

/** Stopping is the safe direction: only what reads off needs none, and a state that is unknown does not forbid it. */
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

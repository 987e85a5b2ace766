import type { Measured } from '@tiepoint/protocol';
import type { Judgement } from './judgement.ts';

/** Opening a recloser blocks its reclosing, and closing does not lift that: whoever ends the work does. */
export function reclosingChanged(was: Measured['reclosing'], is: Measured['reclosing']): Judgement | undefined {
  if (was === undefined || was === is) return undefined;
  const told = is ?? 'not known';
  return {
    outcome: 'differs',
    say: `Automatic reclosing was ${was} before and is ${told} now: put it back at the device.`,
    measured: [
      { point: 'reclosing', word: told, expected: `${was}, as found`, met: is === undefined ? 'unknown' : 'no' },
    ],
  };
}

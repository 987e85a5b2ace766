import { describe, expect, test } from 'vitest';
import {
  order,
  positionSaid,
  stepSwitchgear,
  switchgear,
  type Switchgear,
  type SwitchgearFaults,
} from './switchgear.ts';

const times = { openingS: 0.4, closingS: 0.6 };
const after = (start: Switchgear, seconds: number, faults?: SwitchgearFaults): Switchgear => {
  let state = start;
  for (let step = 0; step < Math.round(seconds / 0.1); step++) state = stepSwitchgear(state, 0.1, times, faults);
  return state;
};

describe('a switch told to move', () => {
  test.each([
    { from: 'closed', to: 'open', afterS: 0.3, faults: {}, says: 'moving', position: 'closed' },
    { from: 'closed', to: 'open', afterS: 0.4, faults: {}, says: 'open', position: 'open' },
    { from: 'open', to: 'closed', afterS: 0.5, faults: {}, says: 'moving', position: 'open' },
    { from: 'open', to: 'closed', afterS: 0.6, faults: {}, says: 'closed', position: 'closed' },
    { from: 'closed', to: 'open', afterS: 2.3, faults: { extraTravelS: 2 }, says: 'moving', position: 'closed' },
    { from: 'closed', to: 'open', afterS: 2.4, faults: { extraTravelS: 2 }, says: 'open', position: 'open' },
    { from: 'closed', to: 'open', afterS: 60, faults: { stuck: true }, says: 'closed', position: 'closed' },
    { from: 'closed', to: 'closed', afterS: 60, faults: {}, says: 'closed', position: 'closed' },
  ] as const)('$from to $to is $says after $afterS s with $faults', ({ from, to, afterS, faults, says, position }) => {
    const state = after(order(switchgear(from), to), afterS, faults);
    expect(positionSaid(state)).toBe(says);
    expect(state.position).toBe(position);
  });

  test('an order the other way gives the travel up', () => {
    const opening = after(order(switchgear('closed'), 'open'), 0.3);
    expect(after(order(opening, 'closed'), 5)).toEqual(switchgear('closed'));
  });
});

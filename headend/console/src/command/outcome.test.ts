import { commandStates, isFinal } from '@tiepoint/protocol';
import { expect, test } from 'vitest';
import { outcomeOf } from './outcome.ts';

const route = { deviceId: 'meter-1', id: 'gw.meter-1', by: 'own-equipment', say: '' } as const;

test.each(commandStates.map((state) => [state]))(
  '%s has a headline, and advice where something is left to do',
  (state) => {
    const { headline, next, tone } = outcomeOf({ state, title: 'Disconnect', kind: 'disconnect', route });
    expect(headline.length).toBeGreaterThan(15);
    const settled = state === 'confirmed' || (!isFinal(state) && state !== 'unknown');
    expect(next === undefined).toBe(settled);
    expect(tone === 'calm').toBe(state === 'confirmed');
  },
);

test('after an unconfirmed opening the device counts as live, after an unconfirmed closing nothing is repeated', () => {
  expect(outcomeOf({ state: 'unconfirmed', title: 'Disconnect', kind: 'disconnect', route }).next).toMatch(
    /still connected and live/,
  );
  expect(outcomeOf({ state: 'unconfirmed', title: 'Connect', kind: 'connect', route }).next).toMatch(/Do not repeat/);
  expect(outcomeOf({ state: 'unconfirmed', title: 'Limit', kind: 'limit-power', route }).next).toMatch(/no limit/);
  expect(outcomeOf({ state: 'unconfirmed', title: 'Relay', kind: 'switch-relay', route }).next).toMatch(/neither/);
});

import { expect, test } from 'vitest';
import { mayCommand } from './rules.ts';
import { view } from './view.fixture.ts';

const reasonOf = (...[device, kind]: Parameters<typeof mayCommand>): string => {
  const may = mayCommand(device, kind);
  return may.ok ? 'yes' : may.reason;
};

test.each([
  [undefined, 'state-unknown', 'yes'],
  ['off', 'yes', 'already-so'],
  ['standby', 'yes', 'yes'],
  ['sleeping', 'yes', 'yes'],
  ['starting', 'already-so', 'yes'],
  ['running', 'already-so', 'yes'],
  ['throttled', 'already-so', 'yes'],
  ['stopping', 'yes', 'yes'],
  ['fault', 'fault', 'yes'],
] as const)('%s: start %s, stop %s', (operatingState, start, stop) => {
  expect(reasonOf(view({ measured: { operatingState } }), 'start-generation')).toBe(start);
  expect(reasonOf(view({ measured: { operatingState } }), 'stop-generation')).toBe(stop);
});

test.each([
  [undefined, 'yes'],
  ['ok', 'yes'],
  ['warning', 'yes'],
  ['fault', 'fault'],
] as const)('health %s: start %s, stop always', (health, start) => {
  expect(reasonOf(view({ measured: { operatingState: 'standby', health } }), 'start-generation')).toBe(start);
  expect(reasonOf(view({ measured: { operatingState: 'standby', health } }), 'stop-generation')).toBe('yes');
});

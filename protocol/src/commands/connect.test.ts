import { describe, expect, test } from 'vitest';
import type { DeviceView } from './device-view.ts';
import { mayCommand } from './rules.ts';
import { view } from './view.fixture.ts';

const verdict = (over: Partial<DeviceView>): string => {
  const may = mayCommand(view(over), 'connect');
  return may.ok ? 'yes' : may.reason;
};

describe('a service switch closes only on a load side measured dead', () => {
  const states = [undefined, 'open', 'closed', 'moving', 'failed'] as const;
  const table = {
    closed: ['already-so', 'already-so', 'already-so'],
    open: ['load-side-unknown', 'yes', 'load-side-live'],
    other: ['state-unknown', 'state-unknown', 'state-unknown'],
  };
  for (const switchState of states) {
    test.each([undefined, 'absent', 'present'] as const)(`${switchState}, load side %s`, (loadSideVoltage) => {
      const row = switchState === 'open' || switchState === 'closed' ? table[switchState] : table.other;
      expect(
        verdict({ kind: 'meter', capabilities: ['service-switch'], measured: { switchState, loadSideVoltage } }),
      ).toBe(row[[undefined, 'absent', 'present'].indexOf(loadSideVoltage)]);
    });
  }
});

describe('a source', () => {
  test.each<[string, DeviceView['measured'], string]>([
    ['off', { connection: 'disconnected' }, 'yes'],
    ['islanded', { connection: 'islanded' }, 'yes'],
    ['on', { connection: 'connected' }, 'already-so'],
    ['that tells nothing', {}, 'state-unknown'],
    ['with a breaker that moves', { breakerState: 'moving' }, 'state-unknown'],
    ['with a breaker that failed', { breakerState: 'failed' }, 'state-unknown'],
    ['with an open breaker', { breakerState: 'open' }, 'yes'],
    ['with a closed breaker', { breakerState: 'closed' }, 'already-so'],
    ['with a fault', { connection: 'disconnected', health: 'fault' }, 'fault'],
    ['with a warning', { connection: 'disconnected', health: 'warning' }, 'yes'],
  ])('%s', (_, measured, expected) => {
    expect(verdict({ measured })).toBe(expected);
  });

  test.each([
    ['running', 'yes'],
    ['throttled', 'yes'],
    ['off', 'not-running'],
    ['standby', 'not-running'],
    ['starting', 'not-running'],
    ['stopping', 'not-running'],
    ['sleeping', 'not-running'],
    ['fault', 'not-running'],
    [undefined, 'not-running'],
  ] as const)('with a synchroniser, %s', (operatingState, expected) => {
    expect(
      verdict({
        capabilities: ['generation', 'breaker', 'synchroniser'],
        measured: { connection: 'disconnected', operatingState },
      }),
    ).toBe(expected);
  });

  test.each<[number | undefined, number | undefined, string]>([
    [undefined, 480, 'load-side-unknown'],
    [0, undefined, 'load-side-unknown'],
    [0, 480, 'yes'],
    [23.9, 480, 'yes'],
    [24, 480, 'load-side-live'],
    [480, 480, 'load-side-live'],
  ])('with a breaker that nothing synchronises, bus at %s of %s V', (busVoltageV, ratedVoltageV, expected) => {
    expect(
      verdict({
        capabilities: ['breaker'],
        limits: { ratedVoltageV },
        measured: { breakerState: 'open', busVoltageV },
      }),
    ).toBe(expected);
  });

  test.each([
    ['absent', 'yes'],
    ['present', 'load-side-live'],
    [undefined, 'load-side-live'],
  ] as const)('with a breaker between a live bus and a line where voltage is %s', (loadSideVoltage, expected) => {
    expect(
      verdict({
        kind: 'meter',
        capabilities: ['breaker'],
        limits: { ratedVoltageV: 12_000 },
        measured: { breakerState: 'open', busVoltageV: 12_100, loadSideVoltage },
      }),
    ).toBe(expected);
  });
});

import { describe, expect, test } from 'vitest';
import { decodeStatus, encodeStatus } from '../messages/status.ts';
import type { Status } from '../messages/status.ts';
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
    [12_100, 'absent', 'yes'],
    [12_100, 'present', 'load-side-live'],
    [12_100, undefined, 'load-side-unknown'],
    [0, 'absent', 'yes'],
    [0, 'present', 'load-side-live'],
    [0, undefined, 'load-side-unknown'],
  ] as const)(
    'of a feeder, between a bus at %s V and a line where voltage is %s',
    (busVoltageV, loadSideVoltage, expected) => {
      expect(
        verdict({
          kind: 'meter',
          capabilities: ['breaker'],
          limits: { ratedVoltageV: 12_000 },
          measured: { breakerState: 'open', busVoltageV, loadSideVoltage },
        }),
      ).toBe(expected);
    },
  );
});

describe('what a status tells is enough to judge by', () => {
  const stamp = { session: 1, seq: 0, timeMs: 0, timeQuality: 'synchronised', control: 'none' } as const;
  test.each<{ what: string; over: Partial<DeviceView>; status: Status; expected: string }>([
    {
      what: 'a feeder breaker before a dead line',
      over: { kind: 'meter', capabilities: ['breaker', 'meter'] },
      status: { kind: 'meter', ...stamp, breakerState: 'open', loadSideVoltage: 'absent' },
      expected: 'yes',
    },
    {
      what: 'a standby set before a dead bus',
      over: { capabilities: ['generation', 'breaker'], limits: { ratedVoltageV: 400 } },
      status: { kind: 'aas', ...stamp, connection: 'disconnected', breakerState: 'open', busVoltageV: 0 },
      expected: 'yes',
    },
    {
      what: 'a standby set before a live bus',
      over: { capabilities: ['generation', 'breaker'], limits: { ratedVoltageV: 400 } },
      status: { kind: 'aas', ...stamp, connection: 'disconnected', breakerState: 'open', busVoltageV: 231 },
      expected: 'load-side-live',
    },
    ...(
      [
        ['blocked', 'yes'],
        ['ready', 'yes'],
        ['lockout', 'yes'],
        ['in-progress', 'busy'],
        ['hot-line-tag', 'tagged'],
      ] as const
    ).map(([reclosing, expected]) => ({
      what: `a recloser before a dead line, reclosing ${reclosing}`,
      over: { kind: 'meter' as const, capabilities: ['breaker', 'meter'] as const },
      status: { kind: 'meter', ...stamp, breakerState: 'open', loadSideVoltage: 'absent', reclosing } as const,
      expected,
    })),
  ])('$what: $expected', ({ over, status, expected }) => {
    const came = decodeStatus(encodeStatus(status).bytes);
    if (!came.ok) throw new Error(came.say);
    expect(verdict({ ...over, measured: came.value })).toBe(expected);
  });
});

import { expect, test } from 'vitest';
import type { DeviceView } from './device-view.ts';
import { mayCommand } from './rules.ts';
import { view } from './view.fixture.ts';

const ready = { breakerState: 'open', operatingState: 'running', health: 'ok' } as const;

test.each<[string, DeviceView['measured'], string, string]>([
  ['running, idle', { ...ready, synchroniser: 'idle' }, 'yes', 'precondition'],
  ['running, enabled', { ...ready, synchroniser: 'enabled' }, 'already-so', 'yes'],
  ['running, synchronising', { ...ready, synchroniser: 'synchronising' }, 'already-so', 'yes'],
  ['running, in the window', { ...ready, synchroniser: 'in-window' }, 'already-so', 'yes'],
  ['running, synchroniser unknown', ready, 'yes', 'precondition'],
  ['derated', { ...ready, operatingState: 'throttled', synchroniser: 'idle' }, 'yes', 'precondition'],
  ['breaker closed', { ...ready, breakerState: 'closed', synchroniser: 'idle' }, 'already-so', 'already-so'],
  ['breaker unknown', { ...ready, breakerState: undefined, synchroniser: 'idle' }, 'state-unknown', 'state-unknown'],
  ['breaker failed', { ...ready, breakerState: 'failed', synchroniser: 'idle' }, 'state-unknown', 'state-unknown'],
  ['starting', { ...ready, operatingState: 'starting', synchroniser: 'idle' }, 'not-running', 'not-running'],
  ['running unknown', { ...ready, operatingState: undefined, synchroniser: 'idle' }, 'not-running', 'not-running'],
  ['fault', { ...ready, health: 'fault', synchroniser: 'idle' }, 'fault', 'fault'],
])('%s: enable %s, activate %s', (_, measured, enable, activate) => {
  const device = view({ capabilities: ['generation', 'breaker', 'synchroniser'], measured });
  const reasons = (['enable-synchronization', 'activate-synchronization'] as const).map((kind) => {
    const may = mayCommand(device, kind);
    return may.ok ? 'yes' : may.reason;
  });
  expect(reasons).toEqual([enable, activate]);
});

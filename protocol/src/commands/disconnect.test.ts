import { expect, test } from 'vitest';
import type { DeviceView } from './device-view.ts';
import { mayCommand } from './rules.ts';
import { view } from './view.fixture.ts';

const meter = { kind: 'meter', capabilities: ['service-switch'], limits: { switchRatingA: 200 } } as const;

test.each<[string, Partial<DeviceView>, string]>([
  ['a closed switch', { ...meter, measured: { switchState: 'closed' } }, 'yes'],
  ['a switch of unknown state', meter, 'yes'],
  ['a switch that moves', { ...meter, measured: { switchState: 'moving' } }, 'yes'],
  ['a switch that failed', { ...meter, measured: { switchState: 'failed' } }, 'yes'],
  ['an open switch', { ...meter, measured: { switchState: 'open' } }, 'already-so'],
  ['a switch at its rating', { ...meter, measured: { switchState: 'closed', currentA: -200 } }, 'yes'],
  ['a switch above its rating', { ...meter, measured: { switchState: 'closed', currentA: -200.1 } }, 'out-of-limits'],
  ['one phase above the rating', { ...meter, measured: { switchState: 'closed', currentBA: 201 } }, 'out-of-limits'],
  ['a switch of unknown rating', { ...meter, limits: {}, measured: { switchState: 'closed', currentA: 500 } }, 'yes'],
  ['a connected source', { measured: { connection: 'connected' } }, 'yes'],
  ['a source of unknown state', {}, 'yes'],
  ['an islanded source', { measured: { connection: 'islanded' } }, 'yes'],
  ['a source with a fault', { measured: { connection: 'connected', health: 'fault' } }, 'yes'],
  ['a disconnected source', { measured: { connection: 'disconnected' } }, 'already-so'],
])('%s: %s', (_, over, expected) => {
  const may = mayCommand(view(over), 'disconnect');
  expect(may.ok ? 'yes' : may.reason).toBe(expected);
});

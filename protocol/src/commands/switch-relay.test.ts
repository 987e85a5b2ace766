import { expect, test } from 'vitest';
import type { CommandParameters } from './parameters.ts';
import { mayCommand } from './rules.ts';
import { view } from './view.fixture.ts';

test.each<[CommandParameters, string]>([
  [{ relay: 1, to: 'off' }, 'yes'],
  [{ relay: 2, to: 'on' }, 'yes'],
  [{ relay: 1, to: 'on' }, 'already-so'],
  [{ relay: 2, to: 'off' }, 'already-so'],
  [{ relay: 3, to: 'on' }, 'state-unknown'],
  [{ relay: 0, to: 'on' }, 'invalid'],
  [{ relay: 5, to: 'on' }, 'invalid'],
  [{ relay: 1.5, to: 'on' }, 'invalid'],
  [{ to: 'on' }, 'invalid'],
  [{ relay: 1 }, 'invalid'],
  [{}, 'invalid'],
])('%j: %s', (parameters, expected) => {
  const may = mayCommand(
    view({ kind: 'load-control', measured: { relay1: 'on', relay2: 'off' } }),
    'switch-relay',
    parameters,
  );
  expect(may.ok ? 'yes' : may.reason).toBe(expected);
});

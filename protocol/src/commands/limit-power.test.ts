import { expect, test } from 'vitest';
import { mayCommand } from './rules.ts';
import { view } from './view.fixture.ts';

test.each([
  [0, true],
  [62.5, true],
  [100, true],
  [undefined, false],
  [-0.1, false],
  [100.1, false],
  [Number.NaN, false],
  [Infinity, false],
])('%s %%: %s', (limitPct, may) => {
  for (const operatingState of ['off', 'running', undefined] as const) {
    expect(mayCommand(view({ measured: { operatingState } }), 'limit-power', { limitPct }).ok).toBe(may);
  }
});

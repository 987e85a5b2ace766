import { expect, test } from 'vitest';
import { Conditions } from './conditions.ts';

test('what stands in the way of commands is told first, the rest as it began', () => {
  const conditions = new Conditions(() => undefined);
  for (const id of ['warehouse', 'telemetry-disk', 'operations-disk', 'backup', 'restored'] as const)
    conditions.set(id, id);
  conditions.set('telemetry-disk', undefined);
  expect(conditions.says).toEqual(['operations-disk', 'restored', 'warehouse', 'backup']);
});

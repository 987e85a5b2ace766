import { expect, test } from 'vitest';
import type { EventRow } from '../../../src/api/contract.ts';
import { eventShape } from './event-shape.ts';

test.each<[Pick<EventRow, 'kind' | 'detail'>, string]>([
  [{ kind: 'device-lost' }, 'urgent'],
  [{ kind: 'alarm-raised', detail: { alarm: 'low-fuel' } }, 'warn'],
  [{ kind: 'health-changed', detail: { from: 'ok', to: 'fault' } }, 'urgent'],
  [{ kind: 'health-changed', detail: { from: 'fault', to: 'ok' } }, 'well'],
  [{ kind: 'breaker-changed', detail: { to: 'failed' } }, 'urgent'],
  [{ kind: 'switch-changed', detail: { to: 'open' } }, 'well'],
  [{ kind: 'device-born' }, 'well'],
])('%j is %s', (event, shape) => expect(eventShape(event)).toBe(shape));

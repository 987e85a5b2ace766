import { expect, test } from 'vitest';
import type { EventRow } from '../../../src/api/contract.ts';
import { eventShape } from './event-shape.ts';

test.each<[Pick<EventRow, 'kind' | 'detail'> & { say?: string }, string]>([
  [{ kind: 'device-lost' }, 'urgent'],
  [{ kind: 'alarm-raised', detail: { alarm: 'low-fuel' } }, 'warn'],
  [{ kind: 'health-changed', detail: { from: 'ok', to: 'fault' } }, 'urgent'],
  [{ kind: 'health-changed', detail: { from: 'fault', to: 'ok' } }, 'well'],
  [{ kind: 'breaker-changed', detail: { to: 'failed' } }, 'urgent'],
  [{ kind: 'switch-changed', detail: { to: 'open' } }, 'well'],
  [{ kind: 'device-born' }, 'well'],
  [{ kind: 'command-finished', say: 'Disconnect: unconfirmed: the switch reads closed' }, 'warn'],
  [{ kind: 'command-finished', say: 'Limit power to 40 %: failed' }, 'warn'],
  [{ kind: 'command-finished', say: 'Disconnect: confirmed' }, 'well'],
  [{ kind: 'command-finished', say: 'Disconnect: refused: it was failed before' }, 'well'],
])('%j is %s', (event, shape) => expect(eventShape({ say: '', ...event })).toBe(shape));

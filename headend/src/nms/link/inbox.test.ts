import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Inbox } from './inbox.ts';

const message = { topic: 'a/b', payload: Uint8Array.of(1, 2, 3), retained: false };

function inbox(): { box: Inbox; warnings: string[] } {
  const warnings: string[] = [];
  return { box: new Inbox({ info: () => undefined, warn: (_fields, say) => warnings.push(say) }), warnings };
}

test('a handler that throws or rejects keeps neither the others nor the next message from being heard', async () => {
  const { box, warnings } = inbox();
  let heard = 0;
  box.add('a/+', () => {
    throw new Error('thrown');
  });
  const rejecting: () => unknown = async () => Promise.reject(new Error('rejected'));
  box.add('#', rejecting);
  box.add('a/b', () => (heard += 1));
  box.open();
  for (let i = 0; i < 50; i += 1) box.dispatch(message);
  await turn();
  expect(heard).toBe(50);
  expect(box.handlerFailures).toBe(100);
  expect(warnings.length).toBe(7); // at 1, 2, 4, 8, 16, 32 and 64 failures
});

test('nothing is heard before open() or after close()', () => {
  const { box } = inbox();
  let heard = 0;
  box.add('#', () => (heard += 1));
  box.dispatch(message);
  box.open();
  box.dispatch(message);
  box.close();
  box.dispatch(message);
  expect([heard, box.received, box.receivedBytes]).toEqual([1, 1, 3]);
});

test('a malformed filter and a late registration are faults of the wiring', () => {
  const { box } = inbox();
  expect(() => box.add('a/#/b', () => undefined)).toThrow('# stands alone');
  box.open();
  expect(() => box.add('a', () => undefined)).toThrow('before start()');
});

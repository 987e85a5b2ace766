import { expect, test } from 'vitest';
import { DeviceRate } from './device-rate.ts';

const limits = { messagesPerS: 10, messagesBurst: 20, bytesPerS: 1_000, bytesBurst: 4_000 };

test.each([
  { name: 'a burst', sends: [{ atS: 0, messages: 20, bytes: 4_000 }], waitMs: 0 },
  { name: 'too many messages', sends: [{ atS: 0, messages: 30, bytes: 0 }], waitMs: 1_000 },
  { name: 'too many bytes', sends: [{ atS: 0, messages: 1, bytes: 6_500 }], waitMs: 2_500 },
  {
    name: 'after a rest',
    sends: [
      { atS: 0, messages: 20, bytes: 0 },
      { atS: 2, messages: 20, bytes: 0 },
    ],
    waitMs: 0,
  },
  {
    name: 'too soon',
    sends: [
      { atS: 0, messages: 20, bytes: 0 },
      { atS: 1, messages: 20, bytes: 0 },
    ],
    waitMs: 1_000,
  },
  {
    name: 'a clock that goes back',
    sends: [
      { atS: 9, messages: 30, bytes: 0 },
      { atS: 0, messages: 0, bytes: 0 },
    ],
    waitMs: 1_000,
  },
])('$name: $waitMs ms', ({ sends, waitMs }) => {
  let slowed = 0;
  const rate = new DeviceRate(limits, 0, () => (slowed += 1));
  for (const { atS, messages, bytes } of sends) rate.take(messages, bytes, atS * 1_000);
  const nowMs = (sends.at(-1)?.atS ?? 0) * 1_000;
  expect([rate.waitMs(nowMs), rate.waitMs(nowMs)]).toEqual([waitMs, waitMs]);
  expect(slowed).toBe(waitMs === 0 ? 0 : 1);
});

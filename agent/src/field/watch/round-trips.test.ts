import { expect, test } from 'vitest';
import { figuresOf, RoundTrips } from './round-trips.ts';

const serial = { name: 'yard', kind: 'rtu', path: '/dev/none', baudRate: 9600 } as const;

test('of a read of ten registers at 9600 baud the wire takes 33 characters and the silence before the reply', () => {
  const trips = new RoundTrips(serial, 10);
  trips.take({ kind: 'sent', wire: new Uint8Array(8) });
  trips.take({ kind: 'judged', verdict: 'answer', rtuBytes: 25 });
  trips.take({ kind: 'settled', outcome: 'value', waitedMs: 50 });
  const figures = trips.figures();
  expect(figures).toMatchObject({ count: 1, p50Ms: 50, maxMs: 50 });
  expect(figures?.wireP50Ms).toBeCloseTo((33 + 3.5) * (11_000 / 9_600));
});

test('what was not answered is no round trip; of many the last are kept', () => {
  const trips = new RoundTrips(serial, 2);
  expect(trips.figures()).toBeUndefined();
  trips.take({ kind: 'sent', wire: new Uint8Array(8) });
  trips.take({ kind: 'settled', outcome: 'timeout', waitedMs: 1_000 });
  expect(trips.figures()).toBeUndefined();
  for (const waitedMs of [1, 2, 3]) {
    trips.take({ kind: 'sent', wire: new Uint8Array(8) });
    trips.take({ kind: 'judged', verdict: 'answer', rtuBytes: 7 });
    trips.take({ kind: 'settled', outcome: 'value', waitedMs });
  }
  expect(trips.figures()).toMatchObject({ count: 2, p50Ms: 2, maxMs: 3 });
});

test('figures by nearest rank', () => {
  const trips = Array.from({ length: 100 }, (_, n) => ({ tookMs: 100 - n, wireMs: (100 - n) / 2 }));
  expect(figuresOf(trips)).toEqual({
    count: 100,
    p50Ms: 50,
    p95Ms: 95,
    maxMs: 100,
    wireP50Ms: 25,
    beyondWireP50Ms: 25,
  });
});

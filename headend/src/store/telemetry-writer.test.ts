import { expect, test } from 'vitest';
import type { BatchCounts, EventEntry, Sample, TelemetryBatch, TelemetryStore } from './store.ts';
import { TelemetryWriter } from './telemetry-writer.ts';

const sample = (seq: number): Sample => ({
  deviceKey: 'g.d',
  atMs: seq,
  status: { kind: 'meter', session: 1, seq, timeMs: 0, timeQuality: 'unknown' },
});
const event = (say: string): EventEntry => ({
  atMs: 0,
  gatewayId: 'g',
  source: 'head-end',
  kind: 'gateway-born',
  late: false,
  say,
});
const counts: BatchCounts = { samples: 1, known: 0, tooOld: 0, events: [] };

function writing(): {
  writer: TelemetryWriter;
  batches: TelemetryBatch[];
  disk: { full: boolean };
} {
  const batches: TelemetryBatch[] = [];
  const disk = { full: false };
  const write: TelemetryStore['write'] = (batch) => {
    if (disk.full) return { ok: false, reason: 'not-recorded', say: 'full' };
    batches.push(batch);
    return { ok: true, value: counts };
  };
  const store: Pick<TelemetryStore, 'write'> = { write };
  const limits = { samples: 10, events: 10, samplesPerWrite: 4 };
  const writer = new TelemetryWriter(store as TelemetryStore, () => undefined, limits);
  return { writer, batches, disk };
}

test('nothing waits, nothing is written; then in parts', () => {
  const { writer, batches } = writing();
  expect(writer.flush()).toBe(false);
  for (let seq = 0; seq < 6; seq += 1) writer.sample(sample(seq));
  writer.event(event('a'));
  expect([writer.flush(), writer.flush(), writer.flush()]).toEqual([true, false, false]);
  expect(batches.map(({ samples, events }) => [samples.length, events.length])).toEqual([
    [4, 1],
    [2, 0],
  ]);
});

test('a full disk: all is kept up to its bound, the oldest is dropped and counted, and it is written when it can be', () => {
  const { writer, batches, disk } = writing();
  disk.full = true;
  for (let seq = 0; seq < 12; seq += 1) writer.sample(sample(seq));
  for (let index = 0; index < 12; index += 1) writer.event(event(String(index)));
  writer.lastStatus({ deviceKey: 'g.d', status: sample(3).status, receivedAtMs: 1 });
  writer.lastStatus({ deviceKey: 'g.d', status: sample(4).status, receivedAtMs: 2 });
  expect(writer.flush()).toBe(false);
  expect(writer.failure).toBe('full');
  expect(writer.counts).toMatchObject({ droppedSamples: 2, droppedEvents: 2, failures: 1 });
  disk.full = false;
  writer.flushAll();
  expect(writer.failure).toBeUndefined();
  expect(batches.flatMap(({ samples }) => samples.map(({ status }) => status.seq))).toEqual([
    2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
  ]);
  expect(batches.flatMap(({ events }) => events.map(({ say }) => say))).toEqual([
    '2',
    '3',
    '4',
    '5',
    '6',
    '7',
    '8',
    '9',
    '10',
    '11',
  ]);
  expect(batches[0]?.lastStatuses.map(({ receivedAtMs }) => receivedAtMs)).toEqual([2]);
});

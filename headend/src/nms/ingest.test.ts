import { death, gatewayBirth } from '@tiepoint/protocol';
import { expect, test, vi } from 'vitest';
import { Ingest } from './ingest.ts';
import type { Hearer } from './ingest.ts';

const birth = gatewayBirth.toBytes({
  protocolVersion: 1,
  session: 1,
  timeMs: 1,
  firmware: 'x',
  deviceIds: [],
  readOnly: false,
  configurationRevision: 0,
  configurationHash: 'c0ffee',
});
const gone = death.toBytes({ session: 1, cause: 'line-lost' });

test.each([
  { topic: 'tiepoint/v1/one/birth', payload: birth, taken: false },
  { topic: 'tiepoint/v1/one/meter/status', payload: new Uint8Array([1]), taken: false },
  { topic: 'tiepoint/v1/one/death', payload: gone, taken: true },
  { topic: 'tiepoint/v1/two/birth', payload: birth, taken: true },
])('of a gateway that was revoked nothing is taken but that it is gone: $topic', ({ topic, payload, taken }) => {
  const heard = vi.fn<() => undefined>();
  const hearer = { gatewayBorn: heard, gatewayDied: heard } as Partial<Hearer> as Hearer;
  const barred = { reason: 'revoked', say: 'the certificate of one was revoked' };
  const ingest = new Ingest(hearer, Date.now, (gatewayId) => (gatewayId === 'one' ? barred : undefined));
  ingest.hear({ topic, payload, retained: false });
  expect([heard.mock.calls.length > 0, ingest.counts().refused.has('revoked')]).toEqual([taken, !taken]);
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Uplink } from '@tiepoint/agent/io/uplink.ts';
import { machine } from '@tiepoint/agent/io/surroundings.ts';
import type { Log } from '@tiepoint/agent/io/log.ts';
import { TestAuthority } from '@tiepoint/headend/authority/testing/test-authority.ts';
import { EmbeddedBroker } from '@tiepoint/headend/nms/link/embedded-broker.ts';
import { gatewayAccess } from '@tiepoint/headend/nms/link/gateway-access.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { layIdentity } from './laid-identity.ts';
import { until } from './until.ts';

const nothing = (): void => undefined;
const quiet: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => quiet };
let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'renewal-'))));
afterEach(() => rmSync(directory, { recursive: true }));

test('the line is made anew with the new certificate, and what the agent reports meanwhile is not lost', async () => {
  const authority = await TestAuthority.make();
  const first = await authority.another('gw-1');
  const second = await authority.another('gw-1');
  layIdentity(directory, first);
  const seen: string[] = [];
  const access = gatewayAccess({ stands: () => true, seen: (_gatewayId, serial) => seen.push(serial) });
  const broker = new EmbeddedBroker({ port: 0, tls: authority.server }, access, quiet);
  const heard = new Set<number>();
  const deaths: string[] = [];
  broker.onMessage('tiepoint/v1/+/+/history', ({ payload }) => void heard.add(Buffer.from(payload).readUInt32BE()));
  broker.onMessage('tiepoint/v1/+/death', ({ topic }) => void deaths.push(topic));
  await broker.start();
  const uplink = new Uplink(
    'gw-1',
    { url: `mqtts://127.0.0.1:${broker.port ?? 0}`, keepaliveS: 30, identity: join(directory, 'identity') },
    { ...machine, gate: { open: () => undefined }, log: quiet },
  );
  uplink.start({ online: nothing, offline: nothing, message: nothing });
  await until('on line', () => uplink.online, 10_000);
  // As the outbox does: what the broker has not taken goes again.
  const waiting = new Set<number>();
  let count = 0;
  const send = async (number: number): Promise<void> => {
    const payload = Buffer.alloc(4);
    payload.writeUInt32BE(number);
    const topic = { of: 'device', gatewayId: 'gw-1', deviceId: 'meter', message: 'history' } as const;
    if (await uplink.publish(topic, payload, 'may')) waiting.delete(number);
    else waiting.add(number);
  };
  const sending = setInterval(() => {
    for (const number of waiting) void send(number);
    void send((count += 1));
  }, 2);
  await until('some came', () => heard.size > 100, 10_000);
  layIdentity(directory, second);
  await uplink.renew();
  await until('on line again', () => uplink.online, 10_000);
  expect(seen).toEqual([first.serial, second.serial]);
  const before = count;
  await until('more came', () => heard.size > before, 10_000);
  clearInterval(sending);
  await until('all came', () => heard.size === count, 10_000);
  // Nobody is told that the gateway was gone, for it was not.
  expect(deaths).toEqual([]);
  await uplink.stop();
  await broker.stop();
});

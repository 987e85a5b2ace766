/** Who tries to be a gateway without being one, over real TLS. */
import { once } from 'node:events';
import { connect } from 'node:tls';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import { gatewayUri } from '@tiepoint/protocol';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { TestAuthority } from '../../authority/testing/test-authority.ts';
import type { TestIdentity } from '../../authority/testing/test-authority.ts';
import { EmbeddedBroker } from './embedded-broker.ts';
import { gatewayAccess } from './gateway-access.ts';
import { silentLog } from './link.ts';
import { connectPacket, publishPacket } from './raw-client.ts';

const dayMs = 86_400_000;
const waits = { timeout: 5_000, interval: 10 };
let authority: TestAuthority;
let broker: EmbeddedBroker;
let heard: string[];
let revoked: Set<string>;
const sockets: TLSSocket[] = [];

beforeAll(async () => {
  authority = await TestAuthority.make();
});
beforeEach(async () => {
  heard = [];
  revoked = new Set();
  const access = gatewayAccess({ stands: (_gatewayId, serial) => !revoked.has(serial) });
  broker = new EmbeddedBroker({ port: 0, tls: authority.server }, access, silentLog);
  broker.onMessage('tiepoint/#', ({ topic }) => heard.push(topic));
  await broker.start();
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await broker.stop();
});

type Tried = { answer: number | 'closed'; socket: TLSSocket; ticket: () => Buffer | undefined };

/** Comes with this certificate under this client id. `closed`: nobody answered. */
async function comes(
  { key, cert }: Pick<TestIdentity, 'key' | 'cert'>,
  clientId = 'gw-one',
  more: ConnectionOptions = {},
): Promise<Tried> {
  const { ca } = authority.server;
  const socket = connect({ port: broker.port ?? 0, host: '127.0.0.1', key, cert, ca, ...more });
  sockets.push(socket);
  let ticket: Buffer | undefined;
  socket.on('session', (session: Buffer) => (ticket = session));
  const answer = new Promise<number | 'closed'>((resolve) => {
    socket.on('error', () => resolve('closed'));
    socket.once('close', () => resolve('closed'));
    socket.once('data', (chunk: Buffer) => resolve(chunk[0] === 0x20 ? (chunk[3] ?? -1) : -1));
  });
  socket.write(connectPacket(clientId));
  return { answer: await answer, socket, ticket: () => ticket };
}

const seconds = async (validMs: number): Promise<TestIdentity> => await authority.another('one', { validMs });
const uri = (value: string): { type: 'url'; value: string } => ({ type: 'url', value });

test.each<{
  who: string;
  shows: () => Promise<Pick<TestIdentity, 'key' | 'cert'>>;
  as?: string;
  answer: number | 'closed';
}>([
  { who: 'the gateway itself', shows: () => authority.gateway('one'), answer: 0 },
  {
    who: 'a gateway of that name by another authority',
    shows: async () => await (await TestAuthority.make()).gateway('one'),
    answer: 'closed',
  },
  {
    who: 'one whose certificate is over',
    shows: () => authority.another('one', { validMs: dayMs }, Date.now() - 3 * dayMs),
    answer: 'closed',
  },
  {
    who: 'one whose certificate is not for clients',
    shows: () => authority.serverNamed('one', { altNames: [uri(gatewayUri('one'))] }),
    answer: 'closed',
  },
  {
    who: 'one with the key of another certificate',
    shows: async () => ({ cert: (await authority.gateway('one')).cert, key: (await authority.gateway('two')).key }),
    answer: 'closed',
  },
  { who: 'another gateway under this client id', shows: () => authority.gateway('two'), answer: 5 },
  { who: 'this gateway under another client id', shows: () => authority.gateway('one'), as: 'gw-two', answer: 5 },
  { who: 'this gateway as a tool', shows: () => authority.gateway('one'), as: 'mosquitto_sub', answer: 5 },
  { who: 'the head-end as a gateway', shows: async () => authority.headEnd, answer: 5 },
  {
    who: 'one whose certificate names two gateways',
    shows: () => authority.another('one', { altNames: [uri(gatewayUri('one')), uri(gatewayUri('two'))] }),
    answer: 'closed',
  },
  {
    who: 'one whose certificate has the name of the gateway as that of a host',
    shows: () => authority.another('one', { altNames: [{ type: 'dns', value: 'one' }] }),
    answer: 'closed',
  },
])('$who: $answer', async ({ shows, as, answer }) => {
  // A key that does not fit is refused by the client's own TLS already.
  const tried = await comes(await shows(), as).catch(() => ({ answer: 'closed' as const }));
  expect(tried.answer).toBe(answer);
  expect(broker.connections()).toBe(answer === 0 ? 1 : 0);
});

test('older TLS is not spoken', async () => {
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  expect((await comes(await authority.gateway('one'), 'gw-one', old)).answer).toBe('closed');
});

test('a gateway speaks for itself alone, with a key that is genuine', async () => {
  const { socket } = await comes(await authority.gateway('one'));
  socket.write(publishPacket('tiepoint/v1/one/birth', 'x'));
  await vi.waitFor(() => expect(heard).toEqual(['tiepoint/v1/one/birth']), waits);
  socket.write(publishPacket('tiepoint/v1/two/meter-1/status', 'x'));
  await vi.waitFor(() => expect(broker.connections()).toBe(0), waits);
  expect(heard).toEqual(['tiepoint/v1/one/birth']);
});

describe('a stolen key', () => {
  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'is worth nothing once its certificate is revoked: neither on its connection nor by a session resumed (%s)',
    async (version) => {
      const stolen = await authority.another('one');
      const tls = { minVersion: version, maxVersion: version };
      const first = await comes(stolen, 'gw-one', tls);
      expect(first.answer).toBe(0);
      await vi.waitFor(() => expect(first.ticket()).toBeDefined(), waits);
      // A session is resumed without a signature; who it is remains known.
      first.socket.destroy();
      const resumed = await comes(stolen, 'gw-one', { ...tls, session: first.ticket()! });
      expect([resumed.answer, resumed.socket.isSessionReused()]).toEqual([0, true]);
      revoked.add(stolen.serial);
      broker.recheck();
      await once(resumed.socket, 'close');
      expect((await comes(stolen, 'gw-one', { ...tls, session: first.ticket()! })).answer).toBe(5);
      expect((await comes(stolen, 'gw-one', tls)).answer).toBe(5);
      expect((await comes(await authority.gateway('one'))).answer).toBe(0);
    },
  );

  test('is worth nothing when its certificate is over, on a connection and by a session resumed', async () => {
    const brief = await seconds(2_500);
    const { answer, socket, ticket } = await comes(brief);
    expect(answer).toBe(0);
    await vi.waitFor(() => expect(ticket()).toBeDefined(), waits);
    await sleep(2_600);
    broker.recheck();
    await once(socket, 'close');
    expect((await comes(brief, 'gw-one', { session: ticket()! })).answer).toBe('closed');
  });
});

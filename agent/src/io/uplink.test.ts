import type { IClientOptions, MqttClient } from 'mqtt';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from './clock.ts';
import { strict } from './keys/gateway-identity.ts';
import { Uplink } from './uplink.ts';

const none = (): void => undefined;
const log = { debug: none, info: none, warn: none, error: none, child: () => log };
const birthTopic = { of: 'gateway', gatewayId: 'gw-1', message: 'birth' } as const;

/** How long the broker takes for each message's PUBACK, in turn; undefined: it never comes. */
let acknowledgesAfterMs: (number | undefined)[];
/** Of each connection that was made, whether it was ended by the agent. */
let connections: { ended: boolean }[];
let uplink: Uplink;

/** A broker that takes each connection and subscription, and what follows as the test has it. */
function connect(_url: string, _options: IClientOptions): MqttClient {
  const connection = { ended: false };
  connections.push(connection);
  const client = {
    on: (event: string, listener: () => void) => (event === 'connect' && setTimeout(listener, 10), client),
    once: () => client,
    removeAllListeners: () => client,
    subscribeAsync: async () => [],
    publish: (_topic: string, _payload: Buffer, _settings: object, done: (error?: Error) => void) => {
      const afterMs = acknowledgesAfterMs.shift();
      if (afterMs !== undefined) setTimeout(done, afterMs);
      return client;
    },
    end: () => ((connection.ended = true), client),
    endAsync: async () => undefined,
  };
  return client as unknown as MqttClient;
}

beforeEach(async () => {
  vi.useFakeTimers({ now: 1_790_000_000_000 });
  [acknowledgesAfterMs, connections] = [[], []];
  const key = { publicKeyDer: new Uint8Array(), sign: async () => new Uint8Array(), tls: { key: '' } };
  const tls = { key: '', cert: '', ca: '', ...strict };
  const identity = { gatewayId: 'gw-1', key, tls, notBeforeMs: 0, notAfterMs: Infinity, serial: '00' };
  uplink = new Uplink(
    'gw-1',
    { url: 'mqtts://broker', keepaliveS: 60, identity: '' },
    {
      clock: systemClock,
      random01: () => 0.5,
      unguessable32: () => 7,
      connect,
      readIdentity: () => ({ ok: true, identity }),
      gate: { open: () => undefined },
      log,
    },
  );
  uplink.start({ online: none, offline: none, message: none });
  await vi.advanceTimersByTimeAsync(10);
});
afterEach(async () => {
  const stopped = uplink.stop();
  await vi.runAllTimersAsync();
  await stopped;
  vi.useRealTimers();
});

/** `taken 12`, `not taken 15`: and after how many seconds that was known. */
async function publish(): Promise<string> {
  const beganMs = Date.now();
  const taken = await uplink.publish(birthTopic, new Uint8Array([1]), 'must');
  return `${taken ? 'taken' : 'not taken'} ${(Date.now() - beganMs) / 1_000}`;
}

/** So many messages, one every so often, each of which the broker acknowledges, or not. */
const cases: {
  name: string;
  sentEveryMs: number;
  acks: (number | undefined)[];
  outcomes: string[];
  /** After how many whole seconds the connection was ended. */
  endedAfterS: number | undefined;
}[] = [
  {
    name: 'all is well',
    sentEveryMs: 4_000,
    acks: [100, 100],
    outcomes: ['taken 0.1', 'taken 0.1'],
    endedAfterS: undefined,
  },
  {
    name: 'a slow broker keeps its connection',
    sentEveryMs: 20_000,
    acks: [14_000, 20_000, 24_000],
    outcomes: ['taken 14', 'not taken 15', 'not taken 15'],
    endedAfterS: undefined,
  },
  {
    name: 'one that leaves out every second keeps it as long as others come',
    sentEveryMs: 10_000,
    acks: [undefined, 100, undefined, 100, undefined, 100],
    outcomes: ['not taken 15', 'taken 0.1', 'not taken 15', 'taken 0.1', 'not taken 15', 'taken 0.1'],
    endedAfterS: 75,
  },
  {
    name: 'one that acknowledges nothing loses it, also where nothing more is said',
    sentEveryMs: 0,
    acks: [undefined],
    outcomes: ['not taken 15'],
    endedAfterS: 25,
  },
  {
    name: 'one that acknowledges nothing, where much is said',
    sentEveryMs: 4_000,
    acks: Array.from({ length: 7 }, () => undefined),
    outcomes: [
      ...Array.from({ length: 3 }, () => 'not taken 15'),
      'not taken 13',
      'not taken 9',
      'not taken 5',
      'not taken 1',
    ],
    endedAfterS: 25,
  },
  {
    name: 'one that acknowledges nothing any more',
    sentEveryMs: 1_000,
    acks: [100, 100, undefined],
    outcomes: ['taken 0.1', 'taken 0.1', 'not taken 15'],
    endedAfterS: 27,
  },
];

test.each(cases)('$name', async ({ sentEveryMs, acks, outcomes, endedAfterS }) => {
  acknowledgesAfterMs = [...acks];
  const beganMs = Date.now();
  const published = Array.from(acks, async (_, index) => {
    await new Promise((resolve) => setTimeout(resolve, index * sentEveryMs));
    return await publish();
  });
  let endedAtMs: number | undefined;
  while (Date.now() - beganMs < 100_000) {
    await vi.advanceTimersByTimeAsync(100);
    if (connections[0]?.ended === true) endedAtMs ??= Date.now();
  }
  expect(await Promise.all(published)).toEqual(outcomes);
  expect(endedAtMs === undefined ? undefined : Math.round((endedAtMs - beganMs) / 1_000)).toBe(endedAfterS);
  expect([connections.length, uplink.online]).toEqual([endedAfterS === undefined ? 1 : 2, true]);
});

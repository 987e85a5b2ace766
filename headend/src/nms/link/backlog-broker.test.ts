import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import type { TestIdentity } from '../../authority/testing/test-authority.ts';
import { connectPacket, publishPacket, rawConnect, subscribePacket } from './raw-client.ts';

let child: ChildProcess | undefined;
afterEach(() => {
  child?.kill('SIGKILL');
});

type Told = {
  port?: number;
  tool?: TestIdentity;
  gateways?: Record<string, TestIdentity>;
  received?: number;
  connections?: number;
};

const names = Array.from({ length: 100 }, (_, i) => `g${i}`);

async function ask(broker: ChildProcess): Promise<Told> {
  broker.send('how many');
  const [told] = (await once(broker, 'message', { signal: AbortSignal.timeout(2_000) })) as [Told];
  return told;
}

// With aedes 1.2.0 on its default options, and no connection guard, the consumer got 12,642 of the 40,000 messages in 10 s,
// and the process ended with "Maximum call stack size exceeded" in mqemitter as soon as the subscriber left.
test(
  'a subscriber that leaves a backlog of 40,000 messages behind takes nobody with it',
  { timeout: 30_000 },
  async () => {
    const errors: string[] = [];
    child = fork(new URL('./backlog-broker.ts', import.meta.url), names, {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const broker = child;
    broker.stderr?.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
    const died = once(broker, 'exit').then(() =>
      Promise.reject(new Error(`the broker's process ended: ${errors.join('')}`)),
    );
    died.catch(() => undefined); // also when it is ended at the end of the test
    const [{ port = 0, tool, gateways: identities = {} }] = (await Promise.race([once(broker, 'message'), died])) as [
      Told,
    ];

    const slow = await rawConnect(port, connectPacket('slow'), tool!);
    slow.socket.write(subscribePacket('tiepoint/#'));
    await sleep(50);
    const gateways = await Promise.all(
      names.map((name) => rawConnect(port, connectPacket(`gw-${name}`), identities[name]!)),
    );
    for (const [i, { socket }] of gateways.entries()) {
      const message = publishPacket(`tiepoint/v1/${names[i]}/meter-1/status`, Buffer.alloc(300));
      socket.write(Buffer.concat(Array.from({ length: 400 }, () => message)));
    }
    await vi.waitFor(async () => expect((await ask(broker)).received).toBe(40_000), { timeout: 10_000, interval: 50 });

    slow.socket.resetAndDestroy();
    await vi.waitFor(async () => expect((await ask(broker)).connections).toBe(names.length), {
      timeout: 5_000,
      interval: 20,
    });
    gateways[0]?.socket.write(publishPacket('tiepoint/v1/g0/birth', 'x'));
    await vi.waitFor(async () => expect((await ask(broker)).received).toBe(40_001), { timeout: 5_000, interval: 20 });
    for (const { socket } of gateways) socket.destroy();
    expect([broker.exitCode, errors]).toEqual([null, []]);
  },
);

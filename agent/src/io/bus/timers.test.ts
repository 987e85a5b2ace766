import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { Timers } from './timers.ts';

async function socketPair(): Promise<[Socket, Socket]> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const near = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [far] = (await once(server, 'connection')) as [Socket];
  onTestFinished(() => {
    near.destroy();
    far.destroy();
    server.close();
  });
  return [near, far];
}

/** As on a machine that gives this process no time. */
function stall(ms: number): void {
  for (const endMs = performance.now() + ms; performance.now() < endMs;);
}

test('what arrived during a stall is heard before a sleep ends, so that the line is not taken for silent', async () => {
  const [near, far] = await socketPair();
  let heard = false;
  near.on('data', () => (heard = true));
  const slept = new Timers({}).sleep(5);
  far.write('late');
  stall(20);
  await slept;
  expect(heard).toBe(true);
});

test.each(['before its time', 'after it'])('a timer that is ended %s does not run', async (when) => {
  let ran = 0;
  const turns: (() => void)[] = [];
  const timers = new Timers({
    setTimer: (run) => turns.push(run),
    clearTimer: () => void turns.splice(0),
    onceInputIsTaken: (run) => {
      turns.push(run);
      return () => void turns.splice(0);
    },
  });
  const end = timers.afterInput(5, () => (ran += 1));
  if (when === 'after it') turns.shift()?.();
  end();
  expect(turns).toEqual([]);
  timers.endAll();
  expect(ran).toBe(0);
});

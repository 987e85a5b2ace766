import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from './store.fixture.ts';

const program = fileURLToPath(new URL('../../main-warehouse-worker.ts', import.meta.url));

// One that stays would hold the file, and the next head-end would have no warehouse.
test.each([0, 150, 300, 450, 600])(
  'a head-end that dies after %i ms of the start leaves no worker behind',
  async (ms) => {
    const place = temporaryFolder();
    const settings = { folder: place.folder, memoryMb: 512, threads: 2, timeZone: 'UTC', keepDays: 1_000 };
    const worker = fork(program, [JSON.stringify(settings)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    try {
      const ended = once(worker, 'exit');
      await wait(ms);
      worker.disconnect();
      const in20s = new AbortController();
      const code = await Promise.race([ended, wait(20_000, ['still there'], { signal: in20s.signal })]);
      in20s.abort();
      expect(code[0]).toBe(0);
    } finally {
      worker.kill('SIGKILL');
      place.remove();
    }
  },
  30_000,
);

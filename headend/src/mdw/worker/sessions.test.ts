import { expect, onTestFinished, test } from 'vitest';
import type { WarehouseSession } from './module.ts';
import { temporaryFolder, testStore } from './store.fixture.ts';

const threadsOf = async (session: WarehouseSession): Promise<number> =>
  (await session.row<{ threads: number }>(`SELECT current_setting('threads')::INTEGER AS threads`)).threads;

test('on one thread, also for several at a time, and on all again, also after one failed', async () => {
  const { folder, remove } = temporaryFolder();
  const store = await testStore({ folder });
  onTestFinished(async () => {
    await store.stop();
    remove();
  });
  const { access } = store;
  const seen = await access.read(async (session) => {
    const before = await threadsOf(session);
    const within = await session.onOneThread(
      async () => await access.read(async (other) => await other.onOneThread(async () => await threadsOf(other))),
    );
    return { before, within, after: await threadsOf(session) };
  });
  expect(seen).toEqual({ before: 2, within: 1, after: 2 });
  const failing = access.write(
    async (session) => await session.onOneThread(async () => await session.run('SELECT * FROM nowhere')),
  );
  await expect(failing).rejects.toThrow('nowhere');
  expect(await access.read(threadsOf)).toBe(2);
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WarehouseProgress, WarehouseRequest } from '../warehouse-request.ts';
import type { WorkerSettings } from '../worker-message.ts';
import type { WarehouseAccess, WarehouseModule } from './module.ts';
import { startStore } from './warehouse-store.ts';

export type TestStore = {
  readonly folder: string;
  readonly access: WarehouseAccess;
  readonly says: string[];
  ask<Ask, Answer>(request: WarehouseRequest<Ask, Answer>, ask: Ask): Promise<Answer>;
  stop(): Promise<void>;
};

export type TestStoreOptions = Partial<WorkerSettings> & {
  readonly nowMs?: () => number;
  readonly modules?: readonly WarehouseModule[];
  readonly onProgress?: (progress: WarehouseProgress) => void;
};

export const temporaryFolder = (): { folder: string; remove: () => void } => {
  const above = mkdtempSync(join(tmpdir(), 'warehouse-'));
  return { folder: join(above, 'warehouse'), remove: () => rmSync(above, { recursive: true, force: true }) };
};

/** The warehouse in the test's own process. */
export async function testStore({
  nowMs = Date.now,
  modules = [],
  onProgress = () => undefined,
  ...settings
}: TestStoreOptions & { readonly folder: string }): Promise<TestStore> {
  const says: string[] = [];
  const store = await startStore(
    { memoryMb: 512, threads: 2, timeZone: 'America/Los_Angeles', keepDays: 1_000, ...settings },
    modules,
    {
      nowMs,
      log: (level, say) => void says.push(`${level}: ${say}`),
      onCondition: (id, say) => void says.push(`${id}: ${say ?? 'well'}`),
      onFatal: (say) => void says.push(`fatal: ${say}`),
    },
  );
  const handlers = new Map(store.requests.map((each) => [each.name, each]));
  return {
    folder: settings.folder,
    access: store.access,
    says,
    ask: async <Ask, Answer>(request: WarehouseRequest<Ask, Answer>, ask: Ask): Promise<Answer> => {
      const handler = handlers.get(request.name);
      if (handler === undefined) throw new Error(`nobody answers ${request.name}`);
      return (await handler.handle(ask as never, { warehouse: store.access, progress: onProgress })) as Answer;
    },
    stop: async () => await store.stop(),
  };
}

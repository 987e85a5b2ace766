import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Result } from '@tiepoint/protocol';
import { askMachineDoor } from './main-machine-door.ts';
import type { Settings } from './main-settings.ts';
import { startWarehouse } from './main-warehouse.ts';
import type { Asker, AskOptions, WarehouseProgress } from './mdw/warehouse-request.ts';

export type WarehouseByDoor = {
  readonly name: string;
  readonly repeatable: boolean;
  readonly ask: unknown;
  readonly withinMs: number;
};

type WarehouseSettings = Pick<Settings, 'data' | 'timeZone' | 'warehouse'>;

/** Of work that takes its time: files with millions of rows, copies of everything. */
const defaultWithinMs = 6 * 3_600_000;

/**
 * The warehouse of a data folder for who works beside the head-end: through the one that runs, for one process alone can have it, or else
 * opened here and closed again. `tell`: what is not well with it.
 */
export async function withWarehouse<T>(
  settings: WarehouseSettings,
  work: (ask: Asker) => Promise<T>,
  tell: (say: string) => void = () => undefined,
): Promise<T> {
  const { data } = settings;
  if (!existsSync(join(data, 'operations.db')))
    throw new Error(`${data} is no data folder of a head-end: name it with --data`);
  const byDoor: Asker = async (request, ask, options = {}) =>
    (await throughDoor(data, { name: request.name, repeatable: request.repeatable, ask }, options)) ?? gone(data);
  const running = await throughDoor(data, { name: 'mdw.number-meters', repeatable: true, ask: [] }, {});
  if (running !== undefined) return await work(byDoor);
  const warehouse = startWarehouse(
    settings,
    { set: (_id, say) => void (say !== undefined && tell(say)) },
    { info: () => undefined, warn: (_fields, say) => tell(say) },
  );
  try {
    return await work(
      async (request, ask, options = {}) =>
        await warehouse.ask(request, ask, { withinMs: defaultWithinMs, ...options }),
    );
  } finally {
    await warehouse.stop();
  }
}

async function throughDoor<Answer>(
  data: string,
  asked: Omit<WarehouseByDoor, 'withinMs'>,
  { withinMs = defaultWithinMs, onProgress }: AskOptions,
): Promise<Result<Answer> | undefined> {
  return await askMachineDoor<Result<Answer>>(data, { to: 'warehouse', request: { ...asked, withinMs } }, (progress) =>
    onProgress?.(progress as WarehouseProgress),
  );
}

function gone(data: string): never {
  throw new Error(`the head-end of ${data} has ended: start again what was to be done`);
}

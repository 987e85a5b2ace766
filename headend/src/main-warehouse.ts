import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Settings } from './main-settings.ts';
import { WarehouseProcess } from './mdw/warehouse-process.ts';
import type { LinkLog } from './nms/link/link.ts';
import type { Conditions } from './store/conditions.ts';

const program = fileURLToPath(new URL('main-warehouse-worker.ts', import.meta.url));

/** The warehouse of a data folder, started without waiting for it; one process at a time can have it. */
export function startWarehouse(
  { data, timeZone, warehouse }: Pick<Settings, 'data' | 'timeZone' | 'warehouse'>,
  conditions: Pick<Conditions, 'set'>,
  log: LinkLog,
): WarehouseProcess {
  const started = new WarehouseProcess({
    program,
    settings: { ...warehouse, timeZone, folder: join(data, 'warehouse') },
    onCondition: (id, say) => conditions.set(id, say),
    log: (level, say) => log[level]({}, say),
  });
  started.start();
  return started;
}

import type { WarehouseModule } from '../../mdw/worker/module.ts';
import { answers } from '../../mdw/worker/module.ts';
import { runLoadEngine, tellTopology } from '../requests.ts';
import { runLoad } from '../run/load-run.ts';
import { recordTopology } from './record-topology.ts';
import { tlmMigrations } from './tables.ts';

/** What the load engine has the warehouse's worker do. */
export const tlmModule: WarehouseModule = {
  name: 'tlm',
  migrations: tlmMigrations,
  requests: [
    answers(tellTopology, async (update, { warehouse }) => {
      await warehouse.write(async (session) => await recordTopology(session, update));
    }),
    answers(runLoadEngine, async (settings, { warehouse, progress }) => await runLoad(warehouse, settings, progress)),
  ],
};

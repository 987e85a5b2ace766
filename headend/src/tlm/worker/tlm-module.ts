import type { WarehouseModule } from '../../mdw/worker/module.ts';
import { answers } from '../../mdw/worker/module.ts';
import { runLoadEngine, tellTopology } from '../requests.ts';
import { elementHours, loadElements, loadStatus, noteNetworkRevision } from '../results/load-results.ts';
import { findElements, hoursOf, noteRevision, statusOf } from '../results/read-results.ts';
import { runLoad } from '../run/load-run.ts';
import { durationOf, energyOf, profileOf } from '../results/read-shape.ts';
import { elementDuration, elementEnergy, elementProfile } from '../results/shape-results.ts';
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
    answers(loadElements, async (asked, { warehouse }) => await warehouse.read((each) => findElements(each, asked))),
    answers(elementHours, async (asked, { warehouse }) => await warehouse.read((each) => hoursOf(each, asked))),
    answers(elementDuration, async (asked, { warehouse }) => await warehouse.read((each) => durationOf(each, asked))),
    answers(
      elementProfile,
      async (asked, { warehouse }) => await warehouse.read((each) => profileOf(each, asked, warehouse.timeZone)),
    ),
    answers(elementEnergy, async (asked, { warehouse }) => await warehouse.read((each) => energyOf(each, asked))),
    answers(
      loadStatus,
      async (_asked, { warehouse }) => await warehouse.read((each) => statusOf(each, warehouse.timeZone)),
    ),
    answers(noteNetworkRevision, async ({ revision }, { warehouse }) => {
      await warehouse.write((session) => noteRevision(session, revision));
    }),
  ],
};

import type { WarehouseAccess, WarehouseModule } from '../../mdw/worker/module.ts';
import { answers } from '../../mdw/worker/module.ts';
import { ageingList, runTransformerAgeing, tellAmbient, transformerAgeing } from '../ageing/ageing-results.ts';
import { runAgeing } from '../ageing/ageing-run.ts';
import { ageingListOf, ageingOf, keepAmbient } from '../ageing/read-ageing.ts';
import { loadClues } from '../clues/clue-results.ts';
import { findClues } from '../clues/find-clues.ts';
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
      await inTurn(
        warehouse,
        async () => await warehouse.write(async (session) => await recordTopology(session, update)),
      );
    }),
    answers(
      runLoadEngine,
      async (settings, { warehouse, progress }) =>
        await inTurn(warehouse, async () => await runLoad(warehouse, settings, progress)),
    ),
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
    answers(
      runTransformerAgeing,
      async (settings, { warehouse, progress }) =>
        await inTurn(warehouse, async () => await runAgeing(warehouse, settings, progress)),
    ),
    answers(
      tellAmbient,
      async (hours, { warehouse }) =>
        await inTurn(warehouse, async () => await warehouse.write((each) => keepAmbient(each, hours))),
    ),
    answers(transformerAgeing, async (asked, { warehouse }) => await warehouse.read((each) => ageingOf(each, asked))),
    answers(ageingList, async (asked, { warehouse }) => await warehouse.read((each) => ageingListOf(each, asked))),
    answers(loadClues, async (asked, { warehouse }) => await warehouse.read((each) => findClues(each, asked))),
    answers(noteNetworkRevision, async ({ revision }, { warehouse }) => {
      await warehouse.write((session) => noteRevision(session, revision));
    }),
  ],
};

const turns = new WeakMap<WarehouseAccess, Promise<unknown>>();

/** The head-end by itself and people by command ask for runs; two of them at once would write the same hours. */
async function inTurn<T>(warehouse: WarehouseAccess, work: () => Promise<T>): Promise<T> {
  const mine = (turns.get(warehouse) ?? Promise.resolve()).then(work);
  turns.set(
    warehouse,
    mine.catch(() => undefined),
  );
  return await mine;
}

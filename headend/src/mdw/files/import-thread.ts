import { workerData } from 'node:worker_threads';
import type { Result } from '@tiepoint/protocol';
import { AsidePort } from '../../network/importing/aside-port.ts';
import type { WarehouseRequest } from '../warehouse-request.ts';
import type { AskedByThread, ImportAsked } from './import-aside.ts';
import { importIntervals } from './import-intervals.ts';
import type { IntervalImported } from './import-intervals.ts';

/** The thread in which a file is read: started by `import-aside.ts`, which carries its questions to the warehouse. */
const port = new AsidePort<AskedByThread, IntervalImported>();
const done = await importIntervals(
  async <Ask, Answer>({ name, repeatable }: WarehouseRequest<Ask, Answer>, ask: Ask) =>
    (await port.ask({ to: 'warehouse', request: { name, repeatable }, ask })) as Result<Answer>,
  {
    ...(workerData as ImportAsked),
    progress: port.progress,
    record: async (say) => (await port.ask({ to: 'record', say })) as { ok: true } | { ok: false; say: string },
  },
);
port.done(done);

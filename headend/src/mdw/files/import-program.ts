import type { Result } from '@tiepoint/protocol';
import { runAside } from '../../network/importing/aside-port.ts';
import type { WarehouseRequest } from '../warehouse-request.ts';
import type { AskedAside, ImportAsked } from './import-aside.ts';
import { importIntervals } from './import-intervals.ts';
import type { IntervalImported } from './import-intervals.ts';

/** The process in which a file is read: started by `import-aside.ts`, which carries its questions to the warehouse. */
await runAside<ImportAsked, AskedAside, IntervalImported>(
  async (given, port) =>
    await importIntervals(
      async <Ask, Answer>({ name, repeatable }: WarehouseRequest<Ask, Answer>, ask: Ask) =>
        (await port.ask({ to: 'warehouse', request: { name, repeatable }, ask })) as Result<Answer>,
      {
        ...given,
        progress: (at) => port.progress(at),
        record: async (say) => (await port.ask({ to: 'record', say })) as { ok: true } | { ok: false; say: string },
      },
    ),
);

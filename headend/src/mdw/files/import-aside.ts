import { importAside } from '../../network/importing/aside.ts';
import type { Asker, WarehouseRequest } from '../warehouse-request.ts';
import type { IntervalImport, IntervalImported } from './import-intervals.ts';

export type ImportAsked = Omit<IntervalImport, 'progress' | 'record'>;
export type AskedAside =
  | { readonly to: 'warehouse'; readonly request: WarehouseRequest<unknown, unknown>; readonly ask: unknown }
  | { readonly to: 'record'; readonly say: string };

/** Imports in a process of its own. Findings are the first 200 errors, then the first 200 others. Throws Error where it does not come to an end. */
export async function importIntervalsAside(
  ask: Asker,
  { record, progress, ...asked }: IntervalImport,
): Promise<IntervalImported> {
  return await importAside<ImportAsked, AskedAside, IntervalImported>(
    new URL('import-program.ts', import.meta.url),
    asked,
    {
      progress,
      answer: async (question) =>
        question.to === 'record' ? await record(question.say) : await ask(question.request, question.ask),
    },
  );
}

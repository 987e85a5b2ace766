import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importAside } from '../../network/importing/aside.ts';
import type { Asker, WarehouseRequest } from '../warehouse-request.ts';
import type { IntervalImport, IntervalImported } from './import-intervals.ts';

export type ImportAsked = Omit<IntervalImport, 'progress' | 'record'>;
export type AskedAside =
  | { readonly to: 'warehouse'; readonly request: WarehouseRequest<unknown, unknown>; readonly ask: unknown }
  | { readonly to: 'record'; readonly say: string };

/** As it was posted: Parquet is bytes. */
export type PostedIntervals = Omit<IntervalImport, 'content'> & { readonly content: string | Uint8Array };

/** Imports in a process of its own. Findings are the first 200 errors, then the first 200 others. Throws Error where it does not come to an end. */
export async function importIntervalsAside(
  ask: Asker,
  { content, ...asked }: PostedIntervals,
): Promise<IntervalImported> {
  if (typeof content === 'string') return await importedAside(ask, { ...asked, content });
  // Here and not there: that process may be ended at any time.
  const folder = await mkdtemp(join(tmpdir(), 'tiepoint-intervals-'));
  try {
    const parquet = join(folder, 'posted.parquet');
    await writeFile(parquet, content, { mode: 0o600 });
    return await importedAside(ask, { ...asked, content: { parquet } });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function importedAside(ask: Asker, { record, progress, ...asked }: IntervalImport): Promise<IntervalImported> {
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

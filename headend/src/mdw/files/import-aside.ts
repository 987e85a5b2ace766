import { Worker } from 'node:worker_threads';
import type { Asker, WarehouseRequest } from '../warehouse-request.ts';
import type { ImportProgress, IntervalImport, IntervalImported } from './import-intervals.ts';

export type ImportAsked = Omit<IntervalImport, 'progress' | 'record'>;
export type AskedByThread =
  | { readonly to: 'warehouse'; readonly request: WarehouseRequest<unknown, unknown>; readonly ask: unknown }
  | { readonly to: 'record'; readonly say: string };
export type FromThread =
  | (AskedByThread & { readonly id: number })
  | { readonly progress: ImportProgress }
  | { readonly done: IntervalImported };

/** Files that take longer to understand are not what they seem; landing is bounded by the warehouse's own answers. */
const readWithinMs = 120_000;
const mostMemoryMb = 1_536;

/**
 * Imports in a thread of its own: a file of some megabytes takes seconds to read, in which the head-end would hear no gateway and send no command.
 * Findings are the first 200 errors, then the first 200 others. Throws Error where the thread does not come to an end.
 */
export async function importIntervalsAside(
  ask: Asker,
  { record, progress, ...asked }: IntervalImport,
): Promise<IntervalImported> {
  const thread = new Worker(new URL('import-thread.ts', import.meta.url), {
    workerData: asked,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: mostMemoryMb },
  });
  let timer: NodeJS.Timeout | undefined;
  const answered = async (question: AskedByThread): Promise<unknown> =>
    question.to === 'record' ? await record(question.say) : await ask(question.request, question.ask);
  try {
    return await new Promise((resolve, reject) => {
      timer = setTimeout(
        () => reject(new Error(`the file is not understood within ${readWithinMs / 1_000} s: split it`)),
        readWithinMs,
      );
      thread.on('message', (message: FromThread) => {
        if ('progress' in message) return progress(message.progress);
        clearTimeout(timer);
        if ('done' in message) return resolve(message.done);
        void answered(message).then((answer) => thread.postMessage({ id: message.id, answer }), reject);
      });
      thread.on('error', (error) => reject(new Error(faultOf(error), { cause: error })));
      thread.on('exit', () => reject(new Error('the thread that reads the file has ended')));
    });
  } finally {
    clearTimeout(timer);
    await thread.terminate();
  }
}

function faultOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY')
    return `the file takes more than ${mostMemoryMb} MB of memory to read: split it`;
  return error instanceof Error ? error.message : String(error);
}

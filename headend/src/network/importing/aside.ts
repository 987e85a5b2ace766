import { Worker } from 'node:worker_threads';

/** How far an import is; nothing is counted before its files are understood. */
export type ImportProgress = {
  readonly state: 'reading' | 'checking' | 'landing';
  readonly done: number;
  readonly total: number;
};

/** What a thread that imports says: it asks, tells how far it is, and in the end what became of it. */
export type FromThread<Question, Done> =
  | { readonly id: number; readonly question: Question }
  | { readonly progress: ImportProgress }
  | { readonly done: Done };
export type ToThread = { readonly id: number; readonly answer: unknown };

/** Files that take longer to understand are not what they seem; what a thread asks is bounded by those who answer. */
const readWithinMs = 120_000;
const mostMemoryMb = 1_536;

/**
 * Imports in a thread of its own: files of some megabytes take seconds to read, in which the head-end would hear no gateway and send no
 * command. Throws Error where the thread does not come to an end.
 */
export async function importAside<Question, Done>(
  program: URL,
  workerData: object,
  heard: {
    readonly progress: (at: ImportProgress) => void;
    readonly answer: (question: Question) => Promise<unknown>;
  },
): Promise<Done> {
  const thread = new Worker(program, {
    workerData,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: mostMemoryMb },
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise((resolve, reject) => {
      timer = setTimeout(
        () => reject(new Error(`it is not understood within ${readWithinMs / 1_000} s: split it`)),
        readWithinMs,
      );
      thread.on('message', (message: FromThread<Question, Done>) => {
        if ('progress' in message) return heard.progress(message.progress);
        clearTimeout(timer);
        if ('done' in message) return resolve(message.done);
        const { id, question } = message;
        void heard.answer(question).then((answer) => thread.postMessage({ id, answer } satisfies ToThread), reject);
      });
      thread.on('error', (error) => reject(new Error(faultOf(error), { cause: error })));
      thread.on('exit', () => reject(new Error('the thread that reads it has ended')));
    });
  } finally {
    clearTimeout(timer);
    await thread.terminate();
  }
}

function faultOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY')
    return `it takes more than ${mostMemoryMb} MB of memory to read: split it`;
  return error instanceof Error ? error.message : String(error);
}

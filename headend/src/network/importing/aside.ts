import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { deserialize } from 'node:v8';

/** How far an import is; nothing is counted before its files are understood. */
export type ImportProgress = {
  readonly state: 'reading' | 'checking' | 'landing';
  readonly done: number;
  readonly total: number;
};

/** What a process that imports says: it asks, tells how far it is, and in the end what became of it, or why nothing. */
export type FromAside<Question, Done> =
  | { readonly id: number; readonly question: Question }
  | { readonly progress: ImportProgress }
  | { readonly done: Done }
  | { readonly fault: string };
export type ToAside<Given> = { readonly given: Given } | { readonly id: number; readonly answer: unknown };

/** Files that take longer to understand are not what they seem; what a process asks is bounded by those who answer. */
const usual = { readWithinMs: 120_000, mostMemoryMb: 1_536 };

/**
 * Imports in a process of its own: files of some megabytes take seconds to read, in which the head-end would hear no gateway and send no
 * command. No thread: one that runs out of memory in a single step takes the whole process with it. Throws Error where it does not come to
 * an end.
 */
export async function importAside<Given, Question, Done>(
  program: URL,
  given: Given,
  heard: {
    readonly progress: (at: ImportProgress) => void;
    readonly answer: (question: Question) => Promise<unknown>;
  },
  { readWithinMs, mostMemoryMb } = usual,
): Promise<Done> {
  const child = fork(fileURLToPath(program), [], {
    serialization: 'advanced',
    execArgv: [`--max-old-space-size=${mostMemoryMb}`],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  // One that is gone is heard of by its end.
  const tell = (message: ToAside<Given>): void => void child.send(message, () => undefined);
  let timer: NodeJS.Timeout | undefined;
  /** Questions that are not answered yet. */
  let open = 0;
  try {
    return await new Promise((resolve, reject) => {
      const wait = (): void => {
        const late = (): void => reject(new Error(`it is not understood within ${readWithinMs / 1_000} s: split it`));
        if (open === 0) timer = setTimeout(late, readWithinMs).unref();
      };
      child.on('message', (bytes: Uint8Array) => {
        const message = deserialize(bytes) as FromAside<Question, Done>;
        if ('progress' in message) return heard.progress(message.progress);
        clearTimeout(timer);
        if ('done' in message) return resolve(message.done);
        if ('fault' in message) return reject(new Error(message.fault));
        const { id, question } = message;
        open += 1;
        void heard.answer(question).then((answer) => {
          open -= 1;
          tell({ id, answer });
          wait();
        }, reject);
      });
      child.on('error', (error) => reject(new Error(`the process that reads it: ${error.message}`, { cause: error })));
      child.once('exit', (code, signal) => reject(new Error(endWords(mostMemoryMb, code, signal))));
      tell({ given });
      wait();
    });
  } finally {
    clearTimeout(timer);
    child.kill('SIGKILL');
  }
}

/** By these V8, `aside-watch.ts` or the system ends a process that has no memory left. */
const outOfMemory: readonly unknown[] = ['SIGABRT', 'SIGTRAP', 'SIGILL', 'SIGKILL'];

function endWords(mostMemoryMb: number, code: number | null, signal: NodeJS.Signals | null): string {
  if (outOfMemory.includes(signal)) return `it takes more than ${mostMemoryMb} MB of memory to read: split it`;
  return `the process that reads it has ended (${signal ?? `code ${code ?? 0}`})`;
}

import { constants, setPriority } from 'node:os';
import { getHeapStatistics, serialize } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { Finding } from '../model/finding.ts';
import type { FromAside, ImportProgress, ToAside } from './aside.ts';

const toldOfEach = 200;
/** Names in a file may be of megabytes, and are said again in each of its faults. */
const longestSay = 500;
/** The head-end keeps in memory what it is told. */
const mostSaidBytes = 512 * 1024 * 1024;

/** Of the program itself, and what is not JavaScript's. */
const besideHeapBytes = 1024 * 1024 * 1024;

/** What the process asks, and how far it is. */
export type AsidePort<Question> = {
  ask(question: Question): Promise<unknown>;
  progress(at: ImportProgress): void;
};

/** The other side of `aside.ts`: takes what it is given, does the work, says what became of it, and ends. */
export async function runAside<Given, Question, Done extends { readonly findings: readonly Finding[] }>(
  work: (given: Given, port: AsidePort<Question>) => Promise<Done>,
): Promise<void> {
  const waiting = new Map<number, (answer: unknown) => void>();
  const say = (message: FromAside<Question, Done>, ended?: () => void): void => {
    if (process.send === undefined) throw new Error('this is a process of the head-end, and no program of its own');
    const bytes = serialize(message);
    if (bytes.length > mostSaidBytes)
      throw new Error(`what is in it takes more than ${mostSaidBytes / 1_048_576} MB to record: split it`);
    process.send(bytes, undefined, undefined, ended);
  };
  // Gateways are heard and commands sent meanwhile, also where there is but one processor.
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  const end = (): void => process.exit();
  process.on('disconnect', end);
  // Deep in a file it hears of no end.
  const mostBytes = getHeapStatistics().heap_size_limit + besideHeapBytes;
  new Worker(new URL('aside-watch.ts', import.meta.url), { workerData: { mostBytes } }).unref();
  const given = new Promise<Given>((resolve) => {
    process.on('message', (message: ToAside<Given>) => {
      if ('given' in message) return resolve(message.given);
      waiting.get(message.id)?.(message.answer);
      waiting.delete(message.id);
    });
  });
  let lastId = 0;
  const ask = async (question: Question): Promise<unknown> =>
    await new Promise((resolve, reject) => {
      const id = (lastId += 1);
      waiting.set(id, resolve);
      try {
        say({ id, question });
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
  try {
    const done = await work(await given, { ask, progress: (progress) => say({ progress }) });
    say({ done: { ...done, findings: toldOf(done.findings) } }, end);
  } catch (error) {
    say({ fault: (error instanceof Error ? error.message : String(error)).slice(0, longestSay) }, end);
  }
}

/** Of millions of lines at fault the first are enough: 200 errors, and 200 others. */
function toldOf(findings: readonly Finding[]): readonly Finding[] {
  return [true, false].flatMap((isError) =>
    findings
      .filter(({ severity }) => (severity === 'error') === isError)
      .slice(0, toldOfEach)
      .map(({ severity, code, say, place }) => ({
        severity,
        code,
        say: say.length > longestSay ? `${say.slice(0, longestSay)}…` : say,
        ...(place === undefined ? {} : { place }),
      })),
  );
}

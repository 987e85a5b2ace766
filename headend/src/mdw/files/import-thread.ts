import { parentPort, workerData } from 'node:worker_threads';
import type { Result } from '@tiepoint/protocol';
import type { WarehouseRequest } from '../warehouse-request.ts';
import type { AskedByThread, FromThread, ImportAsked } from './import-aside.ts';
import { importIntervals } from './import-intervals.ts';

/** The thread in which a file is read: started by `import-aside.ts`, which carries its questions to the warehouse. */
const port = parentPort;
if (port === null) throw new Error('this is a thread of the head-end, and no program of its own');
const waiting = new Map<number, (answer: unknown) => void>();
let lastId = 0;

async function asked(question: AskedByThread): Promise<unknown> {
  lastId += 1;
  const id = lastId;
  return await new Promise((resolve) => {
    waiting.set(id, resolve);
    say({ id, ...question });
  });
}

function say(message: FromThread): void {
  port?.postMessage(message);
}

port.on('message', ({ id, answer }: { id: number; answer: unknown }) => {
  waiting.get(id)?.(answer);
  waiting.delete(id);
});
const done = await importIntervals(
  async <Ask, Answer>({ name, repeatable }: WarehouseRequest<Ask, Answer>, ask: Ask) =>
    (await asked({ to: 'warehouse', request: { name, repeatable }, ask })) as Result<Answer>,
  {
    ...(workerData as ImportAsked),
    progress: (at) => say({ progress: at }),
    record: async (what) => (await asked({ to: 'record', say: what })) as { ok: true } | { ok: false; say: string },
  },
);
// Of millions of lines at fault the first are enough.
const [errors, others] = [true, false].map((isError) =>
  done.findings.filter(({ severity }) => (severity === 'error') === isError).slice(0, 200),
);
say({ done: { ...done, findings: [...(errors ?? []), ...(others ?? [])] } });
port.close();

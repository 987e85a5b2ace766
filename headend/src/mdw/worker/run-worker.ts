import { Refusal } from '../warehouse-request.ts';
import type { FromWorker, ToWorker, WorkerSettings } from '../worker-message.ts';
import type { RequestHandler, WarehouseModule } from './module.ts';
import { startStore } from './warehouse-store.ts';
import type { WarehouseStore } from './warehouse-store.ts';

/**
 * The life of the worker process: opens the warehouse, answers until it is told to stop or whoever started it is gone, and ends. Settings
 * are its first argument, as JSON.
 */
export async function runWorker(modules: readonly WarehouseModule[]): Promise<void> {
  const settings = JSON.parse(process.argv[2] ?? '{}') as WorkerSettings;
  // A terminal's Ctrl-C goes to everybody; the order of ending is the head-end's.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
  let store: WarehouseStore;
  try {
    store = await startStore(settings, modules, {
      nowMs: Date.now,
      log: (level, say) => tell({ kind: 'log', level, say }),
      onCondition: (id, say) => tell({ kind: 'condition', id, ...(say === undefined ? {} : { say }) }),
      onFatal: (say) => tell({ kind: 'log', level: 'warn', say }, () => process.exit(1)),
    });
  } catch (error) {
    tell({ kind: 'failed', say: text(error) }, () => process.exit(1));
    return;
  }
  const running = new Set<Promise<void>>();
  let ending = false;
  const end = (): void => {
    if (ending) return;
    ending = true;
    void Promise.all(running)
      .then(async () => await store.stop())
      .then(
        () => process.exit(0),
        () => process.exit(1),
      );
  };
  const handlers = new Map(store.requests.map((each) => [each.name, each]));
  process.on('disconnect', end);
  process.on('message', (message: ToWorker) => {
    if (message.kind === 'stop') return end();
    const answered = answer(message, handlers.get(message.name), store).finally(() => running.delete(answered));
    running.add(answered);
  });
  // It may have gone while the warehouse was opened, when nobody listened for it yet.
  if (!process.connected) end();
  tell({ kind: 'ready' });
}

async function answer(
  { id, name, ask }: Extract<ToWorker, { kind: 'ask' }>,
  handler: RequestHandler | undefined,
  { access }: WarehouseStore,
): Promise<void> {
  try {
    if (handler === undefined) throw new Refusal('unknown-command', `the warehouse knows no ${name}`);
    const progress = (each: Extract<FromWorker, { kind: 'progress' }>['progress']): void =>
      tell({ kind: 'progress', id, progress: each });
    const value = await handler.handle(ask as never, { warehouse: access, progress });
    tell({ kind: 'answer', id, ok: true, value });
  } catch (error) {
    const reason = error instanceof Refusal ? error.reason : 'fault';
    tell({ kind: 'answer', id, ok: false, reason, say: text(error) });
  }
}

function tell(message: FromWorker, told?: () => void): void {
  // Who does not listen any more has gone; the end is on its way then.
  if (process.connected) process.send?.(message, () => told?.());
  else told?.();
}

const text = (error: unknown): string => (error instanceof Error ? error.message : String(error));

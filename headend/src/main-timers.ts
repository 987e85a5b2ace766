import type { ApiParts } from './api/parts.ts';
import { clockMoved } from './main-clock.ts';
import type { HeadendLog } from './main-headend.ts';
import type { ClockWatch } from './nms/clock-watch.ts';
import { ConditionEvents } from './store/condition-events.ts';
import { isDiskFault } from './store/disk-fault.ts';

const tickMs = 500;
const streamMs = 1_000;
const heartbeatMs = 5_000;
const sessionMs = 5_000;
const diskMs = 5_000;
const devicesPerRollUp = 200;
const writesPerTick = 4;

/** What a running head-end looks after by itself, again and again; a fault in it is told, and ends nothing. */
export function startTimers(
  {
    fleet,
    router,
    approvals,
    keyDesk,
    tagLists,
    trustLists,
    writer,
    store,
    conditions,
    hub,
    people,
    modes,
    reads,
    link,
    now,
  }: ApiParts,
  clock: ClockWatch,
  log: HeadendLog,
): readonly NodeJS.Timeout[] {
  const guarded =
    (what: string, work: () => void): (() => void) =>
    () => {
      try {
        work();
      } catch (error) {
        log.error({ err: error }, `${what} failed; it is tried again`);
      }
    };
  const conditionEvents = new ConditionEvents();
  const watch = guarded('watching the fleet', () => {
    clock.look();
    fleet.sweep(link.stats().state === 'up');
    router.tick();
    approvals.tick();
    conditions.set('command-key', keyDesk.tick());
    trustLists.tick();
    tagLists.tick();
    for (const event of conditionEvents.look(conditions, now())) writer.event(event);
    modes.tick();
    reads.tick();
  });
  const write = guarded('writing to the store', () => {
    for (let writes = 1; writer.flush() && writes < writesPerTick;) writes += 1;
    const mayForget = clock.mayForget();
    conditions.set('clock', mayForget ? undefined : clockMoved);
    conditions.set('telemetry-disk', writer.failure ?? (mayForget ? rolledUp(store.telemetry, now()) : undefined));
  });
  return [
    setInterval(watch, tickMs),
    setInterval(
      guarded('looking at the disk', () => store.lookAgain()),
      diskMs,
    ),
    setInterval(
      guarded('watching the sessions', () => people.sessions.sweep()),
      sessionMs,
    ),
    setInterval(write, tickMs),
    setInterval(
      guarded('the live stream', () => hub.tick()),
      streamMs,
    ),
    setInterval(
      guarded('the live stream', () => hub.heartbeat()),
      heartbeatMs,
    ),
  ];
}

/** Why it could not be done; undefined: it was. */
function rolledUp(telemetry: ApiParts['store']['telemetry'], nowMs: number): string | undefined {
  try {
    telemetry.rollUp(nowMs, devicesPerRollUp);
    return undefined;
  } catch (error) {
    if (!isDiskFault(error)) throw error;
    return `History cannot be condensed (${error instanceof Error ? error.message : String(error)}): is the disk full or read-only?`;
  }
}

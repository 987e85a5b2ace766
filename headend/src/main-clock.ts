import type { ClockBeacon } from './nms/clock-beacon.ts';
import { ClockWatch } from './nms/clock-watch.ts';
import type { CommandRouter } from './nms/command-router.ts';
import type { Fleet } from './nms/fleet.ts';
import type { TelemetryStore } from './store/store.ts';

/** Who hears that this head-end's clock was set, in the order in which it matters. */
export function clockWatch(
  telemetry: TelemetryStore,
  { fleet, router, beacon }: { fleet: Fleet; router: CommandRouter; beacon: ClockBeacon },
  now: () => number,
): ClockWatch {
  return new ClockWatch({
    lastKnownMs: lastKnownMs(telemetry),
    now,
    monotonicMs: () => performance.now(),
    onSet: (byMs) => {
      fleet.clockSet(byMs);
      router.clockSet(byMs);
      beacon.start();
    },
  });
}

export const clockMoved =
  'The clock of this head-end moved by days, or it was away for long: nothing of history is condensed or forgotten for a day. Is the clock right?';

function lastKnownMs(telemetry: TelemetryStore): number {
  const births = telemetry.gateways().map(({ bornAtMs }) => bornAtMs);
  const statuses = telemetry.devices().map(({ lastStatus }) => lastStatus?.receivedAtMs ?? 0);
  return [...births, ...statuses].reduce((newest, atMs) => Math.max(newest, atMs), 0);
}

import { randomUUID } from 'node:crypto';
import type { LiveNetwork } from './network/live-network.ts';
import { metersOfPlace } from './network/place-meters.ts';
import { MeterDirectory } from './nms/meter-directory.ts';
import type { Fleet } from './nms/fleet.ts';
import { OnDemandReads } from './nms/reads/on-demand-reads.ts';
import type { MetersOfPlace, ReadPlace } from './nms/reads/on-demand-reads.ts';
import { ReadExchange } from './nms/reads/read-exchange.ts';
import type { Register } from './nms/provisioning/register.ts';

/** What is asked of meters, and which device each of them is. */
export type Reads = { meters: MeterDirectory; exchange: ReadExchange; onDemand: OnDemandReads; tick(): void };

/** A report of longer ago says nothing of now. */
const reportAgeMs = 3_600_000;

type Parts = {
  publish: (topic: string, payload: Uint8Array) => void;
  fleet: () => Fleet;
  register: () => Register;
  network: LiveNetwork;
  now: () => number;
};

export function readsOf({ publish, fleet, register, network, now }: Parts): Reads {
  const monotonicMs = (): number => performance.now();
  const meters = new MeterDirectory({
    twins: () => fleet().twins(),
    orderedSerial: (key) => register().of('device').get(key)?.serialNumber,
  });
  const exchange = new ReadExchange({ publish, now, monotonicMs, newId: () => randomUUID().slice(0, 18) });
  const onDemand = new OnDemandReads({
    exchange,
    metersOf: (place, atMs) => metersAt(network, meters, place, atMs),
    online: (gatewayId) => fleet().gateway(gatewayId)?.online === true,
    expected: async (names) => await Promise.resolve(lastReports(fleet(), meters, names, now())),
    now,
    monotonicMs,
    newId: randomUUID,
  });
  return {
    meters,
    exchange,
    onDemand,
    tick: () => {
      exchange.tick();
      onDemand.tick();
    },
  };
}

function metersAt(
  network: LiveNetwork,
  directory: MeterDirectory,
  { kind, id }: ReadPlace,
  atMs: number,
): MetersOfPlace | undefined {
  const found = metersOfPlace(network.at(atMs), kind, id);
  if (found === undefined) return undefined;
  const { title, usagePoints, supply } = found;
  return {
    title,
    supply,
    meters: usagePoints.map(({ id: point, meter }) => ({
      name: meter ?? point,
      deviceKey: meter === undefined ? undefined : directory.deviceOf(meter),
    })),
  };
}

/** What was reported last, of meters that reported lately. */
function lastReports(
  fleet: Fleet,
  directory: MeterDirectory,
  names: readonly string[],
  nowMs: number,
): ReadonlyMap<string, number> {
  const known = new Map<string, number>();
  for (const name of names) {
    const key = directory.deviceOf(name);
    const { status, heardAtMs } = (key === undefined ? undefined : fleet.twin(key)) ?? {};
    if (status?.kind !== 'meter' || status.activePowerW === undefined) continue;
    if (heardAtMs !== undefined && nowMs - heardAtMs < reportAgeMs) known.set(name, status.activePowerW);
  }
  return known;
}

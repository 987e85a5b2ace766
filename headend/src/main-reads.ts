import { randomUUID } from 'node:crypto';
import type { Settings } from './main-settings.ts';
import { BlockLanding } from './mdw/block-landing.ts';
import { findGaps } from './mdw/completeness-requests.ts';
import { expectedPowers } from './mdw/expectation-request.ts';
import { NightlyEstimate } from './mdw/nightly-estimate.ts';
import type { Warehouse } from './mdw/warehouse.ts';
import type { LiveNetwork } from './network/live-network.ts';
import { metersOfPlace } from './network/place-meters.ts';
import { MeterDirectory } from './nms/meter-directory.ts';
import type { Fleet } from './nms/fleet.ts';
import { NightSchedule } from './nms/reads/night-schedule.ts';
import { NightlyRead } from './nms/reads/nightly-read.ts';
import type { MeterGap } from './nms/reads/nightly-read.ts';
import { OnDemandReads } from './nms/reads/on-demand-reads.ts';
import type { MetersOfPlace, ReadPlace } from './nms/reads/on-demand-reads.ts';
import { ReadExchange } from './nms/reads/read-exchange.ts';
import type { Register } from './nms/provisioning/register.ts';
import type { Conditions } from './store/conditions.ts';
import type { EventEntry } from './store/store.ts';

/** What is asked of meters, and which device each of them is. */
export type Reads = {
  meters: MeterDirectory;
  exchange: ReadExchange;
  onDemand: OnDemandReads;
  night: NightSchedule;
  tick(): void;
};

/** A report of longer ago says nothing of now. */
const reportAgeMs = 3_600_000;
/** The figure goes on without history; what comes later than this is of no use to it. */
const expectedWithinMs = 20_000;

type Parts = {
  publish: (topic: string, payload: Uint8Array) => void;
  fleet: () => Fleet;
  register: () => Register;
  network: LiveNetwork;
  warehouse: Warehouse;
  settings: Pick<Settings, 'reads' | 'timeZone'>;
  conditions: Pick<Conditions, 'set'>;
  note: (event: EventEntry) => void;
  now: () => number;
};

export function readsOf(parts: Parts): Reads {
  const { publish, fleet, register, network, warehouse, settings, note, now } = parts;
  const monotonicMs = (): number => performance.now();
  const meters = new MeterDirectory({
    twins: () => fleet().twins(),
    orderedSerial: (key) => register().of('device').get(key)?.serialNumber,
  });
  const exchange = new ReadExchange({ publish, now, monotonicMs, newId: () => randomUUID().slice(0, 18) });
  const online = (gatewayId: string): boolean => fleet().gateway(gatewayId)?.online === true;
  const times = { now, monotonicMs };
  const nightly = new NightlyRead({
    ...warehouseSides(parts, meters),
    ...times,
    exchange,
    online,
    metersPerSecond: settings.reads.metersPerSecond,
    random: Math.random,
  });
  const estimate = new NightlyEstimate({
    ...parts,
    ...times,
    timeZone: settings.timeZone,
    lookBackDays: settings.reads.lookBackDays,
  });
  const night = new NightSchedule({
    settings: { ...settings.reads, timeZone: settings.timeZone },
    nightly,
    note,
    onEnded: (day) => estimate.nightEnded(day),
    ...times,
  });
  const onDemand = new OnDemandReads({
    exchange,
    metersOf: (place, atMs) => metersAt(network, meters, place, atMs),
    online,
    expected: async (names, atMs) => {
      const asked = { meters: names, atS: Math.floor(atMs / 1_000) };
      const found = await warehouse.ask(expectedPowers, asked, { withinMs: expectedWithinMs });
      const usual = found.ok ? found.value.map(({ meter, powerW }) => [meter, powerW] as const) : [];
      return new Map([...lastReports(fleet(), meters, names, now()), ...usual]);
    },
    ...times,
    newId: randomUUID,
  });
  return {
    meters,
    exchange,
    onDemand,
    night,
    tick: () => {
      exchange.tick();
      onDemand.tick();
      night.tick();
      estimate.tick();
    },
  };
}

/** What the night's read asks of the warehouse, by devices; the warehouse knows meters by their names. */
function warehouseSides(
  { warehouse, settings: { reads } }: Parts,
  meters: MeterDirectory,
): Pick<ConstructorParameters<typeof NightlyRead>[0], 'gaps' | 'land'> {
  const landing = new BlockLanding(warehouse);
  return {
    gaps: async ({ dayFromMs, dayToMs }) => {
      const names = [...meters.all()].map(([name]) => name);
      if (names.length === 0) return [];
      const fromS = dayFromMs / 1_000 - (reads.lookBackDays - 1) * 86_400;
      const found = await warehouse.ask(findGaps, { kind: 'unread', fromS, toS: dayToMs / 1_000, meters: names });
      if (!found.ok) throw new Error(found.say);
      return found.value.gaps.flatMap(({ meter, ranges }): MeterGap[] => {
        const deviceKey = meters.deviceOf(meter);
        const [first, last] = [ranges[0], ranges.at(-1)];
        if (deviceKey === undefined || first === undefined || last === undefined) return [];
        return [{ deviceKey, fromMs: first.fromS * 1_000, toMs: last.toS * 1_000 }];
      });
    },
    land: async (deliveries) => {
      const landed = await landing.land(
        deliveries.map(({ deviceKey, block, readAtMs }) => ({
          meter: meters.nameOf(deviceKey) ?? deviceKey,
          block,
          readAtMs,
        })),
      );
      if (!landed.ok) throw new Error(landed.say);
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

/** What was reported last, of meters that reported lately: stands in for those of which the warehouse has no like days. */
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

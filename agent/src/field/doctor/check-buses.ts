import type { DeviceLimits } from '@tiepoint/protocol';
import { openBus } from '../../io/bus/bus.ts';
import type { BusLifecycle, BusSettings, BusStats, ReadBus } from '../../io/bus/bus.ts';
import { wireCost } from '../../io/wire-cost.ts';
import { RoundTrips } from '../watch/round-trips.ts';
import { pause } from '../watch/rounds.ts';
import type { Target } from '../watch/watch-targets.ts';
import { WatchedDevice } from '../watch/watched-device.ts';
import { judgeBus, judgePlan, judgeRoundTrips, judgeUnread } from './bus-judgement.ts';
import type { BusFigures, PlanShare } from './bus-judgement.ts';
import type { Finding } from './finding.ts';

export type BusCheck = {
  /** Requests for each device. */
  readonly reads: number;
  readonly signal: AbortSignal;
  readonly progress: (say: string) => void;
  readonly latencyTimerMs?: number | undefined;
};

/** What a device is, as it said itself. */
export type SeenDevice = {
  readonly id: string;
  readonly serialNumber?: string;
  readonly model?: string;
  readonly toldLimits?: DeviceLimits;
};

/** A device that answers nothing is given up after so many looks, and any after so long. */
const silentLooks = 5;
const idleMs = 200;
const idleLooks = 25;
const longestMs = 60_000;
const defaultPollMs = 1_000;

/** Reads every device of one bus so many times and judges what came. The port is opened for reading alone. */
export async function checkBus(
  targets: readonly Target[],
  check: BusCheck,
): Promise<{ readonly findings: readonly Finding[]; readonly seen: readonly SeenDevice[] }> {
  const settings = targets[0]!.connection.bus;
  const roundTrips = new RoundTrips(settings, 10_000);
  let why = '';
  // The finding names its bus itself; without a configuration a bus goes by its path.
  const bare = (say: string): string => say.replace(`bus ${settings.name}: `, '').replace(`${settings.name}: `, '');
  const bus = openBus(
    { ...settings, readOnly: true },
    {
      nowMs: () => performance.now(),
      tap: (tapped) => roundTrips.take(tapped),
      log: { info: () => undefined, warn: (_fields, say) => void (why = say) },
    },
  );
  const findings: Finding[] = [];
  const shares: PlanShare[] = [];
  const seen: SeenDevice[] = [];
  try {
    await bus.start();
    if (!bus.stats().connected)
      return {
        findings: [{ id: 'bus', about: settings.name, outcome: 'bad', say: bare(why), todo: openTodo(settings) }],
        seen,
      };
    for (const target of targets) {
      if (check.signal.aborted) break;
      const tested = await testDevice(target, { bus, roundTrips, check, others: targets });
      findings.push(...tested.findings);
      if (tested.share !== undefined) shares.push(tested.share);
      if (tested.seen !== undefined) seen.push(tested.seen);
    }
    findings.push(judgePlan(settings.name, shares, sideOf(settings)));
    return { findings, seen };
  } finally {
    await bus.stop();
  }
}

const sideOf = ({ kind }: BusSettings): 'serial' | 'tcp' =>
  kind === 'tcp' || kind === 'rtu-over-tcp' ? 'tcp' : 'serial';

const openTodo = (settings: BusSettings): string =>
  sideOf(settings) === 'tcp'
    ? 'Check address, cable and power; is Modbus switched on in the device, and has it a connection to spare?'
    : 'See the findings of the port above.';

type Parts = {
  readonly bus: ReadBus & BusLifecycle;
  readonly roundTrips: RoundTrips;
  readonly check: BusCheck;
  /** All that is configured on the bus. */
  readonly others: readonly Target[];
};
const profilesAt = (unit: number, targets: readonly Target[]): readonly string[] =>
  targets.filter(({ connection }) => connection.unit === unit).map(({ connection }) => connection.profile.name);

type Tested = { findings: readonly Finding[]; share?: PlanShare; seen?: SeenDevice };

async function testDevice({ id, connection }: Target, { bus, roundTrips, check, others }: Parts): Promise<Tested> {
  const { bus: settings, device: configured } = connection;
  const deps = { reader: bus, wireCost: wireCost(settings), nowMs: () => performance.now(), slowMs: Infinity };
  const device = new WatchedDevice({ id, ...connection }, deps);
  const kind = sideOf(settings);
  const timeoutMs = settings.timeoutMs ?? 1_000;
  let before = bus.stats();
  check.progress(`${id}: identifying`);
  const first = await device.look(check.signal);
  // What identification tried and was refused is no fault of the bus; what it lost is.
  if (first.ok) before = bus.stats();
  roundTrips.clear();
  const readMs = await lookOften(device, { before, bus, check });
  const figures = figuresBetween(before, bus.stats(), { about: id, kind });
  const findings = [
    identityFinding(device, first),
    ...judgeUnread(id, device.model?.sunspecUnread, profilesAt(connection.unit, others)),
    judgeBus(figures),
    judgeRoundTrips(id, roundTrips.figures(), {
      kind,
      timeoutMs,
      ...(check.latencyTimerMs === undefined ? {} : { latencyTimerMs: check.latencyTimerMs }),
    }),
  ];
  if (readMs === undefined) return { findings };
  const identityOf = device.model?.identity;
  return {
    findings,
    share: { device: id, readMs, everyMs: configured?.pollMs ?? defaultPollMs },
    seen: {
      id,
      ...(identityOf?.serialNumber === undefined ? {} : { serialNumber: identityOf.serialNumber }),
      ...(identityOf?.model === undefined ? {} : { model: identityOf.model }),
      ...(device.model === undefined ? {} : { toldLimits: device.model.toldLimits }),
    },
  };
}

/** Reads what a gateway reads at every look until enough was asked. Returns what one look takes, or `undefined` where none was answered. */
async function lookOften(
  device: WatchedDevice,
  { before, bus, check }: { before: BusStats; bus: ReadBus & BusLifecycle; check: BusCheck },
): Promise<number | undefined> {
  const beganMs = performance.now();
  const took: number[] = [];
  let silent = 0;
  let idle = 0;
  const counted = (): { asked: number; answered: number } => {
    const { requests, ok, exceptions } = bus.stats();
    return { asked: requests - before.requests, answered: ok + exceptions };
  };
  const goesOn = (): boolean =>
    silent < silentLooks && idle < idleLooks && performance.now() - beganMs < longestMs && !check.signal.aborted;
  while (counted().asked < check.reads && goesOn()) {
    const start = counted();
    check.progress(`${device.settings.id}: ${start.asked} of ${check.reads} reads`);
    const lookMs = performance.now();
    const look = await device.look(check.signal);
    if (look.ok && device.model !== undefined) took.push(performance.now() - lookMs);
    const { asked, answered } = counted();
    if (asked > start.asked) {
      silent = answered > start.answered ? 0 : silent + 1;
      continue;
    }
    // A port that is not open, or a unit that is let rest after a reply was lost, is not even asked.
    idle++;
    await pause(idleMs, check.signal);
  }
  const ordered = took.toSorted((a, b) => a - b);
  return ordered[Math.floor(ordered.length / 2)];
}

function identityFinding({ settings, model }: WatchedDevice, look: { ok: boolean; say?: string }): Finding {
  const { id, profile } = settings;
  if (model === undefined)
    return {
      id: 'identity',
      about: id,
      outcome: 'bad',
      say: look.say ?? 'not identified',
      todo: '`tiepoint-agent identify` tells what answers there, if anything does.',
    };
  const { manufacturer = profile.make, model: name = profile.model, serialNumber, firmware } = model.identity;
  const more = [serialNumber && `serial number ${serialNumber}`, firmware && `firmware ${firmware}`].filter(Boolean);
  return {
    id: 'identity',
    about: id,
    outcome: 'ok',
    say: `${[`${manufacturer} ${name}`, ...more].join(', ')}: fits profile ${profile.name}`,
    measured: { profile: profile.name, profileHash: model.profileHash, ...(serialNumber && { serialNumber }) },
  };
}

function figuresBetween(
  before: BusStats,
  now: BusStats,
  { about, kind }: Pick<BusFigures, 'about' | 'kind'>,
): BusFigures {
  return {
    about,
    kind,
    requests: now.requests - before.requests,
    ok: now.ok - before.ok,
    timeouts: now.timeouts - before.timeouts,
    spoilt: now.crcErrors - before.crcErrors,
    exceptions: now.exceptions - before.exceptions,
    retries: now.resyncs - before.resyncs,
    stale: now.staleDiscarded - before.staleDiscarded,
  };
}

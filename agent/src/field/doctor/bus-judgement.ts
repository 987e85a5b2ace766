import type { DeviceModel } from '@tiepoint/hardware-profiles';
import type { RoundTripFigures } from '../watch/round-trips.ts';
import type { Finding } from './finding.ts';

/** What N reads of one device came to. */
export type BusFigures = {
  readonly about: string;
  readonly kind: 'serial' | 'tcp';
  /** Requests on the wire, probes after lost replies among them. */
  readonly requests: number;
  readonly ok: number;
  readonly timeouts: number;
  /** CRC, truncated, noise. */
  readonly spoilt: number;
  readonly exceptions: number;
  /** Probes after a lost reply: the bus's way of trying again. */
  readonly retries: number;
  /** Whole replies that answered nothing that was asked. */
  readonly stale: number;
};

const badShare = 0.05;

/** A reply that is lost now and then costs a look; more than one in twenty makes values old. */
export function judgeBus(figures: BusFigures): Finding {
  const { about, kind, requests, ok, timeouts, spoilt, exceptions, retries, stale } = figures;
  const measured = { requests, ok, timeouts, spoilt, exceptions, retries, stale };
  const finding = (outcome: Finding['outcome'], say: string, todo?: string): Finding => ({
    id: 'bus',
    about,
    outcome,
    say,
    measured,
    ...(todo === undefined ? {} : { todo }),
  });
  if (requests === 0) return finding('left-out', 'nothing was asked');
  const answered = ok + exceptions;
  if (answered === 0 && spoilt > 0)
    return finding('bad', `nothing but spoilt replies (${spoilt} of ${requests})`, spoiltTodo[kind]);
  if (answered === 0) return finding('bad', `no reply to ${requests} requests`, silentTodo[kind]);
  const lost = timeouts + spoilt;
  const share = lost / requests;
  const shares = `${lost} of ${requests} replies lost (${percent(share)}: ${timeouts} timed out, ${spoilt} spoilt), ${retries} asked again`;
  if (lost > 0)
    return finding(share > badShare ? 'bad' : 'warning', shares, spoilt > timeouts ? noiseTodo[kind] : lateTodo(stale));
  if (stale > 0)
    return finding(
      'warning',
      `${requests} requests answered, and ${stale} replies that nobody asked for`,
      lateTodo(stale),
    );
  if (exceptions > 0)
    return finding(
      'warning',
      `${requests} requests answered, ${exceptions} of them with an exception`,
      'The device refuses registers of its profile: another firmware? `tiepoint-agent trace` shows which.',
    );
  return finding('ok', `${requests} requests, all answered`);
}

const silentTodo = {
  serial:
    'Power and wiring (A and B swapped?), unit number, baud rate, parity. `tiepoint-agent scan` tries them one after the other.',
  tcp: 'Unit number, and Modbus switched on in the device. `tiepoint-agent scan --tcp` finds who answers.',
} as const;

const spoiltTodo = {
  serial: 'Check baud rate and parity against the device; swap A and B; look for two devices with one unit number.',
  tcp: 'Does it speak Modbus TCP, or RTU frames over TCP (--rtu-tcp, a bus of kind rtu-over-tcp)? Of a gateway check the serial side.',
} as const;

const noiseTodo = {
  serial:
    'Noise on the line: 120 Ω at both ends and nowhere else, one bias, twisted pair with a common wire, no cable beside a motor; or two devices with one unit number.',
  tcp: 'The gateway in front of the device spoils replies: check its serial side, and its firmware.',
} as const;

const lateTodo = (stale: number): string =>
  stale > 0
    ? "Replies come later than the bus waits: give the bus a longer timeoutMs, or ask the device's own settings for its delay."
    : 'Loose contact, a sleeping device, or one that is too busy: watch it with `tiepoint-agent watch`, and try a longer timeoutMs.';

/** What a device, an adapter and a gateway may take beyond the wire before it is worth a word. */
const slowBeyondWireMs = 60;

export function judgeRoundTrips(
  about: string,
  trips: RoundTripFigures | undefined,
  { kind, timeoutMs, latencyTimerMs }: { kind: 'serial' | 'tcp'; timeoutMs: number; latencyTimerMs?: number },
): Finding {
  if (trips === undefined) return { id: 'round-trip', about, outcome: 'left-out', say: 'nothing was answered' };
  const { p50Ms, p95Ms, maxMs, wireP50Ms, beyondWireP50Ms: beyondMs, count } = trips;
  const wire = wireP50Ms > 0 ? `, the wire alone takes ${ms(wireP50Ms)}` : '';
  const say = `half within ${ms(p50Ms)}, 95 % within ${ms(p95Ms)}, the slowest ${ms(maxMs)}${wire}`;
  const measured = {
    count,
    p50Ms: tenth(p50Ms),
    p95Ms: tenth(p95Ms),
    maxMs: tenth(maxMs),
    wireP50Ms: tenth(wireP50Ms),
    beyondWireP50Ms: tenth(beyondMs),
  };
  const finding = (outcome: Finding['outcome'], todo?: string): Finding => ({
    id: 'round-trip',
    about,
    outcome,
    say,
    measured,
    ...(todo === undefined ? {} : { todo }),
  });
  if (maxMs > 0.8 * timeoutMs)
    return finding(
      'warning',
      `The slowest reply is near the time-out of ${timeoutMs} ms: a longer timeoutMs loses none.`,
    );
  if (beyondMs <= slowBeyondWireMs) return finding('ok');
  if (latencyTimerMs !== undefined && latencyTimerMs > 4)
    return finding('warning', `The adapter holds bytes back for up to ${latencyTimerMs} ms: lower its latency timer.`);
  return finding(
    'warning',
    kind === 'serial'
      ? `The device begins to answer late (${ms(beyondMs)} beyond the wire): look for a reply delay in its settings, or a faster baud rate.`
      : `The device or the network takes ${ms(beyondMs)}: a serial line behind a gateway?`,
  );
}

/** How one device of a bus is read: so long, so often. */
export type PlanShare = { readonly device: string; readonly readMs: number; readonly everyMs: number };

const fullShare = 1;
const crowdedShare = 0.7;

/** Whether all devices of a bus can be read as often as they are to be. Commands need room beside them. */
export function judgePlan(about: string, shares: readonly PlanShare[], kind: BusFigures['kind']): Finding {
  if (shares.length === 0) return { id: 'plan', about, outcome: 'left-out', say: 'no device answered' };
  const load = shares.reduce((sum, { readMs, everyMs }) => sum + readMs / everyMs, 0);
  const each = shares.map(({ device, readMs, everyMs }) => `${device} ${ms(readMs)} every ${everyMs} ms`).join(', ');
  const inFourS =
    4_000 /
    Math.max(
      0.001,
      shares.reduce((sum, { readMs }) => sum + readMs, 0),
    );
  const finding = (outcome: Finding['outcome'], todo?: string): Finding => ({
    id: 'plan',
    about,
    outcome,
    say: `busy ${percent(load)} of the time (${each}); everything fits ${inFourS.toFixed(1)} times into 4 s`,
    measured: { load: Math.round(load * 1000) / 1000, roundsIn4S: Math.round(inFourS * 10) / 10 },
    ...(todo === undefined ? {} : { todo }),
  });
  if (load > fullShare)
    return finding('bad', `Looks will be missed: a longer pollMs, ${faster[kind]}, or fewer devices on this bus.`);
  return load > crowdedShare
    ? finding(
        'warning',
        `Little room is left for commands and for replies that are lost: a longer pollMs, or ${faster[kind]}.`,
      )
    : finding('ok');
}

const faster = {
  serial: 'a faster baud rate',
  tcp: 'a faster line behind the gateway if there is one',
} as const;

const tenth = (value: number): number => Math.round(value * 10) / 10;
const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
const percent = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;

/** Devices of the same SunSpec chain that nobody reads, and models of which only the first is read. `read`: the profiles of this unit. */
export function judgeUnread(
  about: string,
  unread: DeviceModel['sunspecUnread'],
  read: readonly string[],
): readonly Finding[] {
  if (unread === undefined) return [];
  const missing = unread.profiles.filter((name) => !read.includes(name));
  const more = missing.length === 1 ? 'another such device' : `${missing.length} more such devices`;
  const devices: readonly Finding[] =
    missing.length === 0
      ? []
      : [
          {
            id: 'chain',
            about,
            outcome: 'warning',
            say: `The SunSpec chain of this unit has ${more}, and nobody reads ${missing.length === 1 ? 'it' : 'them'}.`,
            todo: `Where wanted, add each as a device of the same unit, with profile ${missing.join(', ')}.`,
          },
        ];
  const models = unread.models.map((id): Finding => ({
    id: 'chain',
    about,
    outcome: 'left-out',
    say: `The SunSpec chain has model ${id} more than once, and the first of them is read.`,
  }));
  return [...devices, ...models];
}

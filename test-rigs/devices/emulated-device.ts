import { type FaultPlan } from './faults.ts';
import { type RegisterImage } from './register-image.ts';
import { type RtuCounts } from './rtu-line.ts';
import { type RtuPathOptions, startRtuOnPath, startRtuOnPty, startRtuOverTcp } from './rtu-server.ts';
import { type TcpCounts, type TcpServerOptions, startTcpServer } from './tcp-server.ts';
import { type Units } from './units.ts';

/** A device on an emulated bus. `step` lets its behaviour move on: read what was written, set what is measured. */
export type EmulatedDevice = {
  /** 1 to 247 on RTU; 0 to 255 on TCP. Unique on its port. */
  unit: number;
  image: RegisterImage;
  /** Called with the site's clock, at a fixed period and once before the ports open. Must not wait. */
  step?(nowMs: number): void;
};

/**
 * Serves devices on their ports and steps them. If one port cannot be opened none stays open. `stop` leaves no port, timer or
 * process behind, and may be called twice.
 */
export async function startSite({ ports, stepMs = 100, clock = wallClock }: SiteOptions): Promise<SiteStart> {
  const devices = ports.flatMap((port) => port.devices);
  const stepAll = (): void => {
    const nowMs = clock.nowMs();
    for (const device of devices) device.step?.(nowMs);
  };
  stepAll();
  const running: RunningPort[] = [];
  const stopPorts = async (): Promise<void> => {
    await Promise.all(running.splice(0).map((port) => port.stop()));
  };
  for (const port of ports) {
    const opened = await startPort(port);
    if (!opened.ok) {
      await stopPorts();
      return opened;
    }
    running.push(opened.port);
  }
  const stopSteps = clock.every(stepMs, stepAll);
  const stop = async (): Promise<void> => {
    stopSteps();
    await stopPorts();
  };
  return { ok: true, site: { ports: [...running], stop } };
}

export type SiteOptions = { ports: readonly SitePort[]; stepMs?: number; clock?: SiteClock };

/** One port and the devices behind it. The options of each kind are those of its server. */
export type SitePort = { devices: readonly EmulatedDevice[]; faults?: FaultPlan } & (
  | ({ kind: 'tcp' } & Omit<TcpServerOptions, 'units' | 'faults'>)
  | ({ kind: 'rtu-pty' } & Omit<RtuPathOptions, 'units' | 'faults' | 'path' | 'parity' | 'stopBits'>)
  | ({ kind: 'rtu-path' } & Omit<RtuPathOptions, 'units' | 'faults'>)
  | ({ kind: 'rtu-over-tcp'; host?: string; port?: number } & Omit<
      RtuPathOptions,
      'units' | 'faults' | 'path' | 'parity' | 'stopBits'
    >)
);

/** `at` is where a program under test finds the devices: a host and port, or the path of a serial port. */
export type RunningPort =
  | { kind: 'tcp'; at: { host: string; port: number }; counts: () => Readonly<TcpCounts>; stop: () => Promise<void> }
  | {
      kind: 'rtu-over-tcp';
      at: { host: string; port: number };
      counts: () => Readonly<RtuCounts>;
      stop: () => Promise<void>;
    }
  | {
      kind: 'rtu-pty' | 'rtu-path';
      at: { path: string };
      counts: () => Readonly<RtuCounts>;
      stop: () => Promise<void>;
    };

export type Site = { ports: readonly RunningPort[]; stop: () => Promise<void> };
export type SiteStart =
  | { ok: true; site: Site }
  | { ok: false; reason: 'no-pty' | 'port-unavailable' | 'unit-taken'; say: string };

/** The time a site runs by. A test hands in one that it steps itself. */
export type SiteClock = {
  nowMs(): number;
  /** Calls `run` at the period until the returned function is called. */
  every(periodMs: number, run: () => void): () => void;
};

export const wallClock: SiteClock = {
  nowMs: () => Date.now(),
  every: (periodMs, run) => {
    const timer = setInterval(run, periodMs);
    return () => clearInterval(timer);
  },
};

/** A clock that stands still until it is told to go on; then every period that has passed runs, in order. */
export function steppedClock(startMs = 0): SiteClock & { advance(ms: number): void } {
  let nowMs = startMs;
  const jobs = new Set<{ dueMs: number; periodMs: number; run: () => void }>();
  const nextDue = (endMs: number) =>
    [...jobs].filter(({ dueMs }) => dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs)[0];
  return {
    nowMs: () => nowMs,
    every: (periodMs, run) => {
      const job = { dueMs: nowMs + periodMs, periodMs, run };
      jobs.add(job);
      return () => jobs.delete(job);
    },
    advance: (ms) => {
      const endMs = nowMs + ms;
      for (let job = nextDue(endMs); job !== undefined; job = nextDue(endMs)) {
        nowMs = job.dueMs;
        job.dueMs += job.periodMs;
        job.run();
      }
      nowMs = endMs;
    },
  };
}

type PortStart = { ok: true; port: RunningPort } | Exclude<SiteStart, { ok: true }>;

async function startPort(port: SitePort): Promise<PortStart> {
  const units: Units = new Map();
  for (const { unit, image } of port.devices) {
    if (units.has(unit)) {
      return {
        ok: false,
        reason: 'unit-taken',
        say: `two devices on one ${port.kind} port have unit ${unit}; give one another number`,
      };
    }
    units.set(unit, image);
  }
  switch (port.kind) {
    case 'tcp': {
      const opened = await startTcpServer({ ...port, units });
      if (!opened.ok) return opened;
      const { server } = opened;
      return { ok: true, port: { kind: port.kind, at: { host: server.host, port: server.port }, ...lifeOf(server) } };
    }
    case 'rtu-over-tcp': {
      const opened = await startRtuOverTcp({ ...port, units });
      if (!opened.ok) return opened;
      const { server } = opened;
      return { ok: true, port: { kind: port.kind, at: { host: server.host, port: server.port }, ...lifeOf(server) } };
    }
    case 'rtu-pty':
    case 'rtu-path': {
      const opened = await (port.kind === 'rtu-pty'
        ? startRtuOnPty({ ...port, units })
        : startRtuOnPath({ ...port, units }));
      if (!opened.ok) return opened;
      const { server } = opened;
      return { ok: true, port: { kind: port.kind, at: { path: server.path }, ...lifeOf(server) } };
    }
    default:
      return port satisfies never;
  }
}

type Life<Counts> = { counts: () => Counts; stop: () => Promise<void> };

function lifeOf<Counts>({ counts, stop }: Life<Counts>): Life<Counts> {
  return { counts, stop };
}

import { BusRunner } from './bus-runner.ts';
import { SerialLink } from './serial-link.ts';
import { SocketLink } from './socket-link.ts';
import { TelegramBus } from '../telegram/telegram-bus.ts';
import type { Link } from './link.ts';
import type { Tap } from './tap.ts';

/**
 * Opens (on `start()`) one physical port and everything that hangs on it: Modbus TCP, RTU over TCP or RTU.
 *
 * One bus is one queue: open a port once and share it among the units behind it. Nothing happens before `start()`, which
 * resolves after the first attempt to connect, successful or not; a lost port is opened again with a growing pause.
 * With `readOnly` the result has no `write`, and the port refuses every function code that is not a read.
 * `deps.nowMs` should be monotonic (`performance.now`): time-outs and pauses are counted with it.
 */
export function openBus(settings: BusSettings & { readOnly: true }, deps: BusDeps): ReadBus & BusLifecycle;
export function openBus(settings: BusSettings, deps: BusDeps): WriteBus & BusLifecycle;
export function openBus(settings: BusSettings, deps: BusDeps): (ReadBus | WriteBus) & BusLifecycle {
  if (settings.kind === 'p1' || settings.kind === 'p1-over-tcp')
    return new TelegramBus(settings, deps, deps.link ?? telegramLink(settings));
  const runner = new BusRunner(settings, deps, deps.link ?? linkFor(settings));
  const readable = {
    read: (request: ReadRequest, priority: Priority) => runner.read(request, priority),
    start: () => runner.start(),
    stop: () => runner.stop(),
    stats: () => runner.stats(),
  };
  return settings.readOnly === true
    ? readable
    : { ...readable, write: (request: WriteRequest, mayGo?: () => boolean) => runner.write(request, mayGo) };
}

function telegramLink(settings: TelegramSettings): Link {
  return settings.kind === 'p1' ? new SerialLink({ ...settings, kind: 'rtu' }) : new SocketLink(settings);
}

function linkFor(settings: ModbusSettings): Link {
  return settings.kind === 'rtu' ? new SerialLink(settings) : new SocketLink(settings);
}

export type Table = 'coil' | 'discrete' | 'input' | 'holding';

/**
 * `address` is the 0-based protocol address, `quantity` counts registers (1–125) or bits (1–2000). `maxQuantity`: the most
 * that the device answers at once, where it is less than Modbus allows; the bus then never asks for more. `pointWords`: the
 * registers that one value there takes; some devices refuse to give half a value. Default: 2 where `quantity` is even, else 1.
 */
export type ReadRequest = {
  unit: number;
  table: Table;
  address: number;
  quantity: number;
  maxQuantity?: number;
  pointWords?: number;
};

/** `words` are registers (0–65535) or coils (0 or 1). `single` chooses FC5/FC6; default: FC5 for one coil, FC16 for registers. */
export type WriteRequest = {
  unit: number;
  table: 'coil' | 'holding';
  address: number;
  words: readonly number[];
  single?: boolean;
};

export type BusFailure =
  | { reason: 'timeout' }
  /** The device answered with this Modbus exception code. */
  | { reason: 'exception'; code: number }
  /** The unit was dead lately and is not asked before `untilMs` (on the clock of `deps.nowMs`). */
  | { reason: 'backed-off'; untilMs: number }
  | { reason: 'disconnected' }
  /** Something came, but no whole and correct reply: CRC, length, unit, or function. */
  | { reason: 'garbled' }
  /** Not asked: a lost reply that would look the same may still come. */
  | { reason: 'held-back' }
  /** Only echoes of another address or value came: whether the write was taken is not known. */
  | { reason: 'echo-mismatch' }
  | { reason: 'queue-full' }
  /** Nobody wanted it any more when its turn came. */
  | { reason: 'called-off' }
  | { reason: 'stopped' }
  | { reason: 'read-only' };

export type BusResult<T> = { ok: true; value: T } | ({ ok: false; say: string } & BusFailure);

/**
 * Commands go before polls; a command waits at most for the transaction under way. `spare` can wait: it takes the time that polls leave,
 * and of a bus that leaves none, one transaction in eleven.
 */
export type Priority = 'command' | 'poll' | 'spare';

export interface ReadBus {
  /** Words of registers, or 0 and 1 for bit tables, `quantity` of them. Throws RangeError on a request that Modbus cannot express. */
  read(request: ReadRequest, priority: Priority): Promise<BusResult<readonly number[]>>;
}

export interface WriteBus extends ReadBus {
  /**
   * Writes once, with the priority of a command; never repeats. `ok` means that the device echoed address and value (FC15
   * and FC16: address and quantity). After 'timeout', 'garbled', 'disconnected' and 'stopped' `say` tells whether the
   * request may have reached the device. `mayGo` is asked when the line is free and nothing stands between this and the wire, for a write
   * may wait for long: false, and nothing is sent ('called-off'). Throws RangeError on a request that Modbus cannot express.
   */
  write(request: WriteRequest, mayGo?: () => boolean): Promise<BusResult<void>>;
}

export interface BusLifecycle {
  start(): Promise<void>;
  /** Settles every pending call with 'stopped', closes the port, leaves no timer or handle. */
  stop(): Promise<void>;
  stats(): BusStats;
}

export type UnitStats = {
  state: 'ok' | 'suspect' | 'backed-off';
  timeouts: number;
  backedOffUntilMs: number | undefined;
};

export type BusStats = {
  connected: boolean;
  /** Requests on the wire, probes included. */
  requests: number;
  ok: number;
  timeouts: number;
  /** Replies that could not be read: CRC, truncated, noise. */
  crcErrors: number;
  /** To what was asked for; what the bus asked for beyond that (more registers, a probe) may be refused, and is no fault. */
  exceptions: number;
  /** Probes that proved after a lost reply that request and reply belong together again. */
  resyncs: number;
  /** Whole and correct frames that answered nothing that was being asked. */
  staleDiscarded: number;
  reconnects: number;
  /** Write functions that a read-only port held back. */
  refusedWrites: number;
  queued: number;
  lastRoundTripMs: number | undefined;
  busyMs: number;
  units: Readonly<Record<number, UnitStats>>;
};

export type BusSettings = ModbusSettings | TelegramSettings;

/** A P1 port, on which a meter pushes telegrams. Nothing is ever sent to it. */
export type TelegramSettings = {
  name: string;
  /** How long a read waits for a telegram, default 12 000: before DSMR 5 they come every 10 s. */
  timeoutMs?: number;
  reconnect?: { firstMs?: number; maxMs?: number };
  /** `none` for meters before DSMR 4, which send no CRC; default `crc16`. */
  checksum?: 'crc16' | 'none';
  readOnly?: boolean;
  queueLimit?: number;
} & (
  | { kind: 'p1'; path: string; baudRate: number; parity?: 'none' | 'even' | 'odd'; dataBits?: 7 | 8 }
  | { kind: 'p1-over-tcp'; host: string; port: number }
);

export type ModbusSettings = {
  /** What messages call this bus. */
  name: string;
  /** How long a device may take to begin its reply, default 1000; the time on the wire comes on top where the baud rate is known. */
  timeoutMs?: number;
  /** Pause after a reply, on top of the t3.5 that Modbus demands; default 0. For adapters that are slow to turn round. */
  turnaroundMs?: number;
  /** A unit is left alone after `afterTimeouts` (2) in a row, for `firstMs` (4000), doubling up to `maxMs` (60 000). */
  backOff?: { afterTimeouts?: number; firstMs?: number; maxMs?: number };
  /** Pause before a lost port is opened again: `firstMs` (250) doubling up to `maxMs` (30 000). */
  reconnect?: { firstMs?: number; maxMs?: number };
  readOnly?: boolean;
  /** Most calls of each priority that wait, default 64; one more is answered 'queue-full' at once. */
  queueLimit?: number;
} & (
  | { kind: 'tcp'; host: string; port: number }
  | { kind: 'rtu-over-tcp'; host: string; port: number; baudRate?: number }
  | SerialSettings
);

export type SerialSettings = {
  kind: 'rtu';
  /** For example /dev/serial/by-id/…, which survives a reboot where /dev/ttyUSB0 may not. */
  path: string;
  baudRate: number;
  parity?: 'none' | 'even' | 'odd';
  stopBits?: 1 | 2;
  dataBits?: 7 | 8;
};

/** A pino logger fits. */
export type BusLog = {
  info(fields: object, say: string): void;
  warn(fields: object, say: string): void;
};

export type BusDeps = {
  nowMs(): number;
  /** Default: the global timers, looked up at each call. */
  setTimer?(run: () => void, afterMs: number): unknown;
  clearTimer?(timer: unknown): void;
  /** Runs `run` when the bytes that have arrived by now are taken; the result takes it back. Default: the next turn of the event loop. */
  onceInputIsTaken?(run: () => void): () => void;
  log?: BusLog;
  /** The bytes' way to the device, where it is neither a socket nor a serial port. */
  link?: Link;
  /** Told of every byte and how it was judged; must not throw. */
  tap?: Tap;
};

import { Connection, type ConnectionSettings } from './connection.ts';
import { expectationOf, requestRtuBytes, type Expectation, type WireRequest } from './expectation.ts';
import type { BusLog } from './bus.ts';
import type { Framing, Received } from './framing.ts';
import type { Link } from './link.ts';
import type { ModbusCodec } from './modbus-codec.ts';
import type { Tap } from './tap.ts';
import type { Timers } from './timers.ts';

/** How one request on the wire ended. `atDeadline`: the whole time-out passed. `sent`: the device may have received it. */
export type Outcome =
  | { kind: 'value'; words: readonly number[] }
  | { kind: 'exception'; code: number }
  | { kind: 'timeout' }
  | { kind: 'garbled'; atDeadline: boolean; sent: boolean }
  | { kind: 'echo-mismatch' }
  | { kind: 'disconnected'; sent: boolean }
  | { kind: 'stopped'; sent: boolean }
  | { kind: 'read-only' }
  | { kind: 'called-off' };

export type Pacing = {
  timeoutMs: number;
  /** Silence that must lie before a request: t3.5 and the turnaround; undefined where the transport frames (Modbus TCP). */
  silenceMs: number | undefined;
  /** Time of one character on the wire, 0 where it is not known. */
  characterMs: number;
};

/** Counts of the wire. */
export type WireCounts = {
  requests: number;
  ok: number;
  timeouts: number;
  crcErrors: number;
  exceptions: number;
  staleDiscarded: number;
  lastRoundTripMs: number | undefined;
};

export type StaleFrame = Extract<Received, { kind: 'stale' }>;

/**
 * One request and its reply at a time: keeps silence before the request, sends it in one piece, takes nothing for the reply
 * that does not match it, and ends after the time-out at the latest.
 */
export class Exchange {
  readonly counts: WireCounts = {
    requests: 0,
    ok: 0,
    timeouts: 0,
    crcErrors: 0,
    exceptions: 0,
    staleDiscarded: 0,
    lastRoundTripMs: undefined,
  };
  readonly connection: Connection;
  readonly #framing: Framing;
  readonly #codec: ModbusCodec;
  readonly #pacing: Pacing;
  readonly #timers: Timers;
  readonly #nowMs: () => number;
  readonly #onStale: (frame: StaleFrame) => void;
  readonly #tap: Tap | undefined;
  #lastByteMs = -Infinity;
  #connectionNumber = 0;
  #stopping = false;
  #muteRequests = 0;
  #open: OpenRequest | undefined;

  constructor(parts: {
    link: Link;
    framing: Framing;
    codec: ModbusCodec;
    pacing: Pacing;
    timers: Timers;
    nowMs: () => number;
    connection: ConnectionSettings;
    log: BusLog | undefined;
    onStale: (frame: StaleFrame) => void;
    tap?: Tap | undefined;
  }) {
    const { link, timers, log } = parts;
    const events = {
      onOpened: () => this.#onOpened(),
      onBytes: (bytes: Uint8Array) => this.#onBytes(bytes),
      onLost: () => this.#onLost(),
    };
    this.connection = new Connection({ link, timers, log, events, settings: parts.connection });
    this.#framing = parts.framing;
    this.#codec = parts.codec;
    this.#pacing = parts.pacing;
    this.#timers = timers;
    this.#nowMs = parts.nowMs;
    this.#onStale = parts.onStale;
    this.#tap = parts.tap;
  }

  start(): Promise<void> {
    this.#stopping = false;
    return this.connection.start();
  }

  /** Ends the request under way with 'stopped' and closes the port. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#settle({ kind: 'stopped', sent: true });
    this.#timers.endAll();
    await this.connection.stop();
    this.#timers.endAll();
  }

  /** Waits for the usual silence, and first listens until `drainMs` were silent; then sends, if it still `mayGo`, and waits for the reply. Never two at a time. */
  async run(request: WireRequest, drainMs = 0, mayGo?: () => boolean): Promise<Outcome> {
    if (this.#open !== undefined) throw new Error('two requests at once on one port');
    if (this.#stopping) return { kind: 'stopped', sent: false };
    if (!this.connection.isOpen) return { kind: 'disconnected', sent: false };
    const connectionNumber = this.#connectionNumber;
    const silent = await this.silence(drainMs);
    if (this.#stopping) return { kind: 'stopped', sent: false };
    if (!this.connection.isOpen || connectionNumber !== this.#connectionNumber)
      return { kind: 'disconnected', sent: false };
    if (!silent) {
      this.counts.crcErrors++;
      return { kind: 'garbled', atDeadline: true, sent: false };
    }
    if (mayGo?.() === false) return { kind: 'called-off' };
    const outcome = await this.#ask(request);
    await this.#watchLink(outcome, request);
    return outcome;
  }

  #ask(request: WireRequest): Promise<Outcome> {
    const expected = expectationOf(request);
    const wire = this.#framing.ask(this.#codec.encode(request), expected);
    if (this.connection.send(wire) === 'refused') {
      this.#framing.close();
      return Promise.resolve({ kind: 'read-only' });
    }
    this.counts.requests++;
    this.#tap?.({ kind: 'sent', wire });
    const sentMs = this.#nowMs();
    const wireMs = (requestRtuBytes(request) + expected.rtuBytes) * this.#pacing.characterMs;
    this.#lastByteMs = sentMs;
    return new Promise((resolve) => {
      const endTimer = this.#timers.afterInput(this.#pacing.timeoutMs + wireMs, () => this.#onDeadline());
      this.#open = { expected, sentMs, endTimer, endQuiet: undefined, wrongEcho: false, heard: false, resolve };
    });
  }

  #onBytes(bytes: Uint8Array): void {
    this.#lastByteMs = this.#nowMs();
    this.#muteRequests = 0;
    this.#tap?.({ kind: 'received', bytes });
    const open = this.#open;
    if (open !== undefined) open.heard = true;
    for (const received of this.#framing.receive(bytes)) this.#onReceived(received);
    if (this.#open === undefined || this.#open !== open) return;
    open.endQuiet?.();
    open.endQuiet = undefined;
    // Enough bytes for the reply, and still none: when nothing follows, the rest of the time-out need not be waited for.
    if (this.#pacing.silenceMs !== undefined && this.#framing.held() >= open.expected.rtuBytes) {
      open.endQuiet = this.#timers.after(garbledAfterMs + this.#pacing.silenceMs, () => this.#garbled(false));
    }
  }

  #onReceived(received: Received): void {
    switch (received.kind) {
      case 'answer':
        this.#tap?.({ kind: 'judged', verdict: 'answer', rtuBytes: received.frame.length });
        return this.#onAnswer(received.frame);
      case 'stale':
        this.counts.staleDiscarded++;
        this.#tap?.({
          kind: 'judged',
          verdict: received.wrongEcho ? 'wrong-echo' : 'stale',
          rtuBytes: received.rtuBytes,
        });
        if (this.#open !== undefined && received.wrongEcho) this.#open.wrongEcho = true;
        return this.#onStale(received);
      case 'wrong':
        this.counts.crcErrors++;
        this.#tap?.({ kind: 'judged', verdict: received.echo ? 'wrong-echo' : 'wrong' });
        return this.#settle(
          received.echo ? { kind: 'echo-mismatch' } : { kind: 'garbled', atDeadline: false, sent: true },
        );
      case 'desynchronised':
        // A stream without frame borders cannot be read again; only a new connection begins with one.
        this.counts.crcErrors++;
        this.#tap?.({ kind: 'judged', verdict: 'desynchronised' });
        this.#settle({ kind: 'garbled', atDeadline: false, sent: true });
        return this.connection.drop('what came is not Modbus TCP');
    }
  }

  #onAnswer(frame: Uint8Array): void {
    if (this.#open === undefined) return;
    const answer = this.#codec.decode(frame);
    this.connection.proven();
    this.counts.lastRoundTripMs = this.#nowMs() - this.#open.sentMs;
    switch (answer.kind) {
      case 'value':
        this.counts.ok++;
        return this.#settle(answer);
      case 'exception':
        this.counts.exceptions++;
        return this.#settle(answer);
      case 'unreadable':
        return this.#garbled(false);
    }
  }

  #onDeadline(): void {
    const open = this.#open;
    if (open === undefined) return;
    if (!open.heard) this.#muteRequests++;
    if (open.wrongEcho) return this.#settle({ kind: 'echo-mismatch' });
    if (this.#framing.held() > 0) return this.#garbled(true);
    this.counts.timeouts++;
    this.#settle({ kind: 'timeout' });
  }

  #garbled(atDeadline: boolean): void {
    this.counts.crcErrors++;
    this.#settle({ kind: 'garbled', atDeadline, sent: true });
  }

  #settle(outcome: Outcome): void {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    open.endTimer();
    open.endQuiet?.();
    this.#framing.close();
    this.#tap?.({ kind: 'settled', outcome: outcome.kind, waitedMs: this.#nowMs() - open.sentMs });
    open.resolve(outcome);
  }

  #onLost(): void {
    this.#tap?.({ kind: 'lost' });
    this.#settle({ kind: 'disconnected', sent: true });
  }

  #onOpened(): void {
    this.#tap?.({ kind: 'opened' });
    this.#connectionNumber++;
    this.#lastByteMs = this.#nowMs();
    this.#muteRequests = 0;
    this.#framing.reset();
  }

  /**
   * Waits until the line was silent for t3.5, and for `drainMs` from now on. Bytes that come meanwhile are dropped. False
   * when it never was silent.
   */
  async silence(drainMs: number): Promise<boolean> {
    const { silenceMs } = this.#pacing;
    if (silenceMs === undefined) return true;
    const neededMs = Math.max(silenceMs, drainMs);
    const beganMs = this.#nowMs();
    for (;;) {
      const silentMs = this.#nowMs() - (drainMs > 0 ? Math.max(this.#lastByteMs, beganMs) : this.#lastByteMs);
      // A clock that was set back must not make a wait longer than it can be.
      const remainingMs = Math.min(neededMs - silentMs, neededMs);
      if (remainingMs <= 0) return true;
      if (this.#nowMs() - beganMs > neededMs + busyLineLimitMs) return false;
      await this.#timers.sleep(remainingMs);
      if (this.#stopping || !this.connection.isOpen) return true;
    }
  }

  async #watchLink(outcome: Outcome, { kind }: WireRequest): Promise<void> {
    if (outcome.kind === 'timeout') {
      if (kind === 'write') this.connection.takeBack();
      await this.connection.dropIfGone();
      // A peer that lost its power says nothing for many minutes; a new connection shows whether it is there.
      if (this.#muteRequests >= muteLimit) this.connection.drop(`no answer to ${muteLimit} requests in a row`);
    }
    const half = this.#pacing.silenceMs === undefined && this.#framing.held() > 0;
    if (half && outcome.kind === 'garbled') this.connection.drop('a reply was cut short');
  }
}

type OpenRequest = {
  expected: Expectation;
  sentMs: number;
  endTimer: () => void;
  endQuiet: (() => void) | undefined;
  wrongEcho: boolean;
  heard: boolean;
  resolve: (outcome: Outcome) => void;
};

// Longer than the gaps that USB adapters (16 ms) and gateways put inside a frame.
const garbledAfterMs = 50;
const busyLineLimitMs = 500;
const muteLimit = 5;

import type { BusDeps, ModbusSettings } from '../../io/bus/bus.ts';
import { Connection } from '../../io/bus/connection.ts';
import { expectationOf } from '../../io/bus/expectation.ts';
import type { WireRequest } from '../../io/bus/expectation.ts';
import type { Framing, Received } from '../../io/bus/framing.ts';
import type { Link } from '../../io/bus/link.ts';
import { loadModbusLibrary, ModbusCodec } from '../../io/bus/modbus-codec.ts';
import { pacingOf } from '../../io/bus/pacing.ts';
import { RtuFraming } from '../../io/bus/rtu-framing.ts';
import { SerialLink } from '../../io/bus/serial-link.ts';
import { SocketLink } from '../../io/bus/socket-link.ts';
import { TcpFraming } from '../../io/bus/tcp-framing.ts';
import { Timers } from '../../io/bus/timers.ts';

/** A read that shows whether anybody is there. */
export type Question = Omit<Extract<WireRequest, { kind: 'read' }>, 'kind' | 'unit'>;

/**
 * What became of one question. `disturbed`: bytes came, but no answer of this unit; it may not have been heard. `noise`: they made no
 * whole frame of anybody.
 */
export type Heard =
  | { readonly kind: 'answer'; readonly exceptionCode?: number; readonly roundTripMs: number }
  | { readonly kind: 'disturbed'; readonly noise: boolean }
  | { readonly kind: 'silent' | 'lost' | 'stopped' };

/** A whole and correct reply of a unit that was not, or no longer, being asked. */
export type Overheard = (unit: number, functionCode: number) => void;

/**
 * Asks one unit after the other on one port, as quickly as the line allows, and hears the late ones too. The bus of the gateway is not
 * for this: it waits for whole time-outs and gives up a connection on which nobody answers. Only read functions pass: the port is
 * opened read-only, and there is no other method than `ask`.
 */
export class UnitProbe {
  readonly #connection: Connection;
  readonly #framing: Framing;
  readonly #codec: ModbusCodec;
  readonly #timers: Timers;
  readonly #pacing: ReturnType<typeof pacingOf>;
  readonly #nowMs: () => number;
  readonly #onOverheard: Overheard;
  #lastByteMs = -Infinity;
  #open: OpenQuestion | undefined;
  #stopped = false;

  constructor(settings: ModbusSettings, deps: BusDeps & { onOverheard: Overheard }) {
    this.#nowMs = () => deps.nowMs();
    this.#timers = new Timers(deps);
    this.#pacing = pacingOf(settings);
    this.#framing = settings.kind === 'tcp' ? new TcpFraming() : new RtuFraming();
    this.#codec = new ModbusCodec(loadModbusLibrary());
    this.#onOverheard = deps.onOverheard;
    this.#connection = new Connection({
      link: deps.link ?? linkTo(settings),
      timers: this.#timers,
      log: deps.log,
      events: {
        onOpened: () => this.#framing.reset(),
        onBytes: (bytes) => this.#onBytes(bytes),
        onLost: () => this.#settle({ kind: 'lost' }),
      },
      settings: {
        name: settings.name,
        readOnly: true,
        functionCodeAt: settings.kind === 'tcp' ? 7 : 1,
        reconnect: { firstMs: neverMs, maxMs: neverMs },
      },
    });
  }

  /** Opens the port. With `withinMs` an opening that takes longer is given up. */
  async open(withinMs?: number): Promise<{ ok: true } | { ok: false; say: string }> {
    const endTimer = withinMs === undefined ? () => undefined : this.#timers.after(withinMs, () => void this.close());
    await this.#connection.start();
    endTimer();
    if (this.#connection.isOpen) return { ok: true };
    const say = this.#connection.say;
    await this.close();
    return { ok: false, say: say === '' ? 'no connection in time' : say };
  }

  /** Settles a question under way with 'stopped', closes the port, leaves no timer. */
  async close(): Promise<void> {
    this.#stopped = true;
    this.#settle({ kind: 'stopped' });
    this.#timers.endAll();
    await this.#connection.stop();
    this.#timers.endAll();
  }

  /**
   * Asks, and waits for the first byte of an answer: the request's time on the wire, the t3.5 that a unit must keep before it may
   * answer, and `marginMs` for the unit and the adapter. Once bytes come they are waited for to their end.
   */
  async ask(unit: number, question: Question, marginMs: number): Promise<Heard> {
    if (this.#open !== undefined) throw new Error('two questions at once on one port');
    await this.#silence();
    if (this.#stopped) return { kind: 'stopped' };
    if (!this.#connection.isOpen) return { kind: 'lost' };
    const request: WireRequest = { kind: 'read', unit, ...question };
    const wire = this.#framing.ask(this.#codec.encode(request), expectationOf(request));
    const sentMs = this.#nowMs();
    return new Promise((resolve) => {
      const deadlineMs = sentMs + this.answerWithinMs(marginMs);
      this.#open = { unit, sentMs, deadlineMs, disturbed: false, frames: 0, resolve, endTimer: () => undefined };
      this.#waitUntil(deadlineMs);
      this.#connection.send(wire);
    });
  }

  /** From the sending of a question to the moment at which the unit is called silent. */
  answerWithinMs(marginMs: number): number {
    const { characterMs, silenceMs = 0 } = this.#pacing;
    return requestCharacters * characterMs + silenceMs + characterMs + marginMs;
  }

  /** Hears late answers for some time. */
  listen(ms: number): Promise<void> {
    return this.#timers.sleep(ms);
  }

  async #silence(): Promise<void> {
    const { silenceMs } = this.#pacing;
    if (silenceMs === undefined) return;
    const beganMs = this.#nowMs();
    for (;;) {
      const remainingMs = silenceMs - (this.#nowMs() - this.#lastByteMs);
      // A line that is never silent is spoken into after a while: else the scan would have no end.
      if (remainingMs <= 0 || this.#stopped || this.#nowMs() - beganMs > busyLineMs) return;
      await this.#timers.sleep(remainingMs);
    }
  }

  #onBytes(bytes: Uint8Array): void {
    this.#lastByteMs = this.#nowMs();
    const open = this.#open;
    if (open !== undefined) open.disturbed = true;
    for (const received of this.#framing.receive(bytes)) this.#onReceived(received);
    if (this.#open === undefined || this.#open !== open) return;
    this.#waitUntil(Math.max(open.deadlineMs, this.#lastByteMs + gapInFrameMs));
  }

  #onReceived(received: Received): void {
    switch (received.kind) {
      case 'answer': {
        const [unit = 0, functionCode = 0, code = 0] = received.frame;
        // The framing still expects it although its time is over.
        if (this.#open === undefined) return this.#onOverheard(unit, functionCode);
        const roundTripMs = this.#nowMs() - this.#open.sentMs;
        return this.#settle({ kind: 'answer', roundTripMs, ...(functionCode > 0x80 ? { exceptionCode: code } : {}) });
      }
      case 'stale':
        if (this.#open !== undefined) this.#open.frames++;
        return this.#onOverheard(received.unit, received.functionCode);
      case 'wrong':
        return this.#settle({ kind: 'disturbed', noise: false });
      case 'desynchronised':
        this.#settle({ kind: 'lost' });
        return this.#connection.drop('what came is not Modbus TCP');
    }
  }

  #waitUntil(atMs: number): void {
    const open = this.#open;
    if (open === undefined) return;
    open.endTimer();
    open.endTimer = this.#timers.afterInput(Math.max(0, atMs - this.#nowMs()), () =>
      this.#settle(open.disturbed ? { kind: 'disturbed', noise: open.frames === 0 } : { kind: 'silent' }),
    );
  }

  #settle(heard: Heard): void {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    open.endTimer();
    // An answer closes the framing itself. After silence half of a late answer may be held, which must not be forgotten.
    open.resolve(heard);
  }
}

type OpenQuestion = {
  readonly unit: number;
  readonly sentMs: number;
  readonly deadlineMs: number;
  disturbed: boolean;
  frames: number;
  readonly resolve: (heard: Heard) => void;
  endTimer: () => void;
};

function linkTo(settings: ModbusSettings): Link {
  return settings.kind === 'rtu' ? new SerialLink(settings) : new SocketLink(settings);
}

const requestCharacters = 8;
// Longer than the gaps that USB adapters (16 ms) and gateways put inside a frame.
const gapInFrameMs = 50;
const busyLineMs = 500;
// A port that is lost ends the scan of it; it is not opened again behind the scan's back.
const neverMs = 86_400_000;

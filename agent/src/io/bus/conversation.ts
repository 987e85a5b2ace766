import { expectationOf, type WireRequest } from './expectation.ts';
import type { BusFailure, ReadRequest } from './bus.ts';
import type { Exchange, Outcome } from './exchange.ts';
import type { ReplySync } from './reply-sync.ts';
import { afterTimeout, healthy, type BackOff, type UnitHealth } from './unit-health.ts';

/** What the bus knows of one unit. */
export type Unit = {
  number: number;
  health: UnitHealth;
  timeouts: number;
  sync: ReplySync;
  /** A read that was answered, to probe with before a write. */
  readable: ReadRequest | undefined;
};

/** `later`: a poll made way for a command between two requests; nothing is lost by beginning it anew. */
export type Said<T> =
  | { kind: 'done'; value: T }
  | { kind: 'failed'; failure: BusFailure; sent: boolean }
  | { kind: 'later' };

/** Reads and writes of one unit that never take one reply for another. */
export class Conversation {
  resyncs = 0;
  /** Exceptions to what nobody but this asked for: wider blocks, and probes. */
  refusedBeyond = 0;
  readonly #exchange: Exchange;
  readonly #nowMs: () => number;
  readonly #backOff: BackOff;
  readonly #numbered: boolean;
  readonly #timeoutMs: number;

  /** `numbered`: requests and replies carry a transaction id (Modbus TCP), so lengths need not tell them apart. */
  constructor(parts: {
    exchange: Exchange;
    nowMs: () => number;
    backOff: BackOff;
    numbered: boolean;
    timeoutMs: number;
  }) {
    this.#exchange = parts.exchange;
    this.#nowMs = parts.nowMs;
    this.#backOff = parts.backOff;
    this.#numbered = parts.numbered;
    this.#timeoutMs = parts.timeoutMs;
  }

  /** `makesWay` is asked between requests: true when something more urgent waits. */
  async read(unit: Unit, request: ReadRequest, makesWay: () => boolean): Promise<Said<readonly number[]>> {
    if (this.#numbered) return this.#readAs(unit, request, request.quantity);
    for (let attempt = 0; attempt < 3; attempt++) {
      if (!unit.sync.inSync) {
        const probed = await this.#resynchronise(unit, request, makesWay);
        if (probed.kind !== 'done') return probed;
        if (makesWay()) return { kind: 'later' };
      }
      const { quantity, safe, repeated, held } = unit.sync.quantityFor(request, this.#nowMs());
      if (held) return { kind: 'failed', failure: { reason: 'held-back' }, sent: false };
      const said = safe
        ? await this.#readAs(unit, request, quantity, repeated ? copyDrainMs : 0)
        : await this.#readConfirmed(unit, request, quantity, makesWay);
      // The registers after the block may not exist, or be too many: the block itself is asked for as it is.
      if (!(quantity > request.quantity && said.kind === 'failed' && isRefusal(said.failure))) return said;
      unit.sync.widerRefused(request, quantity, this.#nowMs());
      this.refusedBeyond++;
      if (makesWay()) return { kind: 'later' };
    }
    return { kind: 'failed', failure: { reason: 'garbled' }, sent: true };
  }

  async write(unit: Unit, request: WireRequest & { kind: 'write' }, mayGo?: () => boolean): Promise<Said<void>> {
    let drainMs = 0;
    if (!unit.sync.inSync && unit.readable !== undefined) {
      const probed = await this.#resynchronise(unit, unit.readable, () => false);
      if (probed.kind !== 'done') return probed.kind === 'failed' ? { ...probed, sent: false } : probed;
    } else if (!unit.sync.inSync) {
      // Nothing readable is known for a probe: a longer silence, and then only address and value of the echo can tell.
      drainMs = this.#timeoutMs;
    }
    const outcome = await this.#ask(unit, request, drainMs, mayGo);
    if (outcome.kind !== 'value') return failedAs(outcome);
    if (!unit.sync.isMissing(request.functionCode)) unit.sync.inSync = true;
    return { kind: 'done', value: undefined };
  }

  async #readAs(unit: Unit, request: ReadRequest, quantity: number, listenMs = 0): Promise<Said<readonly number[]>> {
    const outcome = await this.#ask(unit, wireRead(request, quantity), listenMs);
    const wider = quantity > request.quantity;
    if (outcome.kind === 'value') {
      if (wider) unit.sync.widthCleared(request);
      unit.readable = request;
      return { kind: 'done', value: outcome.words.slice(0, request.quantity) };
    }
    if (outcome.kind === 'timeout' && wider) unit.sync.widerLost(request, quantity, this.#nowMs());
    else if (outcome.kind === 'timeout' || outcome.kind === 'garbled') unit.sync.widthCleared(request);
    return failedAs(outcome);
  }

  /**
   * For a block that must be read with the length of a lost reply: a probe after it. Was the reply a late one, its own
   * comes in before the probe's, as a stranger.
   */
  async #readConfirmed(
    unit: Unit,
    request: ReadRequest,
    quantity: number,
    makesWay: () => boolean,
  ): Promise<Said<readonly number[]>> {
    const { functionCode, rtuBytes } = expectationOf(wireRead(request, quantity));
    const before = unit.sync.strangers(functionCode, rtuBytes);
    const said = await this.#readAs(unit, request, quantity);
    if (said.kind !== 'done') return said;
    const confirmed = await this.#resynchronise(unit, request, makesWay);
    if (confirmed.kind !== 'done') return confirmed;
    if (unit.sync.strangers(functionCode, rtuBytes) === before) return said;
    return { kind: 'failed', failure: { reason: 'garbled' }, sent: true };
  }

  /**
   * Reads at `place` a quantity whose reply cannot be confused with one that is missing. A device answers in order, so the
   * answer proves that every reply before it has come or never will.
   */
  async #resynchronise(unit: Unit, place: ReadRequest, makesWay: () => boolean): Promise<Said<void>> {
    for (let attempt = 0; attempt < probesAtMost; attempt++) {
      if (makesWay()) return { kind: 'later' };
      const quantity = unit.sync.probesFor(place, this.#nowMs())[0];
      if (quantity === undefined) break;
      const outcome = await this.#ask(unit, wireRead(place, quantity), drainMs);
      if (outcome.kind === 'value') return this.#inStep(unit);
      const refused = outcome.kind === 'exception' && isRefusal({ reason: 'exception', code: outcome.code });
      if (refused) this.refusedBeyond++;
      if (!refused && !(outcome.kind === 'garbled' && !outcome.atDeadline)) return failedAs(outcome);
    }
    // The device refuses every quantity but its own: a whole time-out of silence has to do.
    await this.#exchange.silence(this.#timeoutMs);
    return this.#inStep(unit);
  }

  #inStep(unit: Unit): Said<void> {
    unit.sync.inSync = true;
    this.resyncs++;
    return { kind: 'done', value: undefined };
  }

  async #ask(unit: Unit, request: WireRequest, drain = 0, mayGo?: () => boolean): Promise<Outcome> {
    const { functionCode, rtuBytes } = expectationOf(request);
    unit.sync.asked(functionCode, rtuBytes);
    const outcome = await this.#exchange.run(request, drain, mayGo);
    this.#note(unit, outcome, () => {
      if (!this.#numbered) unit.sync.lost(functionCode, rtuBytes, this.#nowMs());
    });
    if (outcome.kind === 'exception' && !this.#numbered) unit.sync.exceptionCame(functionCode, rtuBytes, this.#nowMs());
    return outcome;
  }

  #note(unit: Unit, outcome: Outcome, lost: () => void): void {
    switch (outcome.kind) {
      case 'value':
        unit.health = healthy;
        return;
      case 'exception':
        // 10 and 11 come from a gateway in front of a unit that does not answer.
        unit.health = outcome.code === 10 || outcome.code === 11 ? this.#failedHealth(unit) : healthy;
        return;
      case 'timeout':
        unit.timeouts++;
        unit.health = this.#failedHealth(unit);
        return lost();
      case 'garbled':
        if (outcome.sent && outcome.atDeadline) unit.health = this.#failedHealth(unit);
        return outcome.sent ? lost() : undefined;
      case 'echo-mismatch':
        return lost();
      case 'disconnected':
      case 'stopped':
        return outcome.sent ? lost() : undefined;
      case 'read-only':
      case 'called-off':
        return;
    }
  }

  #failedHealth(unit: Unit): UnitHealth {
    return afterTimeout(unit.health, this.#nowMs(), this.#backOff);
  }
}

// A late reply in full flight is waited out; one that begins later is told by its length.
const drainMs = 20;
/** A second copy of a reply that cannot be told from the next one is listened for this long. */
const copyDrainMs = 12;
const probesAtMost = 3;

const wireRead = ({ unit, table, address }: ReadRequest, quantity: number): WireRequest => ({
  kind: 'read',
  unit,
  table,
  address,
  quantity,
});

/** An exception that another quantity may avoid: address, value, or (some devices at a hole) device failure. */
const isRefusal = (failure: BusFailure): boolean =>
  failure.reason === 'exception' && failure.code >= 2 && failure.code <= 4;

function failedAs(outcome: Exclude<Outcome, { kind: 'value' }>): Said<never> {
  switch (outcome.kind) {
    case 'exception':
      return { kind: 'failed', failure: { reason: 'exception', code: outcome.code }, sent: true };
    case 'garbled':
    case 'disconnected':
    case 'stopped':
      return { kind: 'failed', failure: { reason: outcome.kind }, sent: outcome.sent };
    case 'read-only':
    case 'called-off':
      return { kind: 'failed', failure: { reason: outcome.kind }, sent: false };
    case 'timeout':
    case 'echo-mismatch':
      return { kind: 'failed', failure: { reason: outcome.kind }, sent: true };
  }
}

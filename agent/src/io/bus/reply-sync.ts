import type { ReadRequest } from './bus.ts';
import { isBitTable, readFunction, replyByteCount } from './expectation.ts';

/**
 * A reply on an RTU line carries unit, function and length, but no address and no number. A late reply to one read has the
 * looks of the reply to the next; only its length can betray it. So this remembers, for one unit, which replies were lost
 * and may still come, and chooses quantities whose reply is none of them.
 */
export class ReplySync {
  /** False after a reply was lost, until a probe of another length was answered: a device answers in order. */
  inSync = true;
  #last: ReplyKey | undefined;
  #lost: { key: ReplyKey; atMs: number }[] = [];
  readonly #refused = new Map<string, Refused>();

  /**
   * The quantity to ask for: at least `request.quantity`, and with a reply other than the last one's and every lost one's.
   * `safe` is false when there is none; then the line must be proven by a probe first.
   */
  quantityFor(request: ReadRequest, nowMs: number): { quantity: number; safe: boolean } {
    this.#forgetOld(nowMs);
    const { table, quantity } = request;
    const most = Math.min(mostOf(request), this.#refusedFrom(request, nowMs) - 1);
    const step = isBitTable(table) ? 8 : 1;
    for (let wider = quantity; wider <= Math.min(most, quantity + widestPad * step); wider += step) {
      if (!this.#taken(keyOf(table, wider))) return { quantity: wider, safe: true };
    }
    const key = keyOf(table, quantity);
    return { quantity, safe: this.#lost.length === 0 || (key !== this.#last && !this.#isLost(key)) };
  }

  /** Quantities for a probe at the same place, best first: fewer registers are the likelier to be readable. */
  probesFor(request: ReadRequest, nowMs: number): readonly number[] {
    this.#forgetOld(nowMs);
    const { table, quantity } = request;
    const step = isBitTable(table) ? 8 : 1;
    const fewer = [2, 1, 3, 4, 5, 6, 7, 8].map((n) => quantity - n * step).filter((n) => n >= 1);
    const more = [1, 2, 3, 4].map((n) => quantity + n * step).filter((n) => n <= mostOf(request));
    const candidates = [...fewer, ...more];
    const free = candidates.filter((n) => !this.#taken(keyOf(table, n)));
    // All lost lately: the one lost longest ago is the least likely to come still.
    const oldest = this.#lost.map(({ key }) => candidates.find((n) => keyOf(table, n) === key && key !== this.#last));
    return free.length > 0 ? free : oldest.filter((n) => n !== undefined);
  }

  asked(functionCode: number, rtuBytes: number): void {
    this.#last = key(functionCode, rtuBytes);
  }

  /** May a reply of this function still come? */
  isMissing(functionCode: number): boolean {
    return this.#lost.some((lost) => Math.floor(lost.key / 1024) === functionCode);
  }

  /** The reply to a request did not come, or not whole. */
  lost(functionCode: number, rtuBytes: number, nowMs: number): void {
    this.inSync = false;
    this.#lost.push({ key: key(functionCode, rtuBytes), atMs: nowMs });
    if (this.#lost.length > lostLimit) this.#lost.shift();
  }

  /** An exception has one length for all requests: while replies are missing, it may answer one of those. */
  exceptionCame(functionCode: number, rtuBytes: number, nowMs: number): void {
    this.#forgetOld(nowMs);
    if (this.#lost.length > 0) this.lost(functionCode, rtuBytes, nowMs);
  }

  /** A frame came that nobody waits for: if it was missing, it is so no longer. */
  staleCame(functionCode: number, rtuBytes: number): void {
    const found = this.#lost.findIndex((lost) => lost.key === key(functionCode, rtuBytes));
    if (found >= 0) this.#lost.splice(found, 1);
  }

  /** A read of more than was needed was answered with an exception: for an hour this place is asked for as it is. */
  widerRefused(request: ReadRequest, quantity: number, nowMs: number): void {
    this.#remember(request, { fromQuantity: quantity, strikes: strikesToRefuse, untilMs: nowMs + refusalMs });
  }

  /** Some devices are silent when asked for too much. Repeated loss of the wider reads alone says so. */
  widerLost(request: ReadRequest, quantity: number, nowMs: number): void {
    const strikes = (this.#refused.get(placeOf(request))?.strikes ?? 0) + 1;
    this.#remember(request, { fromQuantity: quantity, strikes, untilMs: nowMs + refusalMs });
  }

  /** A wider read was answered, or an exact one was lost too: it is the line, not the width. */
  widthCleared(request: ReadRequest): void {
    const refused = this.#refused.get(placeOf(request));
    if (refused !== undefined && refused.strikes < strikesToRefuse) this.#refused.delete(placeOf(request));
  }

  #refusedFrom(request: ReadRequest, nowMs: number): number {
    const refused = this.#refused.get(placeOf(request));
    if (refused === undefined || refused.strikes < strikesToRefuse) return Infinity;
    if (nowMs < refused.untilMs) return refused.fromQuantity;
    this.#refused.delete(placeOf(request));
    return Infinity;
  }

  #remember(request: ReadRequest, refused: Refused): void {
    const place = placeOf(request);
    this.#refused.delete(place);
    this.#refused.set(place, refused);
    if (this.#refused.size > refusedLimit) this.#refused.delete(this.#refused.keys().next().value!);
  }

  #taken(candidate: ReplyKey): boolean {
    return candidate === this.#last || this.#isLost(candidate);
  }

  #isLost(candidate: ReplyKey): boolean {
    return this.#lost.some((lost) => lost.key === candidate);
  }

  #forgetOld(nowMs: number): void {
    this.#lost = this.#lost.filter(({ atMs }) => nowMs - atMs < lateAtMostMs);
  }
}

// Replies 1.5 s late were seen; radio gateways keep them for longer. After this time a lost reply is believed to be gone.
const lateAtMostMs = 60_000;
// 32 bytes more, and only while so many replies are missing: 37 ms at 9600 baud.
const widestPad = 16;
const lostLimit = 64;
const refusedLimit = 512;
const strikesToRefuse = 5;
const refusalMs = 3_600_000;

type Refused = { fromQuantity: number; strikes: number; untilMs: number };

/** Function code and length in one number. */
type ReplyKey = number;
const key = (functionCode: number, rtuBytes: number): ReplyKey => functionCode * 1024 + rtuBytes;
const keyOf = (table: ReadRequest['table'], quantity: number): ReplyKey =>
  key(readFunction[table], 5 + replyByteCount(table, quantity));

const placeOf = ({ table, address, quantity }: ReadRequest): string => `${table} ${address} ${quantity}`;

/** The most that may be asked for from this address on. */
export function mostOf({ table, address, maxQuantity }: ReadRequest): number {
  return Math.min(maxQuantity ?? Infinity, isBitTable(table) ? 2000 : 125, 65_536 - address);
}

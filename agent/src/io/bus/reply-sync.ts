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
  #last: ReplyKey[] = [];
  readonly #strangers = new Map<ReplyKey, number>();
  #lost: Lost[] = [];
  readonly #refused = new Map<string, Refused>();

  /**
   * The quantity to ask for: at least `request.quantity`, and with a reply other than the last ones and every lost one.
   * `safe` is false when there is none and replies were lost lately: then the reply must be confirmed, see `strangers`.
   */
  quantityFor(request: ReadRequest, nowMs: number): Choice {
    this.#forgetOld(nowMs);
    const { table, quantity } = request;
    const most = Math.min(mostOf(request), this.#refusedFrom(request, nowMs) - 1);
    const step = stepOf(request);
    const choices: number[] = [];
    for (let wider = quantity; wider <= Math.min(most, quantity + widestPad * step); wider += step) choices.push(wider);
    const free = choices.find((wider) => !this.#taken(keyOf(table, wider)));
    if (free !== undefined) return { quantity: free, safe: true, repeated: false, held: false };
    const chosen = this.#longestAgo(table, choices) ?? quantity;
    const looks = keyOf(table, chosen);
    return {
      quantity: chosen,
      safe: this.#lost.length === 0,
      repeated: this.#last.includes(looks) && this.#strangers.size > 0,
      held: this.#lost.some(({ key: lost, atMs }) => lost === looks && nowMs - atMs < holdMs),
    };
  }

  /** Quantities for a probe at the same place, best first: few registers are quick, and the likelier to be readable. */
  probesFor(request: ReadRequest, nowMs: number): readonly number[] {
    this.#forgetOld(nowMs);
    const { table, quantity } = request;
    const step = stepOf(request);
    // Of single registers even numbers first: the device may know 32-bit values where the caller does not.
    const isWide = step > 1 && !isBitTable(table);
    const fewer = (isWide ? [1, 2, 3, 4, 5, 6, 7, 8] : [2, 4, 1, 3, 6, 8, 5, 7]).map((n) => n * step);
    const more = (isWide ? [1, 2, 3, 4] : [2, 1, 4, 3]).map((n) => quantity + n * step);
    const whole = [...fewer.filter((n) => n < quantity), ...more.filter((n) => n <= mostOf(request))];
    // One value alone: what lies behind it may not exist, so half of it is tried before still more.
    const isAlone = isWide && quantity <= step;
    const candidates = isAlone
      ? [...whole.slice(0, 1), ...(quantity > 1 ? [quantity / 2] : []), ...whole.slice(1)]
      : whole;
    const free = candidates.filter((n) => !this.#taken(keyOf(table, n)));
    return free.length > 0 ? free : [this.#longestAgo(table, candidates)].filter((n) => n !== undefined);
  }

  asked(functionCode: number, rtuBytes: number): void {
    this.#last = [key(functionCode, rtuBytes), ...this.#last].slice(0, rememberedAsked);
  }

  /** May a reply of this function still come? */
  isMissing(functionCode: number): boolean {
    return this.#lost.some((lost) => Math.floor(lost.key / 1024) === functionCode);
  }

  /** The reply to a request did not come, or not whole. */
  lost(functionCode: number, rtuBytes: number, nowMs: number): void {
    this.inSync = false;
    this.#lost.push({ key: key(functionCode, rtuBytes), atMs: nowMs, came: false });
    if (this.#lost.length > lostLimit) this.#lost.shift();
  }

  /** An exception has one length for all requests: while replies are missing, it may answer one of those. */
  exceptionCame(functionCode: number, rtuBytes: number, nowMs: number): void {
    this.#forgetOld(nowMs);
    if (this.#lost.length > 0) this.lost(functionCode, rtuBytes, nowMs);
  }

  /**
   * A frame came that nobody waits for: the missing one, or a copy of another, or one that another unit spoilt. So its length is left
   * alone for a while all the same.
   */
  staleCame(functionCode: number, rtuBytes: number): void {
    const came = key(functionCode, rtuBytes);
    this.#strangers.set(came, this.strangers(functionCode, rtuBytes) + 1);
    const missing = this.#lost.find((lost) => lost.key === came && !lost.came);
    if (missing !== undefined) missing.came = true;
  }

  /**
   * How many such replies came that nobody waited for. One more right after a read that could not choose its length means
   * that the first reply may have been a late one, and this one its own.
   */
  strangers(functionCode: number, rtuBytes: number): number {
    return this.#strangers.get(key(functionCode, rtuBytes)) ?? 0;
  }

  /** A read of more than was needed was answered with an exception: for an hour this place is asked for as it is. */
  widerRefused(request: ReadRequest, quantity: number, nowMs: number): void {
    this.#remember(request, { fromQuantity: quantity, strikes: strikesToRefuse, untilMs: nowMs + refusalMs });
  }

  /** Some devices are silent when asked for too much. Repeated loss of the wider reads alone says so. */
  widerLost(request: ReadRequest, quantity: number, nowMs: number): void {
    const { fromQuantity = quantity, strikes = 0 } = this.#refused.get(placeOf(request)) ?? {};
    const narrowest = Math.min(fromQuantity, quantity);
    this.#remember(request, { fromQuantity: narrowest, strikes: strikes + 1, untilMs: nowMs + refusalMs });
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

  /** All taken: what was lost longest ago is the least likely to come still. */
  #longestAgo(table: ReadRequest['table'], quantities: readonly number[]): number | undefined {
    const lostAtMs = (quantity: number) =>
      this.#lost.findLast((lost) => lost.key === keyOf(table, quantity))?.atMs ?? -Infinity;
    const open = quantities.filter((quantity) => !this.#last.includes(keyOf(table, quantity)));
    return open.sort((a, b) => lostAtMs(a) - lostAtMs(b))[0];
  }

  #taken(candidate: ReplyKey): boolean {
    return this.#last.includes(candidate) || this.#lost.some((lost) => lost.key === candidate);
  }

  #forgetOld(nowMs: number): void {
    this.#lost = this.#lost.filter(({ atMs, came }) => nowMs - atMs < (came ? holdMs : lateAtMostMs));
  }
}

// Replies 1.5 s late were seen; radio gateways keep them for longer. After this time a lost reply is believed to be gone.
const lateAtMostMs = 60_000;
// Of 16-bit values 32 bytes more, and only while so many replies are missing: 37 ms at 9600 baud.
const widestPad = 16;
const lostLimit = 256;
const holdMs = 2_000;
// A duplicate may come while the next request is open, or the one after it.
const rememberedAsked = 2;
const refusedLimit = 512;
const strikesToRefuse = 5;
const refusalMs = 3_600_000;

/**
 * `repeated`: the last replies looked the same, so that a second copy of one could pass for this one, and this line is known to
 * bring what nobody waits for. `held`: one that looks the
 * same was lost a moment ago and may come out of order: better no answer than that one.
 */
export type Choice = {
  readonly quantity: number;
  readonly safe: boolean;
  readonly repeated: boolean;
  readonly held: boolean;
};

/** `came`: it may have come since. */
type Lost = { readonly key: ReplyKey; readonly atMs: number; came: boolean };

type Refused = { fromQuantity: number; strikes: number; untilMs: number };

/** Function code and length in one number. */
type ReplyKey = number;
const key = (functionCode: number, rtuBytes: number): ReplyKey => functionCode * 1024 + rtuBytes;
const keyOf = (table: ReadRequest['table'], quantity: number): ReplyKey =>
  key(readFunction[table], 5 + replyByteCount(table, quantity));

const placeOf = ({ table, address, quantity }: ReadRequest): string => `${table} ${address} ${quantity}`;

/** By how much a block is made wider or narrower: whole values, or whole bytes of bits. */
function stepOf({ table, quantity, pointWords }: ReadRequest): number {
  if (isBitTable(table)) return 8;
  return pointWords ?? (quantity % 2 === 0 ? 2 : 1);
}

/** The most that may be asked for from this address on. */
export function mostOf({ table, address, maxQuantity }: ReadRequest): number {
  return Math.min(maxQuantity ?? Infinity, isBitTable(table) ? 2000 : 125, 65_536 - address);
}

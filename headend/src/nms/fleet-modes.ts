import { fleetMode, formatTopic, no, yes } from '@tiepoint/protocol';
import type { FleetModeName, GatewayBirth, Result, Verdict } from '@tiepoint/protocol';
import type { Acting, AuditEntry, FleetModeOrder, OperationsStore } from '../store/store.ts';
import type { GatewayState } from './gateway-state.ts';
import { revisionAbove } from './revision-above.ts';
import { resendEveryMs } from './tag-lists.ts';

/** The longest that a mode may be ordered for; one that is needed longer is ordered again. */
export const longestModeMs = 7 * 86_400_000;
const maxInForce = 50;
type Heard = { readonly mode: FleetModeName; readonly untilMs: number };
/** Which counts where two orders meet. */
const strictness: Readonly<Record<FleetModeName, number>> = { normal: 0, storm: 1, safe: 2 };

type Parts = {
  store: Pick<OperationsStore, 'fleetModes' | 'putFleetMode'>;
  publish: (topic: string, payload: Uint8Array) => void;
  gateways: () => Iterable<GatewayState>;
  areaOf: (gatewayId: string) => string | undefined;
  onChange: (gatewayId: string) => void;
  now: () => number;
  newId: () => string;
};

export type ModeWish = {
  readonly mode: Exclude<FleetModeName, 'normal'>;
  readonly areas: FleetModeOrder['areas'];
  readonly untilMs: number;
  readonly cause: string;
};

/**
 * Storm and safe, ordered for areas and until an instant, and told to every gateway there until its birth shows that it has heard. They end by
 * themselves here and at the gateways alike; ended earlier, `normal` is told. Where two orders meet, the stricter counts.
 */
export class FleetModes {
  readonly #parts: Parts;
  readonly #orders = new Map<string, FleetModeOrder>();
  /** What each gateway is to have heard; one that never heard of a mode needs none for `normal`. */
  readonly #wanted = new Map<
    string,
    { readonly revision: number; readonly orderId: string | undefined; readonly payload: Uint8Array }
  >();
  readonly #sentAtMs = new Map<string, number>();
  /** What each gateway has heard last, by its birth: it goes by that, whatever counts here since. */
  readonly #heard = new Map<string, Heard>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  load(): void {
    for (const order of this.#parts.store.fleetModes()) this.#orders.set(order.id, order);
  }

  /** Newest first. */
  all(): readonly FleetModeOrder[] {
    return [...this.#orders.values()].toSorted((one, other) => other.fromMs - one.fromMs);
  }

  inForce(): readonly FleetModeOrder[] {
    const nowMs = this.#parts.now();
    return this.all().filter(({ untilMs, ended }) => ended === undefined && nowMs < untilMs);
  }

  /** The order that counts for a gateway. Undefined: normal. */
  at(gatewayId: string): FleetModeOrder | undefined {
    const area = this.#parts.areaOf(gatewayId);
    const covering = this.inForce().filter(
      ({ areas }) => areas === 'all' || (area !== undefined && areas.includes(area)),
    );
    return covering.toSorted(
      (one, other) => strictness[other.mode] - strictness[one.mode] || other.untilMs - one.untilMs,
    )[0];
  }

  /** May anything be commanded there, as far as modes go? */
  verdict(gatewayId: string): Verdict {
    const order = this.at(gatewayId);
    if (order?.mode !== 'safe') return yes;
    const { operator, cause, untilMs } = order;
    const until = new Date(untilMs).toISOString();
    return no('safe-mode', `Safe mode until ${until}, by ${operator} (${cause}): no command is taken. End it first.`);
  }

  /** `told`: the gateway has heard what counts there now. */
  state(gatewayId: string, birth: GatewayBirth | undefined): 'told' | 'pending' {
    const wanted = this.#wanted.get(gatewayId);
    return wanted === undefined || wanted.revision === birth?.modeRevision ? 'told' : 'pending';
  }

  /** What the gateway goes by: told, heard, and not over. A mode that was ended here holds there until it has heard of that. */
  heard(gatewayId: string): FleetModeName | undefined {
    const heard = this.#heard.get(gatewayId);
    return heard === undefined || this.#parts.now() >= heard.untilMs ? undefined : heard.mode;
  }

  order({ mode, areas, untilMs, cause, operator, identity }: Acting & ModeWish): Result<FleetModeOrder> {
    const nowMs = this.#parts.now();
    if (untilMs <= nowMs) return no('invalid', 'It would be over already: give an instant to come.');
    if (untilMs > nowMs + longestModeMs)
      return no('invalid', `A mode holds at most ${longestModeMs / 86_400_000} days: order it again then.`);
    if (this.inForce().length >= maxInForce)
      return no('busy', `${maxInForce} orders are in force already: end some of them.`);
    const order: FleetModeOrder = { id: this.#parts.newId(), mode, areas, fromMs: nowMs, untilMs, operator, cause };
    const where = areas === 'all' ? 'everywhere' : `in ${areas.join(', ')}`;
    const say = `Mode ${mode} ${where} until ${new Date(untilMs).toISOString()}`;
    return this.#put(order, {
      atMs: nowMs,
      who: operator,
      identity,
      action: 'mode-ordered',
      subject: order.id,
      why: cause,
      say,
    });
  }

  end(id: string, { operator, identity }: Acting): Result<FleetModeOrder> {
    const order = this.inForce().find((each) => each.id === id);
    if (order === undefined) return no('invalid', 'It is over already, or was never ordered.');
    const nowMs = this.#parts.now();
    const ended: FleetModeOrder = { ...order, ended: { atMs: nowMs, by: operator } };
    const say = `Mode ${order.mode} ended before its time`;
    return this.#put(ended, { atMs: nowMs, who: operator, identity, action: 'mode-ended', subject: id, say });
  }

  gatewayBorn(gatewayId: string, birth: GatewayBirth): void {
    this.#hear(gatewayId, birth);
    this.#renew(gatewayId, birth);
    if (this.state(gatewayId, birth) === 'pending') this.#send(gatewayId);
  }

  /** Called about twice a second. */
  tick(): void {
    const nowMs = this.#parts.now();
    for (const { gatewayId, online, birth } of this.#parts.gateways()) {
      if (!online || birth === undefined) continue;
      this.#renew(gatewayId, birth);
      const sentAtMs = this.#sentAtMs.get(gatewayId) ?? Number.NEGATIVE_INFINITY;
      if (this.state(gatewayId, birth) === 'pending' && Math.abs(nowMs - sentAtMs) >= resendEveryMs)
        this.#send(gatewayId);
    }
  }

  #put(order: FleetModeOrder, audit: AuditEntry): Result<FleetModeOrder> {
    const recorded = this.#parts.store.putFleetMode(order, audit);
    if (!recorded.ok) return recorded;
    this.#orders.set(order.id, order);
    for (const { gatewayId, birth } of this.#parts.gateways()) {
      if (birth === undefined || !this.#renew(gatewayId, birth)) continue;
      this.#send(gatewayId);
      this.#parts.onChange(gatewayId);
    }
    return { ok: true, value: order };
  }

  #hear(gatewayId: string, { modeRevision }: GatewayBirth): void {
    const wanted = this.#wanted.get(gatewayId);
    if (wanted === undefined || wanted.revision !== modeRevision) return;
    const order = this.#orders.get(wanted.orderId ?? '');
    if (order === undefined) this.#heard.delete(gatewayId);
    else this.#heard.set(gatewayId, { mode: order.mode, untilMs: order.untilMs });
  }

  /** A message of its own for what counts there now, above all that the gateway may have heard. True: it is another than before. */
  #renew(gatewayId: string, birth: GatewayBirth): boolean {
    const order = this.at(gatewayId);
    const known = this.#wanted.get(gatewayId);
    if (known?.orderId === order?.id && (birth.modeRevision ?? 0) <= (known?.revision ?? 0)) return false;
    if (known === undefined && order === undefined) {
      // Modes end by themselves, so after a restart of this head-end no gateway has to be told that there is none; but one that was ended
      // before its time may have been away.
      const mayHold = [...this.#orders.values()].some(
        ({ ended, untilMs }) => ended !== undefined && this.#parts.now() < untilMs,
      );
      if (birth.modeRevision === undefined || !mayHold) return false;
    }
    const revision = Math.max(this.#parts.now(), revisionAbove(known?.revision, birth.modeRevision));
    const told =
      order === undefined
        ? { mode: 'normal' as const }
        : { mode: order.mode, untilMs: order.untilMs, operator: order.operator, cause: order.cause };
    this.#wanted.set(gatewayId, { revision, orderId: order?.id, payload: fleetMode.toBytes({ revision, ...told }) });
    return true;
  }

  #send(gatewayId: string): void {
    const wanted = this.#wanted.get(gatewayId);
    if (wanted === undefined) return;
    this.#sentAtMs.set(gatewayId, this.#parts.now());
    this.#parts.publish(formatTopic({ of: 'gateway', gatewayId, message: 'mode' }), wanted.payload);
  }
}

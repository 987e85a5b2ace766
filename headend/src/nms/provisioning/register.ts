import type { Failure } from '@tiepoint/protocol';
import type { SiteState } from '@tiepoint/protocol/field';
import type {
  Acceptance,
  CertificateRecord,
  ContractRecord,
  DeviceOrder,
  ProvisioningChange,
  ProvisioningKind,
  ProvisioningRecords,
  ProvisioningStore,
  SiteRecord,
} from '../../store/provisioning-store.ts';
import type { Acting, AuditEntry, EventEntry, NotRecorded } from '../../store/store.ts';
import { changedSince } from './acceptance.ts';
import type { BornThere } from './acceptance.ts';
import type { Standing } from './contract-rule.ts';
import { bookFaults, withChanges } from './order-book.ts';
import type { BookFault, EnteredChange, OrderBook } from './order-book.ts';
import { missingAt, siteState } from './site-state.ts';
import type { GatewayAtSite } from './site-state.ts';

export type RegisterParts = {
  readonly store: ProvisioningStore;
  readonly born: (gatewayId: string) => BornThere;
  readonly event: (entry: EventEntry) => void;
  /** What may be commanded has changed. */
  readonly onDevice: (deviceKey: string) => void;
  /** Where it stands has changed. */
  readonly onGateway: (gatewayId: string) => void;
  readonly now: () => number;
};

export type Actor = Pick<AuditEntry, 'who' | 'identity'>;
export const operatorActor = ({ operator, identity }: Acting): Actor => ({ who: operator, identity });
export const gatewayActor = (gatewayId: string): Actor => ({ who: `agent of ${gatewayId}`, identity: 'agent' });
export const headendActor: Actor = { who: 'head-end', identity: 'system' };

type Records = { [K in ProvisioningKind]: Map<string, ProvisioningRecords[K]> };
type AuditTold = Omit<AuditEntry, 'atMs' | 'who' | 'identity'>;
export type Committed = NotRecorded | (Failure<'invalid'> & { faults: readonly BookFault[] });

/** What is known of sites, in memory and on the disk alike. Every change is one transaction with its audit and what follows from it. */
export class Register {
  readonly #parts: RegisterParts;
  #records: Records = noRecords();
  #gatewayOrders: ReadonlyMap<string, readonly DeviceOrder[]> = new Map();
  #siteGateways: ReadonlyMap<string, readonly string[]> = new Map();
  #contracts: ReadonlyMap<string, readonly ContractRecord[]> = new Map();
  #certificates: ReadonlyMap<string, readonly CertificateRecord[]> = new Map();

  constructor(parts: RegisterParts) {
    this.#parts = parts;
  }

  load(): void {
    const { store } = this.#parts;
    this.#records = {
      site: new Map(store.all('site').map((each) => [each.id, each])),
      device: new Map(store.all('device').map((each) => [each.key, each])),
      contract: new Map(store.all('contract').map((each) => [each.id, each])),
      identity: new Map(store.all('identity').map((each) => [each.gatewayId, each])),
      certificate: new Map(store.all('certificate').map((each) => [each.serial, each])),
      acceptance: new Map(store.all('acceptance').map((each) => [each.gatewayId, each])),
      token: new Map(store.all('token').map((each) => [each.id, each])),
      profile: new Map(store.all('profile').map((each) => [each.name, each])),
    };
    this.#index();
    // A birth that was kept and whose consequence was not, by a crash in between.
    for (const gatewayId of this.#records.acceptance.keys()) this.look(gatewayId);
  }

  get book(): OrderBook {
    return this.#records;
  }

  of<K extends ProvisioningKind>(kind: K): ReadonlyMap<string, ProvisioningRecords[K]> {
    return this.#records[kind];
  }

  ordersOf(gatewayId: string): readonly DeviceOrder[] {
    return this.#gatewayOrders.get(gatewayId) ?? [];
  }

  contractsOf(deviceKey: string): readonly ContractRecord[] {
    return this.#contracts.get(deviceKey) ?? [];
  }

  certificatesOf(gatewayId: string): readonly CertificateRecord[] {
    return this.#certificates.get(gatewayId) ?? [];
  }

  gatewaysAt(siteId: string): readonly GatewayAtSite[] {
    return this.#gatewaysAt(siteId, this.#records);
  }

  stateOf(siteId: string): SiteState | undefined {
    const site = this.#records.site.get(siteId);
    return site && siteState(site, this.gatewaysAt(siteId));
  }

  missingAt(site: SiteRecord): readonly string[] {
    return missingAt(site, this.gatewaysAt(site.id), this.#parts.born);
  }

  /** Undefined: nobody entered it. */
  standing(deviceKey: string): Standing {
    const order = this.#records.device.get(deviceKey);
    const site = order && this.#records.site.get(order.siteId);
    if (site === undefined) return undefined;
    const state = siteState(site, this.gatewaysAt(site.id));
    const missing = state === 'in-service' ? [] : this.missingAt(site);
    return { siteId: site.id, state, missing, contracts: this.contractsOf(deviceKey) };
  }

  /** Changes what was entered, where it fits together; else says what does not. */
  enter(changes: readonly EnteredChange[], actor: Actor, audit: readonly AuditTold[]): Committed {
    const next = withChanges(this.book, changes);
    const faults = bookFaults(next, changes);
    if (faults[0] !== undefined) return { ok: false, reason: 'invalid', say: faults[0].say, faults };
    return this.commit([...changes, ...this.fallsBy(next)], actor, audit);
  }

  /** Gateways that would fall out of service by what is ordered then. */
  fallsBy(next: OrderBook): readonly Extract<ProvisioningChange, { kind: 'acceptance' }>[] {
    const orders = Map.groupBy(next.device.values(), ({ gatewayId }) => gatewayId);
    return [...this.#records.acceptance.values()].flatMap((acceptance) =>
      this.#fall(acceptance, orders.get(acceptance.gatewayId) ?? []),
    );
  }

  /** A gateway or one of its devices introduced itself. */
  look(gatewayId: string): void {
    const acceptance = this.#records.acceptance.get(gatewayId);
    if (acceptance === undefined) return;
    const falls = this.#fall(acceptance, this.ordersOf(gatewayId));
    if (falls.length > 0) this.commit(falls, headendActor, []);
  }

  /** Writes changes that are known to fit, their audit, and what they do to the states of sites: all or nothing. */
  commit(changes: readonly ProvisioningChange[], actor: Actor, audit: readonly AuditTold[]): NotRecorded {
    return this.#commit(changes, actor, audit, (entries) => this.#parts.store.change(changes, entries));
  }

  /** As `commit`, with a report. */
  commitReport(
    report: Parameters<ProvisioningStore['addReport']>[0],
    texts: Parameters<ProvisioningStore['addReport']>[1],
    { changes, actor, audit }: { changes: readonly ProvisioningChange[]; actor: Actor; audit: readonly AuditTold[] },
  ): NotRecorded {
    return this.#commit(changes, actor, audit, (entries) =>
      this.#parts.store.addReport(report, texts, changes, entries),
    );
  }

  #commit(
    changes: readonly ProvisioningChange[],
    actor: Actor,
    audit: readonly AuditTold[],
    write: (entries: readonly AuditEntry[]) => NotRecorded,
  ): NotRecorded {
    const atMs = this.#parts.now();
    const before = this.#records;
    const next = applied(before, changes);
    const moves = this.#moves(before, next, changes);
    const entries: AuditEntry[] = [
      ...audit.map((entry) => ({ ...entry, ...actor, atMs })),
      ...moves.map(({ siteId, say }): AuditEntry => ({
        ...headendActor,
        atMs,
        action: 'site-state',
        subject: subjectOf(siteId),
        say,
      })),
    ];
    const written = write(entries);
    if (!written.ok) return written;
    this.#records = next;
    const isIndexed = (['device', 'contract', 'certificate'] as const).some((kind) => next[kind] !== before[kind]);
    if (isIndexed) this.#index();
    for (const { siteId, gatewayId, say } of moves) {
      if (gatewayId !== undefined)
        this.#parts.event({ atMs, gatewayId, source: 'head-end', kind: 'site-changed', late: false, say });
      for (const { orders } of this.gatewaysAt(siteId)) for (const { key } of orders) this.#parts.onDevice(key);
    }
    for (const { kind, id, record } of changes)
      if (kind === 'device') this.#parts.onDevice(id);
      else if (kind === 'contract') this.#parts.onDevice(record?.deviceKey ?? before.contract.get(id)?.deviceKey ?? '');
    for (const gatewayId of new Set(changes.flatMap((change) => this.#movedBy(change, before)))) {
      this.#parts.onGateway(gatewayId);
      for (const { key } of this.ordersOf(gatewayId)) this.#parts.onDevice(key);
    }
    return written;
  }

  /** Gateways that stand at another site by it, or in another area. */
  #movedBy({ kind, id, record }: ProvisioningChange, before: Records): readonly string[] {
    if (kind === 'site')
      return record?.area === before.site.get(id)?.area ? [] : this.gatewaysAt(id).map(({ gatewayId }) => gatewayId);
    if (kind !== 'device') return [];
    const was = before.device.get(id);
    if (was?.siteId === record?.siteId && was?.gatewayId === record?.gatewayId) return [];
    return [was, record].flatMap((each) => each?.gatewayId ?? []);
  }

  #moves(
    before: Records,
    next: Records,
    changes: readonly ProvisioningChange[],
  ): readonly { siteId: string; gatewayId: string | undefined; say: string }[] {
    const nextGateways = gatewaysBySite(next);
    const siteIds = new Set(changes.flatMap((change) => this.#sitesTouched(change, before, next)));
    return [...siteIds].flatMap((siteId) => {
      const [was, is] = [before.site.get(siteId), next.site.get(siteId)];
      const gatewayIds = nextGateways.get(siteId) ?? [];
      const from = was && siteState(was, this.#gatewaysAt(siteId, before));
      const to =
        is &&
        siteState(
          is,
          gatewayIds.map((id) => this.#gatewayAt(id, next)),
        );
      if (from === to) return [];
      const fell = changes.flatMap((change) =>
        change.kind === 'acceptance' && change.record?.fallen !== undefined
          ? [`${change.id}: ${change.record.fallen.say}`]
          : [],
      );
      const why = fell.length > 0 && to !== 'in-service' ? ` ${fell.join(' ')}` : '';
      const say = `Site ${is?.title ?? was?.title ?? siteId} (${siteId}): ${(from ?? 'new').replace('-', ' ')} → ${(to ?? 'removed').replace('-', ' ')}.${why}`;
      return [{ siteId, gatewayId: gatewayIds[0] ?? this.#siteGateways.get(siteId)?.[0], say }];
    });
  }

  #sitesTouched(change: ProvisioningChange, before: Records, next: Records): readonly string[] {
    switch (change.kind) {
      case 'site':
        return [change.id];
      case 'device':
        return [before, next].flatMap(({ device }) => device.get(change.id)?.siteId ?? []);
      case 'identity':
      case 'acceptance':
        return [this.ordersOf(change.id)[0]?.siteId ?? []].flat();
      default:
        return [];
    }
  }

  #fall(
    acceptance: Acceptance,
    orders: readonly DeviceOrder[],
  ): readonly Extract<ProvisioningChange, { kind: 'acceptance' }>[] {
    const { gatewayId, fallen } = acceptance;
    const say = fallen === undefined ? changedSince(acceptance, orders, this.#parts.born(gatewayId)) : undefined;
    if (say === undefined) return [];
    return [{ kind: 'acceptance', id: gatewayId, record: { ...acceptance, fallen: { atMs: this.#parts.now(), say } } }];
  }

  #gatewaysAt(siteId: string, records: Records): readonly GatewayAtSite[] {
    return (this.#siteGateways.get(siteId) ?? []).map((id) => this.#gatewayAt(id, records));
  }

  #gatewayAt(gatewayId: string, records: Records): GatewayAtSite {
    const identity = records.identity.get(gatewayId);
    const hasIdentity = identity !== undefined && identity.revoked === undefined;
    const orders = records === this.#records ? this.ordersOf(gatewayId) : [];
    const revokedCause = identity?.revoked?.cause;
    return { gatewayId, hasIdentity, revokedCause, acceptance: records.acceptance.get(gatewayId), orders };
  }

  #index(): void {
    this.#gatewayOrders = Map.groupBy(this.#records.device.values(), ({ gatewayId }) => gatewayId);
    this.#siteGateways = gatewaysBySite(this.#records);
    this.#certificates = Map.groupBy(this.#records.certificate.values(), ({ gatewayId }) => gatewayId);
    this.#contracts = Map.groupBy(this.#records.contract.values(), ({ deviceKey }) => deviceKey);
  }
}

/** How the audit names a site, apart from gateways, which may be called the same. */
export function subjectOf(siteId: string): string {
  return `site:${siteId}`;
}

function noRecords(): Records {
  return {
    site: new Map(),
    device: new Map(),
    contract: new Map(),
    identity: new Map(),
    certificate: new Map(),
    acceptance: new Map(),
    token: new Map(),
    profile: new Map(),
  };
}

function applied(records: Records, changes: readonly ProvisioningChange[]): Records {
  const next = { ...records };
  for (const kind of new Set(changes.map((change) => change.kind)))
    (next as Record<string, unknown>)[kind] = new Map<string, unknown>(records[kind]);
  for (const { kind, id, record } of changes) {
    const of = next[kind] as Map<string, unknown>;
    if (record === undefined) of.delete(id);
    else of.set(id, record);
  }
  return next;
}

function gatewaysBySite({ device }: Records): ReadonlyMap<string, readonly string[]> {
  const sets = new Map<string, Set<string>>();
  for (const { siteId, gatewayId } of device.values()) {
    const known = sets.get(siteId) ?? new Set();
    sets.set(siteId, known.add(gatewayId));
  }
  return new Map([...sets].map(([siteId, ids]) => [siteId, [...ids]]));
}

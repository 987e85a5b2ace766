import { randomInt } from 'node:crypto';
import { type Extent, extentsOf } from './modbus-slave.ts';
import { type ExceptionCode, type RegisterTable } from './register-image.ts';
import { type SeededRandom, seededRandom } from './seeded-random.ts';

/**
 * What goes wrong on one port. A plan is a set of rules; each request is shown to every rule, and the faults of all rules that
 * fire are applied to its reply together. Rules can be added and taken away while the server runs.
 *
 *     const faults = new FaultPlan({ seed: 7 });
 *     faults.add({ fault: { kind: 'lost' }, when: { probability: 0.05 } });
 *     faults.add({ fault: { kind: 'late', delayMs: 900 }, when: { requests: [3, 10] }, to: { functionCodes: [3] } });
 *     const heal = faults.add(deadUnit(5));   // later: heal()
 */
export class FaultPlan {
  readonly random: SeededRandom;
  readonly #rules = new Map<symbol, { rule: FaultRule; matched: number }>();
  readonly #say: (line: string) => void;
  #requests = 0;
  #announced = false;
  #done: Partial<Record<FaultKind, number>> = {};
  #inapplicable = 0;

  /** Without a seed one is drawn. The seed is said once, before the first draw of a rule with a probability. */
  constructor({ seed = randomInt(0x7fff_ffff), say = console.info, rules = [] }: FaultPlanOptions = {}) {
    this.random = seededRandom(seed);
    this.#say = say;
    for (const rule of rules) this.add(rule);
  }

  /** Returns the function that takes the rule away again. */
  add(rule: FaultRule): () => void {
    const key = Symbol(rule.fault.kind);
    this.#rules.set(key, { rule, matched: 0 });
    return () => this.#rules.delete(key);
  }

  clear(): void {
    this.#rules.clear();
  }

  /** The faults that this request meets, in the order of the rules. Called by a server once for each request. */
  faultsFor(unit: number, request: Uint8Array): readonly Fault[] {
    this.#requests++;
    const faults: Fault[] = [];
    const extents = extentsOf(request);
    for (const entry of this.#rules.values()) {
      if (!matches(entry.rule.to ?? {}, unit, request[0] ?? 0, extents)) continue;
      entry.matched++;
      if (this.#fires(entry.rule.when ?? 'always', entry.matched)) faults.push(entry.rule.fault);
    }
    return faults;
  }

  /** Called by a server for every fault it has carried out, or could not because its kind of line has no such thing. */
  record(kind: FaultKind, applied: boolean): void {
    if (applied) this.#done[kind] = (this.#done[kind] ?? 0) + 1;
    else this.#inapplicable++;
  }

  counts(): FaultCounts {
    return { requests: this.#requests, done: { ...this.#done }, inapplicable: this.#inapplicable };
  }

  #fires(when: FaultTrigger, matched: number): boolean {
    if (when === 'always') return true;
    if ('requests' in when) return when.requests.includes(matched);
    if ('every' in when) return matched % when.every === 0;
    if (!this.#announced) this.#say(`faults at random: seed ${this.random.seed}`);
    this.#announced = true;
    return this.random.next() < when.probability;
  }
}

export type FaultPlanOptions = { seed?: number; say?: (line: string) => void; rules?: readonly FaultRule[] };

export type FaultRule = {
  fault: Fault;
  /** `requests` lists which of the matching requests, counted from 1 since the rule was added. Without it: always. */
  when?: FaultTrigger;
  /** Which requests are meant; without it: all. */
  to?: FaultTarget;
};
export type FaultTrigger = 'always' | { probability: number } | { requests: readonly number[] } | { every: number };
export type FaultTarget = { units?: readonly number[]; functionCodes?: readonly number[]; touching?: Extent };

export type Fault =
  /** The reply leaves this much later; other requests are answered meanwhile and may overtake it, as on a slow network. */
  | { kind: 'late'; delayMs: number }
  /** The device works this long on the request; whatever comes meanwhile waits behind it. */
  | { kind: 'slow'; delayMs: number }
  /** The device does what was asked; the reply never leaves. */
  | { kind: 'lost' }
  /** The device never hears the request, and does nothing. */
  | { kind: 'unheard' }
  | { kind: 'duplicate'; gapMs?: number }
  | { kind: 'noise'; where: 'before' | 'inside' | 'after'; byteCount: number }
  /** The reply ends after `keepBytes`; without it, somewhere at random. */
  | { kind: 'truncated'; keepBytes?: number }
  /** A whole, valid reply that carries another unit, function or (TCP) transaction than was asked. */
  | { kind: 'wrong-unit' }
  | { kind: 'wrong-function' }
  | { kind: 'wrong-transaction' }
  /** RTU only. */
  | { kind: 'bad-crc' }
  /** Instead of what the device would answer. Nothing is done. */
  | { kind: 'exception'; code: ExceptionCode }
  /** TCP, and RTU over TCP: the request is done, the connection closes without a reply. */
  | { kind: 'drop-connection' };
export type FaultKind = Fault['kind'];

/** `done` counts what was carried out; `inapplicable` what the line does not have, such as a CRC on TCP. */
export type FaultCounts = { requests: number; done: Partial<Record<FaultKind, number>>; inapplicable: number };

export function deadUnit(unit: number): FaultRule {
  return { fault: { kind: 'unheard' }, to: { units: [unit] } };
}

export function slowUnit(unit: number, delayMs: number): FaultRule {
  return { fault: { kind: 'slow', delayMs }, to: { units: [unit] } };
}

/** Registers that cannot be read or written while the rule stands, on any unit or one. */
export function hole(table: RegisterTable, address: number, count: number, unit?: number): FaultRule {
  const touching = { table, address, count };
  return { fault: { kind: 'exception', code: 2 }, to: unit === undefined ? { touching } : { touching, units: [unit] } };
}

function matches(to: FaultTarget, unit: number, functionCode: number, extents: readonly Extent[]): boolean {
  if (to.units !== undefined && !to.units.includes(unit)) return false;
  if (to.functionCodes !== undefined && !to.functionCodes.includes(functionCode)) return false;
  const target = to.touching;
  return target === undefined || extents.some((extent) => overlap(extent, target));
}

function overlap(a: Extent, b: Extent): boolean {
  return a.table === b.table && a.address < b.address + b.count && b.address < a.address + a.count;
}

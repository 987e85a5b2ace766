import type { GatewayBirth } from '@tiepoint/protocol';
import type { EventEntry } from '../store/store.ts';

type Parts = { note: (entry: EventEntry) => void; now: () => number };
type Known = { instances: readonly number[]; toldAtMs?: number };

/** Processes of one gateway that are remembered; the last is the present one. */
const maxInstances = 8;
/** While there are two, it is told so often. */
const tellEveryMs = 3_600_000;

/**
 * Two agents with one identity: a copied card, a gateway that was exchanged and still runs, or a stolen key. The broker inside refuses the
 * second and tells. A broker outside lets each throw the other out: then the births of two processes come in turn, which one gateway cannot
 * do, for a process that has ended does not come back.
 */
export class SecondAgents {
  readonly #parts: Parts;
  readonly #known = new Map<string, Known>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** A birth of a gateway that the fleet has taken. */
  born(gatewayId: string, { instance }: Pick<GatewayBirth, 'instance'>): void {
    if (instance === undefined) return;
    const known = this.#of(gatewayId);
    const others = known.instances.filter((each) => each !== instance);
    const isBack = known.instances.includes(instance) && known.instances.at(-1) !== instance;
    this.#known.set(gatewayId, { ...known, instances: [...others, instance].slice(-maxInstances) });
    if (isBack) this.#tell(gatewayId, 'Two agents with its identity take the line from each other in turn');
  }

  /** The broker inside has refused one, and heard the other again. */
  refused(gatewayId: string, remoteAddress: string | undefined): void {
    this.#tell(gatewayId, `Another agent came with its identity, from ${remoteAddress ?? 'nowhere'}, and was refused`);
  }

  #of(gatewayId: string): Known {
    return this.#known.get(gatewayId) ?? { instances: [] };
  }

  #tell(gatewayId: string, say: string): void {
    const nowMs = this.#parts.now();
    const known = this.#of(gatewayId);
    // The clock may have been set back.
    if (known.toldAtMs !== undefined && Math.abs(nowMs - known.toldAtMs) < tellEveryMs) return;
    this.#known.set(gatewayId, { ...known, toldAtMs: nowMs });
    this.#parts.note({
      atMs: nowMs,
      gatewayId,
      source: 'head-end',
      kind: 'second-agent',
      late: false,
      say: `${say}. Find it and end it; where nobody knows it, revoke the certificate and enrol the gateway anew`,
    });
  }
}

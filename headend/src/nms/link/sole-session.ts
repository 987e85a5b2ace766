/** Who asks for a gateway's one session: a process, by the number that it made up for itself at its start; undefined: it told none. */
export type Claimant = {
  clientId: string;
  instance: string | undefined;
  keepaliveS: number;
  remoteAddress: string | undefined;
};

export type SecondAgent = Pick<Claimant, 'clientId' | 'remoteAddress'>;

type Holder = Claimant & { connection: object; lastHeardMs: number; refused: SecondAgent | undefined };

/** After so many keep-alives without a word a client counts as gone (MQTT 3.1.1, 3.1.2.10). */
const keepalivesToLoss = 1.5;

/**
 * One session a gateway. The standard would have a newcomer throw the present one out, so that of two agents with one identity each is on
 * line half of the time. Here the present one stays as long as it is heard; only its own process takes over from it, for then its line was cut
 * without this end noticing. Who is refused may also be the same gateway after a loss of power, so it is a second one only when the first is
 * heard again after that.
 */
export class SoleSession {
  readonly #holders = new Map<string, Holder>();
  readonly #byConnection = new WeakMap<object, Holder>();
  readonly #onSecond: (second: SecondAgent) => void;

  constructor(onSecond: (second: SecondAgent) => void) {
    this.#onSecond = onSecond;
  }

  /** How long to wait at most, where the session is another's; undefined: it is this claimant's now. */
  claim(claimant: Claimant, connection: object, nowMs: number): number | undefined {
    const holder = this.#holders.get(claimant.clientId);
    if (holder !== undefined && !isSameProcess(holder, claimant)) {
      const waitMs = holder.lastHeardMs + keepalivesToLoss * holder.keepaliveS * 1_000 - nowMs;
      if (waitMs > 0) {
        holder.refused = { clientId: claimant.clientId, remoteAddress: claimant.remoteAddress };
        return waitMs;
      }
    }
    const next = { ...claimant, connection, lastHeardMs: nowMs, refused: undefined };
    this.#holders.set(claimant.clientId, next);
    this.#byConnection.set(connection, next);
    return undefined;
  }

  heard(connection: object, nowMs: number): void {
    const holder = this.#byConnection.get(connection);
    if (holder === undefined) return;
    holder.lastHeardMs = nowMs;
    const { refused } = holder;
    if (refused === undefined || this.#holders.get(holder.clientId) !== holder) return;
    holder.refused = undefined;
    this.#onSecond(refused);
  }

  left(connection: object): void {
    const holder = this.#byConnection.get(connection);
    if (holder !== undefined && this.#holders.get(holder.clientId) === holder) this.#holders.delete(holder.clientId);
  }
}

function isSameProcess(holder: Claimant, { instance }: Claimant): boolean {
  return instance !== undefined && instance === holder.instance;
}

import { openEnvelope, placeOf } from '@tiepoint/protocol/envelope';
import type { Topic } from '@tiepoint/protocol';
import type { Log } from './log.ts';
import type { TrustKeeper } from './trust.ts';

export type GateDeps = {
  readonly trust: Pick<TrustKeeper, 'keyOf' | 'revision'>;
  readonly log: Log;
  /** To the head-end's operator: what was refused, and how often since it was last told. */
  readonly tell: (say: string, count: number) => void;
  /** Monotonic. */
  readonly nowMs: () => number;
};

/** Log and operator are told at once, and then no more often than this: whoever forges messages can send any number of them. */
const tellEveryMs = 60_000;

/**
 * The one way down. Whatever comes from above passes here before anything of it is read, and only what a trusted key signed for this
 * gateway, and for this kind of message, comes out on the other side.
 */
export class Gate {
  readonly #deps: GateDeps;
  #untold = 0;
  #toldAtMs: number | undefined;

  constructor(deps: GateDeps) {
    this.#deps = deps;
  }

  /** What was signed; `undefined`: not for us to act on. Never throws, whatever the bytes. */
  open(topic: Topic, payload: Uint8Array): Uint8Array | undefined {
    const place = placeOf(topic);
    if (place === undefined) return undefined;
    const { trust } = this.#deps;
    const opened = openEnvelope(payload, place, (kid) => trust.keyOf(kid, place));
    if (opened.ok) return opened.content;
    const without =
      trust.revision === undefined ? ' This gateway has no list of trusted keys (trust.json): enrol it again.' : '';
    this.#refused(`${place.kind}: ${opened.say}.${without}`);
    return undefined;
  }

  #refused(say: string): void {
    const { log, tell, nowMs } = this.#deps;
    this.#untold += 1;
    const atMs = nowMs();
    if (this.#toldAtMs !== undefined && atMs - this.#toldAtMs < tellEveryMs) return;
    const count = this.#untold;
    this.#untold = 0;
    this.#toldAtMs = atMs;
    log.warn({ why: say, count }, 'a message that no trusted key signed for this gateway was refused');
    tell(say, count);
  }
}

import { fieldRoutes, gatewayCertificateShape, shownCertificateShape } from '@tiepoint/protocol/field';
import type { GatewayEventKind } from '@tiepoint/protocol';
import type { EndTimer } from '../clock.ts';
import { ask } from '../head-end-question.ts';
import type { Log } from '../log.ts';
import type { Surroundings } from '../surroundings.ts';
import { certificateRequest } from './certificate-request.ts';
import { readEnrolment } from './enrolment-file.ts';
import type { GatewayIdentity } from './gateway-identity.ts';
import { makeNextKey, renewalFault, settleKeys, takeRenewed } from './renewed-files.ts';
import { isLongOverdue, isRenewalDue, renewalPauseMs } from './renewal-time.ts';

const lookEveryMs = 600_000;
const tellEveryMs = 86_400_000;

type RenewalParts = Pick<Surroundings, 'clock' | 'random01' | 'readIdentity'> & {
  readonly folder: string;
  readonly gatewayId: string;
} & RenewalEvents;

type RenewalEvents = {
  readonly log: Log;
  /** To the head-end's operator; false: it did not get there. */
  readonly tell: (kind: GatewayEventKind, say: string) => Promise<boolean>;
  /** There is a new certificate: the line is to be made with it. */
  readonly onRenewed: () => void;
  readonly ask?: typeof ask;
};

/** Has this gateway's certificate renewed before it is over, as often as it takes, while all else goes on. */
export class Renewal {
  readonly #parts: RenewalParts;
  readonly #ask: typeof ask;
  readonly #spread01: number;
  #endTimer: EndTimer | undefined;
  #failures = 0;
  #failingSinceMs: number | undefined;
  #toldAtMs: number | undefined;
  #isStopped = false;

  constructor(
    { gateway, identity }: { readonly gateway: { readonly id: string }; readonly identity: string },
    surroundings: Pick<Surroundings, 'clock' | 'random01' | 'readIdentity'>,
    events: RenewalEvents,
  ) {
    this.#parts = { ...surroundings, ...events, folder: identity, gatewayId: gateway.id };
    this.#ask = events.ask ?? ask;
    this.#spread01 = surroundings.random01();
  }

  start(): void {
    const { folder, log } = this.#parts;
    try {
      settleKeys(folder);
    } catch (error) {
      log.warn({ folder, error: String(error) }, 'a renewal that was broken off could not be cleared away');
    }
    this.#later(lookEveryMs * this.#parts.random01());
  }

  stop(): void {
    this.#isStopped = true;
    this.#endTimer?.();
  }

  #later(delayMs: number): void {
    if (!this.#isStopped) this.#endTimer = this.#parts.clock.after(delayMs, () => void this.#look());
  }

  async #look(): Promise<void> {
    const { clock, folder, gatewayId, readIdentity, random01 } = this.#parts;
    const read = readIdentity(folder, gatewayId);
    // Without an identity there is no line either, which tells why.
    if (!read.ok || !isRenewalDue(read.identity, this.#spread01, clock.nowMs())) return this.#later(lookEveryMs);
    const why = await this.#renew(read.identity).catch((error: unknown) => String(error));
    if (this.#isStopped) return;
    if (why === undefined) {
      await this.#well();
      return this.#later(lookEveryMs);
    }
    await this.#failed(why, read.identity);
    this.#later(renewalPauseMs(this.#failures, random01()));
  }

  /** Undefined: it is renewed. Else why not. Throws where the disk cannot be written. */
  async #renew({ tls }: GatewayIdentity): Promise<string | undefined> {
    const { folder, gatewayId, log, onRenewed, readIdentity } = this.#parts;
    const url = readEnrolment(folder)?.url;
    if (url === undefined)
      return `${folder} does not tell where the head-end is (enrolment.json): enrol this gateway anew`;
    const key = makeNextKey(folder);
    const request = { certificateRequest: await certificateRequest(key) };
    const answer = await this.#ask(url, fieldRoutes.renewals, gatewayCertificateShape, { tls, body: request });
    if (!answer.ok) return answer.say;
    const fault = renewalFault(answer.value, key, gatewayId);
    if (fault !== undefined) return `${url}: the certificate that came cannot be used: ${fault}`;
    takeRenewed(folder, answer.value);
    const renewed = readIdentity(folder, gatewayId);
    if (!renewed.ok) return renewed.say;
    const { serial, notAfterMs } = renewed.identity;
    log.info({ serial, until: new Date(notAfterMs).toISOString() }, 'the certificate is renewed');
    onRenewed();
    // With a broker outside, the head-end sees the new certificate here, and retires the old one.
    const shown = await this.#ask(url, fieldRoutes.certificate, shownCertificateShape, { tls: renewed.identity.tls });
    if (!shown.ok)
      log.warn({ why: shown.say }, 'the renewed certificate could not be shown; the old one stays good till then');
    return undefined;
  }

  async #well(): Promise<void> {
    const wasTold = this.#toldAtMs !== undefined;
    this.#failures = 0;
    this.#failingSinceMs = undefined;
    this.#toldAtMs = undefined;
    if (wasTold) await this.#parts.tell('certificate-renewed', 'after tries that failed');
  }

  async #failed(why: string, identity: GatewayIdentity): Promise<void> {
    const { clock, log, tell } = this.#parts;
    const nowMs = clock.nowMs();
    const monotonicMs = clock.monotonicMs();
    this.#failures += 1;
    this.#failingSinceMs ??= monotonicMs;
    const until = new Date(identity.notAfterMs).toISOString();
    const say =
      nowMs < identity.notAfterMs
        ? `${why} (good until ${until}; then it has to be enrolled anew)`
        : `${why} (it was good until ${until}: enrol it anew, or set its clock right)`;
    const isLong = nowMs >= identity.notAfterMs || isLongOverdue(identity, monotonicMs - this.#failingSinceMs);
    log[isLong ? 'error' : 'warn']({ why: say, tries: this.#failures }, 'the certificate could not be renewed');
    if (!isLong || (this.#toldAtMs !== undefined && monotonicMs - this.#toldAtMs < tellEveryMs)) return;
    if (await tell('certificate-not-renewed', say)) this.#toldAtMs = monotonicMs;
  }
}

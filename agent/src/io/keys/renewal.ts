import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { certificateHolder } from '@tiepoint/protocol';
import { fieldRoutes, gatewayCertificateShape } from '@tiepoint/protocol/field';
import type { GatewayCertificate } from '@tiepoint/protocol/field';
import type { Clock, EndTimer } from '../clock.ts';
import { writeWhole } from '../disk/whole-file.ts';
import type { Log } from '../log.ts';
import { certificateRequest } from './certificate-request.ts';
import { readEnrolment } from './enrolment-file.ts';
import { authorityFileName, certificateFileName, readIdentity } from './gateway-identity.ts';
import type { GatewayIdentity } from './gateway-identity.ts';
import { isInLastThird } from './renewal-time.ts';

const hourMs = 3_600_000;

export type RenewalParts = {
  /** The folder of the identity. */
  readonly folder: string;
  readonly gatewayId: string;
  readonly clock: Clock;
  readonly random01: () => number;
  readonly log: Log;
};

/**
 * Keeps the certificate of a running gateway good: in its last third it asks the head-end for another, for the same key, about once an
 * hour until it has one. The connection that is there goes on; the next one shows the new certificate.
 */
export class Renewal {
  readonly #parts: RenewalParts;
  #endTimer: EndTimer | undefined;

  constructor(parts: RenewalParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#next(0);
  }

  stop(): void {
    this.#endTimer?.();
  }

  #next(afterMs: number): void {
    const { clock, log } = this.#parts;
    this.#endTimer = clock.after(afterMs, () => {
      void this.look()
        .catch((error: unknown) => log.error({ error: String(error) }, 'the certificate was not renewed'))
        .finally(() => this.#next(this.#pauseMs()));
    });
  }

  /** Spread, so that a fleet that was enrolled on one day does not ask in one minute. */
  #pauseMs(): number {
    return Math.round(hourMs * (0.5 + this.#parts.random01()));
  }

  /** Renews where it is time. */
  async look(): Promise<void> {
    const { folder, gatewayId, clock, log } = this.#parts;
    const read = readIdentity(folder, gatewayId);
    if (!read.ok) return log.error({ say: read.say }, 'the certificate cannot be looked at');
    const { notBeforeMs, notAfterMs } = read.identity;
    if (!isInLastThird(notBeforeMs, notAfterMs, clock.nowMs())) return;
    const until = new Date(notAfterMs).toISOString();
    const url = readEnrolment(folder)?.url;
    if (url === undefined)
      return log.error({ until, folder }, 'the certificate is to be renewed, and enrolment.json names no head-end');
    const fault = await this.#renew(url, read.identity);
    if (fault === undefined) log.info({ before: until }, 'the certificate was renewed');
    else log.warn({ until, say: fault }, 'the certificate was not renewed; it is tried again');
  }

  async #renew(url: string, { key, tls }: GatewayIdentity): Promise<string | undefined> {
    // Once in a year: what it takes is loaded then.
    const { ask } = await import('../head-end-question.ts');
    const body = { certificateRequest: await certificateRequest(key) };
    const answer = await ask(url, fieldRoutes.certificate, gatewayCertificateShape, { tls, body });
    if (!answer.ok) return answer.say;
    const fault = this.#faultOf(answer.value, key.publicKeyDer);
    if (fault !== undefined) return fault;
    const { folder } = this.#parts;
    // Whom to trust first: a broker that already shows another authority is then known by the next connection.
    writeWhole(join(folder, authorityFileName), answer.value.authority, 0o600);
    writeWhole(join(folder, certificateFileName), answer.value.certificate, 0o600);
    return undefined;
  }

  #faultOf({ certificate }: GatewayCertificate, publicKeyDer: Uint8Array): string | undefined {
    try {
      const read = new X509Certificate(certificate);
      const holder = certificateHolder(read.subjectAltName);
      const isOwn = holder?.of === 'gateway' && holder.gatewayId === this.#parts.gatewayId;
      if (isOwn && read.publicKey.export({ format: 'der', type: 'spki' }).equals(publicKeyDer)) return undefined;
    } catch {
      // Told below.
    }
    return 'the head-end sent a certificate that is not of this gateway and its key';
  }
}

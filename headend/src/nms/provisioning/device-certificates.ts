import { gatewayUri } from '@tiepoint/protocol';
import type { Failure, Result } from '@tiepoint/protocol';
import type { GatewayCertificate } from '@tiepoint/protocol/field';
import { dayMs } from '../../authority/certificate-authority.ts';
import type { CertificateAuthority, IssuedCertificate } from '../../authority/certificate-authority.ts';
import { requestedKey } from '../../authority/certificate-request.ts';
import type { CertificateRecord, ProvisioningChange } from '../../store/provisioning-store.ts';
import type { Acting, NotRecorded } from '../../store/store.ts';
import { gatewayActor, operatorActor, subjectOf } from './register.ts';
import type { Register } from './register.ts';

type Refused = Failure<'not-found' | 'conflict' | 'invalid'>;
type Outcome<T> = { ok: true; value: T } | Refused | Exclude<NotRecorded, { ok: true }>;

const validMs = 365 * dayMs;
/** Those that are over are kept for people to see, so many of each gateway. */
const keptOver = 5;

/**
 * The certificates of gateways: which are in force, and what ends them. Only one that was issued here is good for anything, so that
 * nothing else that the utility's authority signs passes for a gateway.
 */
export class DeviceCertificates {
  readonly #register: Register;
  readonly #authority: CertificateAuthority;
  readonly #trusted: string;
  readonly #onChange: (gatewayId: string) => void;
  readonly #now: () => number;

  /** `trusted`: PEM of the authorities that gateways are to trust. `onChange`: connections of this gateway are to be looked at. */
  constructor(
    register: Register,
    authority: CertificateAuthority,
    { trusted, onChange, now }: { trusted: string; onChange: (gatewayId: string) => void; now: () => number },
  ) {
    this.#register = register;
    this.#authority = authority;
    this.#trusted = trusted;
    this.#onChange = onChange;
    this.#now = now;
  }

  get fingerprint(): string {
    return this.#authority.fingerprint;
  }

  /**
   * Was it issued to this gateway, and not revoked since? Whether it is over, TLS has judged; a clock of the head-end that somebody sets
   * shall throw nobody out.
   */
  stands(gatewayId: string, serial: string): boolean {
    const record = this.#register.of('certificate').get(serial);
    return record !== undefined && record.gatewayId === gatewayId && record.revoked === undefined;
  }

  /** Why nothing of this gateway is taken any more. */
  barred(gatewayId: string): { reason: 'revoked'; say: string } | undefined {
    const revoked = this.#register.of('identity').get(gatewayId)?.revoked;
    if (revoked === undefined) return undefined;
    return { reason: 'revoked', say: `the certificate of ${gatewayId} was revoked: ${revoked.cause}` };
  }

  /** Newest first. */
  of(gatewayId: string): readonly CertificateRecord[] {
    return this.#register.certificatesOf(gatewayId).toSorted((a, b) => b.issuedAtMs - a.issuedAtMs);
  }

  /** Signs what a gateway asks for. It is in force only once its record is written. */
  async issue(gatewayId: string, certificateRequest: string): Promise<Result<IssuedCertificate, 'invalid'>> {
    const publicKey = await requestedKey(certificateRequest);
    if (!publicKey.ok) return publicKey;
    const order = {
      publicKey: publicKey.value,
      commonName: gatewayId,
      altNames: [{ type: 'url' as const, value: gatewayUri(gatewayId) }],
      usages: ['client' as const],
      validMs,
    };
    return { ok: true, value: await this.#authority.issue(order, this.#now()) };
  }

  told({ chainPem }: IssuedCertificate): GatewayCertificate {
    return { certificate: chainPem, authority: this.#trusted };
  }

  /** What an enrolment does: the new one is in force, and every earlier one is void. */
  enrolled(gatewayId: string, issued: IssuedCertificate): readonly ProvisioningChange[] {
    const atMs = this.#now();
    const before = this.of(gatewayId);
    const voided = before.filter(isUnrevoked);
    return [
      entered(gatewayId, issued, { by: 'enrolment' }, atMs),
      ...voided.map((each) => revokedChange(each, atMs, 'replaced by a new enrolment')),
      ...this.#forgotten(before, atMs),
    ];
  }

  /**
   * Another year for a gateway that shows a certificate that stands; both are good then, for the gateway may not have got the answer.
   * Any others, whose answers were lost before, end.
   */
  async renew(gatewayId: string, serial: string, certificateRequest: string): Promise<Outcome<GatewayCertificate>> {
    const issued = await this.issue(gatewayId, certificateRequest);
    if (!issued.ok) return issued;
    const atMs = this.#now();
    // It may have been revoked while the new one was signed.
    if (!this.stands(gatewayId, serial))
      return refuse('conflict', `The certificate of ${gatewayId} was revoked: it has to be enrolled again.`);
    const before = this.of(gatewayId);
    const lost = before.filter((each) => each.serial !== serial && isUnrevoked(each));
    const { notAfterMs } = issued.value;
    const written = this.#register.commit(
      [
        entered(gatewayId, issued.value, { by: 'renewal', replaces: serial }, atMs),
        ...lost.map((each) => revokedChange(each, atMs, 'replaced by a renewal')),
        ...this.#forgotten(before, atMs),
      ],
      gatewayActor(gatewayId),
      [
        {
          action: 'certificate-renewed',
          ...this.#subject(gatewayId),
          say: `Certificate of ${gatewayId} renewed, good until ${new Date(notAfterMs).toISOString()}`,
        },
      ],
    );
    if (!written.ok) return written;
    this.#onChange(gatewayId);
    return { ok: true, value: this.told(issued.value) };
  }

  /**
   * It was shown by its gateway, which so has the answer to its renewal: what came before is retired. Where that cannot be written now,
   * the next time does it.
   */
  seen(gatewayId: string, serial: string): void {
    const replaced = this.#register.of('certificate').get(serial)?.replaces;
    if (replaced === undefined || !this.stands(gatewayId, serial) || !this.stands(gatewayId, replaced)) return;
    const atMs = this.#now();
    const before = this.of(gatewayId).filter((each) => each.serial === replaced);
    const written = this.#register.commit(
      before.map((each) => revokedChange(each, atMs, 'replaced by its renewal')),
      gatewayActor(gatewayId),
      [
        {
          action: 'certificate-retired',
          ...this.#subject(gatewayId),
          say: `${gatewayId} uses its renewed certificate; the one before it is retired`,
        },
      ],
    );
    if (written.ok) this.#onChange(gatewayId);
  }

  /** At once, on the disk before anything else: it has to be enrolled again. */
  revoke(gatewayId: string, cause: string, acting: Acting): Outcome<void> {
    const identity = this.#register.of('identity').get(gatewayId);
    if (identity === undefined) return refuse('not-found', `${gatewayId.slice(0, 64)} was never enrolled.`);
    if (identity.revoked !== undefined) return { ok: true, value: undefined };
    const atMs = this.#now();
    const written = this.#register.commit(
      [
        { kind: 'identity', id: gatewayId, record: { ...identity, revoked: { atMs, by: acting.operator, cause } } },
        ...this.of(gatewayId)
          .filter(isUnrevoked)
          .map((each) => revokedChange(each, atMs, cause)),
      ],
      operatorActor(acting),
      [
        {
          action: 'certificate-revoked',
          ...this.#subject(gatewayId),
          say: `Certificates of ${gatewayId} revoked: ${cause}`,
        },
      ],
    );
    if (!written.ok) return written;
    this.#onChange(gatewayId);
    return { ok: true, value: undefined };
  }

  /** Past what is kept, and no longer needed in a list of revoked ones. */
  #forgotten(before: readonly CertificateRecord[], atMs: number): readonly ProvisioningChange[] {
    const over = before.filter(({ notAfterMs }) => notAfterMs <= atMs).slice(keptOver);
    return over.map(({ serial }) => ({ kind: 'certificate', id: serial, record: undefined }));
  }

  #subject(gatewayId: string): { subject?: string } {
    const siteId = this.#register.ordersOf(gatewayId)[0]?.siteId;
    return siteId === undefined ? {} : { subject: subjectOf(siteId) };
  }
}

/** Whatever the clock says: it may be set, and what is revoked must be so for good. */
export function isUnrevoked({ revoked }: CertificateRecord): boolean {
  return revoked === undefined;
}

function entered(
  gatewayId: string,
  { serial, authority, notBeforeMs, notAfterMs }: IssuedCertificate,
  why: Pick<CertificateRecord, 'by' | 'replaces'>,
  issuedAtMs: number,
): ProvisioningChange {
  const record = { serial, gatewayId, authority, issuedAtMs, notBeforeMs, notAfterMs, ...why };
  return { kind: 'certificate', id: serial, record };
}

function revokedChange(record: CertificateRecord, atMs: number, cause: string): ProvisioningChange {
  return { kind: 'certificate', id: record.serial, record: { ...record, revoked: { atMs, cause } } };
}

function refuse(reason: Refused['reason'], say: string): Refused {
  return { ok: false, reason, say };
}

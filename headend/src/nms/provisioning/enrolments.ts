import type { Failure } from '@tiepoint/protocol';
import type { Enrolment, EnrolmentRequest, Site, Trust } from '@tiepoint/protocol/field';
import type { ProfileFile, SiteRecord, TokenRecord } from '../../store/provisioning-store.ts';
import type { Acting, NotRecorded } from '../../store/store.ts';
import { agentConfiguration } from './agent-configuration.ts';
import { drawSecret, hashOf, sameHash } from '../../store/credentials.ts';
import type { DeviceCertificates } from './device-certificates.ts';
import { headendActor, operatorActor, subjectOf } from './register.ts';
import type { Register } from './register.ts';

export type TokenIssued = { readonly token: string; readonly record: TokenRecord };
export type TokenState = 'open' | 'used' | 'revoked' | 'expired';
type Refused = Failure<'not-found' | 'conflict' | 'invalid' | 'token'>;
type Outcome<T> = { ok: true; value: T } | Refused | Exclude<NotRecorded, { ok: true }>;

/** Open tokens of one gateway: enough for a technician who lost one, too few to be strewn about. */
const maxOpenTokens = 5;
/** Tokens that are over are kept for people to see; then they are in the audit alone. */
const keptTokens = 20;

/**
 * Who a gateway is: tokens that are good for one enrolment each, and the certificates that come of them. Of tokens only hashes are kept,
 * so what is told once cannot be told again, by nobody.
 */
export class Enrolments {
  readonly #register: Register;
  readonly #certificates: DeviceCertificates;
  readonly #isListed: (gatewayId: string) => boolean;
  readonly #onReplaced: (gatewayId: string) => void;
  readonly #trust: () => Trust;
  readonly #tags: (gatewayId: string) => string | undefined;
  readonly #now: () => number;

  /** `isListed`: in the head-end's own file, so that it may be enrolled before anything is ordered for it. */
  constructor(
    register: Register,
    certificates: DeviceCertificates,
    parts: {
      isListed: (gatewayId: string) => boolean;
      /** Its earlier certificates are void: connections of this gateway are to be looked at. */
      onReplaced: (gatewayId: string) => void;
      /** Whom a gateway is to obey that enrols now. */
      trust: () => Trust;
      /** What is tagged there, signed for it; undefined where that is not known now. */
      tags: (gatewayId: string) => string | undefined;
      now: () => number;
    },
  ) {
    this.#register = register;
    this.#certificates = certificates;
    this.#isListed = parts.isListed;
    this.#onReplaced = parts.onReplaced;
    this.#trust = parts.trust;
    this.#tags = parts.tags;
    this.#now = parts.now;
  }

  tokensOf(gatewayId: string): readonly TokenRecord[] {
    const all = [...this.#register.of('token').values()].filter((each) => each.gatewayId === gatewayId);
    return all.toSorted((a, b) => b.issuedAtMs - a.issuedAtMs);
  }

  issue(request: Acting & { gatewayId: string; validMs: number }): Outcome<TokenIssued> {
    const { gatewayId, operator, validMs } = request;
    const siteId = this.#register.ordersOf(gatewayId)[0]?.siteId;
    if (siteId === undefined && !this.#isListed(gatewayId))
      return refuse('not-found', `Nothing is ordered for a gateway ${gatewayId}: enter its devices first.`);
    if (siteId !== undefined && this.#register.stateOf(siteId) === 'retired')
      return refuse('conflict', `Site ${siteId} is retired: reinstate it first.`);
    const nowMs = this.#now();
    const before = this.tokensOf(gatewayId);
    if (before.filter((each) => tokenState(each, nowMs) === 'open').length >= maxOpenTokens)
      return refuse('conflict', `${maxOpenTokens} tokens of ${gatewayId} are open already: revoke one.`);
    const token = drawSecret();
    const tokenHash = hashOf(token);
    const record: TokenRecord = {
      id: idOf(tokenHash),
      tokenHash,
      gatewayId,
      issuedAtMs: nowMs,
      issuedBy: operator,
      expiresAtMs: nowMs + validMs,
    };
    const over = before.filter((each) => tokenState(each, nowMs) !== 'open').slice(keptTokens);
    const written = this.#register.commit(
      [
        { kind: 'token', id: record.id, record },
        ...over.map(({ id }) => ({ kind: 'token', id, record: undefined }) as const),
      ],
      operatorActor(request),
      [
        {
          action: 'token-issued',
          ...this.#subject(gatewayId),
          say: `Enrolment token ${shortId(record)} for ${gatewayId}, good until ${new Date(record.expiresAtMs).toISOString()}`,
        },
      ],
    );
    const told = `${token}.${this.#certificates.fingerprint}`;
    return written.ok ? { ok: true, value: { token: told, record } } : written;
  }

  revoke(id: string, acting: Acting): Outcome<TokenRecord> {
    const record = this.#register.of('token').get(id);
    if (record === undefined) return refuse('not-found', `There is no enrolment token ${id.slice(0, 64)}.`);
    const state = tokenState(record, this.#now());
    if (state === 'revoked') return { ok: true, value: record };
    if (state !== 'open') return refuse('conflict', `The token is ${state} already.`);
    const revoked = { ...record, revoked: { atMs: this.#now(), by: acting.operator } };
    const written = this.#register.commit([{ kind: 'token', id, record: revoked }], operatorActor(acting), [
      {
        action: 'token-revoked',
        ...this.#subject(record.gatewayId),
        say: `Enrolment token ${shortId(record)} of ${record.gatewayId} revoked`,
      },
    ]);
    return written.ok ? { ok: true, value: revoked } : written;
  }

  /** `from`: the address that asked, for the audit. */
  async redeem(
    { token, name, dataDir, certificateRequest }: EnrolmentRequest,
    { mqttUrl, from }: { mqttUrl: string; from: string },
  ): Promise<Outcome<Enrolment>> {
    const hash = hashOf(token);
    const asked = this.#tokenOf(hash);
    const early = this.#refusalOf(asked);
    if (early !== undefined || asked === undefined) return this.#refused(asked, early ?? unknownToken, from);
    const { gatewayId } = asked;
    const issued = await this.#certificates.issue(gatewayId, certificateRequest);
    if (!issued.ok) return issued;
    // While it was signed, another may have used the token, or an operator revoked it.
    const record = this.#tokenOf(hash);
    const refusal = this.#refusalOf(record);
    if (refusal !== undefined || record === undefined) return this.#refused(record, refusal ?? unknownToken, from);
    const orders = this.#register.ordersOf(gatewayId);
    const site = this.#register.of('site').get(orders[0]?.siteId ?? '');
    const profileFiles = this.#profilesOf(orders.map(({ profile }) => profile));
    const { text, open } = agentConfiguration({
      gatewayId,
      mqttUrl,
      dataDir: dataDir ?? '/var/lib/tiepoint',
      orders,
      profileFiles,
    });
    const atMs = this.#now();
    const by = name === undefined || name.trim() === '' ? 'a technician who gave no name' : name.trim();
    const again = this.#register.of('identity').has(gatewayId) ? ' again; its earlier certificates are void' : '';
    const configurationHash = hashOf(text).slice(0, 16);
    const written = this.#register.commit(
      [
        { kind: 'token', id: record.id, record: { ...record, used: { atMs, by } } },
        {
          kind: 'identity',
          id: gatewayId,
          record: { gatewayId, enrolledAtMs: atMs, enrolledBy: by, configurationHash },
        },
        ...this.#certificates.enrolled(gatewayId, issued.value),
      ],
      { who: by, identity: 'token' },
      [
        {
          action: 'enrolled',
          ...this.#subject(gatewayId),
          say: `${gatewayId} enrolled${again}, with token ${shortId(record)} of ${record.issuedBy}, from ${from}`,
        },
      ],
    );
    if (!written.ok) return written;
    this.#onReplaced(gatewayId);
    const tagged = this.#tags(gatewayId);
    return {
      ok: true,
      value: {
        gatewayId,
        ...this.#certificates.told(issued.value),
        mqttUrl,
        configuration: text,
        profiles: profileFiles.map((file) => ({ name: file.fileName, text: file.text })),
        trust: this.#trust(),
        ...(tagged === undefined ? {} : { tags: tagged }),
        ...(site === undefined ? {} : { site: withoutRetirement(site) }),
        open,
      },
    };
  }

  #tokenOf(hash: string): TokenRecord | undefined {
    const named = this.#register.of('token').get(idOf(hash));
    return named !== undefined && sameHash(named.tokenHash, hash) ? named : undefined;
  }

  #profilesOf(names: readonly string[]): readonly ProfileFile[] {
    const files = this.#register.of('profile');
    return [...new Set(names)].flatMap((name) => files.get(name) ?? []);
  }

  #refusalOf(record: TokenRecord | undefined): string | undefined {
    if (record === undefined) return unknownToken;
    switch (tokenState(record, this.#now())) {
      case 'open':
        break;
      case 'used':
        return `This enrolment token was used before, by ${record.used?.by ?? 'somebody'}: ask the head-end's operator for a new one.`;
      case 'revoked':
        return "This enrolment token was revoked: ask the head-end's operator for a new one.";
      case 'expired':
        return "This enrolment token has expired: ask the head-end's operator for a new one.";
    }
    const siteId = this.#register.ordersOf(record.gatewayId)[0]?.siteId;
    if (siteId === undefined)
      return this.#isListed(record.gatewayId)
        ? undefined
        : `Nothing is ordered for ${record.gatewayId} any more: ask the head-end's operator.`;
    return this.#register.stateOf(siteId) === 'retired' ? `Site ${siteId} is retired.` : undefined;
  }

  #refused(record: TokenRecord | undefined, say: string, from: string): Refused {
    // Of tokens that nobody issued there may be any number: they are counted by the rate limit, and fill no audit.
    if (record !== undefined)
      this.#register.commit([], headendActor, [
        {
          action: 'enrolment-refused',
          ...this.#subject(record.gatewayId),
          say: `Enrolment of ${record.gatewayId} from ${from} refused: ${say}`,
        },
      ]);
    return refuse('token', say);
  }

  #subject(gatewayId: string): { subject?: string } {
    const siteId = this.#register.ordersOf(gatewayId)[0]?.siteId;
    return siteId === undefined ? {} : { subject: subjectOf(siteId) };
  }
}

/** Found at once among any number of tokens; of the token itself it tells nothing. */
const idOf = (tokenHash: string): string => tokenHash.slice(0, 24);

const unknownToken = 'There is no such enrolment token: copy it whole, or ask for a new one.';

export function tokenState({ used, revoked, expiresAtMs }: TokenRecord, nowMs: number): TokenState {
  if (used !== undefined) return 'used';
  if (revoked !== undefined) return 'revoked';
  return nowMs >= expiresAtMs ? 'expired' : 'open';
}

function withoutRetirement({ retired: _retired, ...site }: SiteRecord): Site {
  return site;
}

const shortId = ({ id }: TokenRecord): string => id.slice(0, 8);

function refuse(reason: Refused['reason'], say: string): Refused {
  return { ok: false, reason, say };
}

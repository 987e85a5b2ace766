import type { Failure } from '@tiepoint/protocol';
import type { Enrolment, EnrolmentRequest, Trust } from '@tiepoint/protocol/field';
import type { ProfileFile, TokenRecord } from '../../store/provisioning-store.ts';
import type { Acting, NotRecorded } from '../../store/store.ts';
import { agentConfiguration } from './agent-configuration.ts';
import { drawSecret, hashOf, sameHash } from '../../store/credentials.ts';
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
 * Who a gateway is: tokens that are good for one enrolment each, and the passwords that come of them. Of both only hashes are kept, so
 * what is told once cannot be told again, by nobody.
 */
export class Enrolments {
  readonly #register: Register;
  readonly #filePassword: (gatewayId: string) => string | undefined;
  readonly #trust: () => Trust;
  readonly #now: () => number;

  /**
   * `filePassword`: by the head-end's own file. A gateway that was enrolled has only the password of its last enrolment.
   * `trust`: whom a gateway is to obey that enrols now.
   */
  constructor(
    register: Register,
    filePassword: (gatewayId: string) => string | undefined,
    trust: () => Trust,
    now: () => number,
  ) {
    this.#register = register;
    this.#filePassword = filePassword;
    this.#trust = trust;
    this.#now = now;
  }

  tokensOf(gatewayId: string): readonly TokenRecord[] {
    const all = [...this.#register.of('token').values()].filter((each) => each.gatewayId === gatewayId);
    return all.toSorted((a, b) => b.issuedAtMs - a.issuedAtMs);
  }

  issue(request: Acting & { gatewayId: string; validMs: number }): Outcome<TokenIssued> {
    const { gatewayId, operator, validMs } = request;
    const siteId = this.#register.ordersOf(gatewayId)[0]?.siteId;
    if (siteId === undefined)
      return refuse('not-found', `Nothing is ordered for a gateway ${gatewayId}: enter its devices first.`);
    if (this.#register.stateOf(siteId) === 'retired')
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
          subject: subjectOf(siteId),
          say: `Enrolment token ${shortId(record)} for ${gatewayId}, good until ${new Date(record.expiresAtMs).toISOString()}`,
        },
      ],
    );
    return written.ok ? { ok: true, value: { token, record } } : written;
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

  /** `from`: the address that asked, for the audit. The password and the file are told here and never again. */
  redeem(
    { token, name, dataDir }: EnrolmentRequest,
    { mqttUrl, from }: { mqttUrl: string; from: string },
  ): Outcome<Enrolment> {
    const hash = hashOf(token);
    const named = this.#register.of('token').get(idOf(hash));
    const record = named !== undefined && sameHash(named.tokenHash, hash) ? named : undefined;
    const refusal = this.#refusalOf(record);
    if (refusal !== undefined || record === undefined) return this.#refused(record, refusal ?? unknownToken, from);
    const { gatewayId } = record;
    const orders = this.#register.ordersOf(gatewayId);
    const site = this.#register.of('site').get(orders[0]?.siteId ?? '');
    if (site === undefined)
      return this.#refused(record, `Nothing is ordered for ${gatewayId} any more: ask the head-end's operator.`, from);
    const password = drawSecret();
    const profileFiles = this.#profilesOf(orders.map(({ profile }) => profile));
    const { text, open } = agentConfiguration({
      gatewayId,
      password,
      mqttUrl,
      dataDir: dataDir ?? '/var/lib/tiepoint',
      orders,
      profileFiles,
    });
    const atMs = this.#now();
    const by = name === undefined || name.trim() === '' ? 'a technician who gave no name' : name.trim();
    const again = this.#register.of('identity').has(gatewayId) ? ' again; its earlier password is void' : '';
    const written = this.#register.commit(
      [
        { kind: 'token', id: record.id, record: { ...record, used: { atMs, by } } },
        {
          kind: 'identity',
          id: gatewayId,
          record: {
            gatewayId,
            passwordHash: hashOf(password),
            enrolledAtMs: atMs,
            enrolledBy: by,
            configurationHash: hashOf(text).slice(0, 16),
          },
        },
      ],
      { who: by, identity: 'token' },
      [
        {
          action: 'enrolled',
          subject: subjectOf(site.id),
          say: `${gatewayId} enrolled${again}, with token ${shortId(record)} of ${record.issuedBy}, from ${from}`,
        },
      ],
    );
    if (!written.ok) return written;
    const { retired: _retired, ...told } = site;
    return {
      ok: true,
      value: {
        gatewayId,
        password,
        mqttUrl,
        configuration: text,
        profiles: profileFiles.map((file) => ({ name: file.fileName, text: file.text })),
        trust: this.#trust(),
        site: told,
        open,
      },
    };
  }

  /** Has it a password to prove itself with? */
  hasPassword(gatewayId: string): boolean {
    return this.#register.of('identity').has(gatewayId) || this.#filePassword(gatewayId) !== undefined;
  }

  /** Does this password belong to this gateway? */
  proves(gatewayId: string, password: Uint8Array | string | undefined): boolean {
    if (password === undefined) return false;
    const given = typeof password === 'string' ? password : Buffer.from(password).toString('utf8');
    const enrolled = this.#register.of('identity').get(gatewayId);
    if (enrolled !== undefined) return sameHash(enrolled.passwordHash, hashOf(given));
    const listed = this.#filePassword(gatewayId);
    return listed !== undefined && sameHash(hashOf(listed), hashOf(given));
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
    return siteId !== undefined && this.#register.stateOf(siteId) === 'retired'
      ? `Site ${siteId} is retired.`
      : undefined;
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

const shortId = ({ id }: TokenRecord): string => id.slice(0, 8);

function refuse(reason: Refused['reason'], say: string): Refused {
  return { ok: false, reason, say };
}

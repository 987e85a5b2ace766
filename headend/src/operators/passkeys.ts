import { randomBytes } from 'node:crypto';
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import type { AccountRecord, PasskeyRecord } from '../store/people-store.ts';
import type { Directory } from './directory.ts';

/** The name and address by which the browser reached this server; a passkey is good there alone. */
export type PasskeySite = { readonly hostname: string; readonly origin: string };

const challengeMs = 5 * 60_000;
const maxChallenges = 2_000;

type Asked = { challengeId: string; options: Record<string, unknown> };
type Challenge = { challenge: string; account?: string; site: PasskeySite; expiresAtMs: number };

/**
 * Passkeys, WebAuthn: the browser proves that it has the key and that its owner was there (by finger, face or PIN), which are two factors in
 * one. Challenges are good once. Attestation is not asked for: which make a key is of is not decided here.
 */
export class Passkeys {
  readonly #directory: Directory;
  readonly #now: () => number;
  readonly #challenges = new Map<string, Challenge>();

  constructor(directory: Directory, now: () => number) {
    this.#directory = directory;
    this.#now = now;
  }

  /** WebAuthn knows no numbers for names. */
  static isPossibleAt(hostname: string): boolean {
    return !/^[\d.]+$|:|^\[/.test(hostname);
  }

  async registrationOptions(account: AccountRecord, site: PasskeySite): Promise<Asked> {
    const options = await generateRegistrationOptions({
      rpName: 'Tiepoint',
      rpID: site.hostname,
      userName: account.name,
      userDisplayName: account.title,
      userID: new Uint8Array(Buffer.from(account.name)),
      attestationType: 'none',
      excludeCredentials: (account.passkeys ?? []).map(({ id }) => ({ id })),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    });
    return {
      challengeId: this.#kept({ challenge: options.challenge, account: account.name, site }),
      options: { ...options },
    };
  }

  /** Undefined: it proves nothing. */
  async registered(
    { challengeId, response, title }: { challengeId: string; response: unknown; title: string },
    account: string,
  ): Promise<PasskeyRecord | undefined> {
    const asked = this.#taken(challengeId);
    if (asked?.account !== account) return undefined;
    try {
      const { verified, registrationInfo } = await verifyRegistrationResponse({
        response: response as RegistrationResponseJSON,
        expectedChallenge: asked.challenge,
        expectedOrigin: asked.site.origin,
        expectedRPID: asked.site.hostname,
        requireUserVerification: true,
      });
      if (!verified) return undefined;
      const { id, publicKey, counter, transports = [] } = registrationInfo.credential;
      const addedAtMs = this.#now();
      return { id, title, publicKey: Buffer.from(publicKey).toString('base64url'), counter, transports, addedAtMs };
    } catch {
      return undefined;
    }
  }

  /** The same for everybody: which accounts have passkeys is not told. */
  async signInOptions(site: PasskeySite): Promise<Asked> {
    const options = await generateAuthenticationOptions({ rpID: site.hostname, userVerification: 'required' });
    return { challengeId: this.#kept({ challenge: options.challenge, site }), options: { ...options } };
  }

  /** The account that the passkey proves, as it is after its use. Undefined: none. */
  async proven({
    challengeId,
    response,
  }: {
    challengeId: string;
    response: unknown;
  }): Promise<AccountRecord | undefined> {
    const asked = this.#taken(challengeId);
    const given = response as AuthenticationResponseJSON;
    if (asked === undefined || asked.account !== undefined || typeof given?.id !== 'string') return undefined;
    const found = this.#owner(given.id);
    if (found === undefined || found.account.disabled !== undefined) return undefined;
    const { id, publicKey, counter } = found.passkey;
    try {
      const { verified, authenticationInfo } = await verifyAuthenticationResponse({
        response: given,
        expectedChallenge: asked.challenge,
        expectedOrigin: asked.site.origin,
        expectedRPID: asked.site.hostname,
        credential: { id, publicKey: new Uint8Array(Buffer.from(publicKey, 'base64url')), counter },
        requireUserVerification: true,
      });
      if (!verified) return undefined;
      // It, and the account, as they are by now.
      const now = this.#owner(id);
      if (now === undefined || now.account.disabled !== undefined) return undefined;
      const used: PasskeyRecord = {
        ...now.passkey,
        counter: authenticationInfo.newCounter,
        lastUsedAtMs: this.#now(),
      };
      const passkeys = now.account.passkeys?.map((each) => (each.id === id ? used : each)) ?? [];
      return { ...now.account, passkeys };
    } catch {
      return undefined;
    }
  }

  #owner(id: string): { account: AccountRecord; passkey: PasskeyRecord } | undefined {
    for (const account of this.#directory.accounts()) {
      const passkey = account.passkeys?.find((each) => each.id === id);
      if (passkey !== undefined) return { account, passkey };
    }
    return undefined;
  }

  #kept(asked: Omit<Challenge, 'expiresAtMs'>): string {
    const nowMs = this.#now();
    for (const [id, { expiresAtMs }] of this.#challenges) {
      if (nowMs < expiresAtMs && this.#challenges.size < maxChallenges) break;
      this.#challenges.delete(id);
    }
    const challengeId = randomBytes(16).toString('base64url');
    this.#challenges.set(challengeId, { ...asked, expiresAtMs: nowMs + challengeMs });
    return challengeId;
  }

  #taken(challengeId: string): Challenge | undefined {
    const asked = this.#challenges.get(challengeId);
    this.#challenges.delete(challengeId);
    return asked === undefined || this.#now() >= asked.expiresAtMs ? undefined : asked;
  }
}

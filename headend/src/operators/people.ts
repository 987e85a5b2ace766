import type { Failure, Verdict } from '@tiepoint/protocol';
import { no } from '@tiepoint/protocol';
import type { AccountRecord, Grant, PeopleStore, SessionRecord } from '../store/people-store.ts';
import { Administration } from './administration.ts';
import { BearerTokens } from './bearer-tokens.ts';
import { Directory } from './directory.ts';
import { Oidc } from './oidc.ts';
import type { OidcSettings } from './oidc.ts';
import { OwnAccount } from './own-account.ts';
import { Passkeys } from './passkeys.ts';
import { PasswordHasher } from './passwords.ts';
import { mayIn, needsSecondFactor } from './permissions.ts';
import type { Action, Area } from './permissions.ts';
import { Sessions } from './sessions.ts';
import type { SessionEnd } from './sessions.ts';
import { SignIn } from './sign-in.ts';
import { SignInThrottle } from './sign-in-throttle.ts';
import type { Vault } from './vault.ts';

/** `required`: whoever may command, configure, enter, enrol or administer has one. `optional`: for demonstration alone. */
export type SecondFactorRule = 'required' | 'optional';

export type PeopleParts = {
  store: PeopleStore;
  vault: Vault;
  secondFactor: SecondFactorRule;
  oidc: OidcSettings | undefined;
  onSessionEnd: (session: SessionRecord, why: SessionEnd) => void;
  onLockOut: (say: string) => void;
  now: () => number;
};

/** Everybody who may act, and how they prove it. */
export class People {
  readonly directory: Directory;
  readonly sessions: Sessions;
  readonly signIn: SignIn;
  readonly own: OwnAccount;
  readonly passkeys: Passkeys;
  readonly tokens: BearerTokens;
  readonly administration: Administration;
  readonly oidc: Oidc | undefined;
  readonly #secondFactor: SecondFactorRule;

  constructor({ store, vault, secondFactor, oidc, onSessionEnd, onLockOut, now }: PeopleParts) {
    const hasher = new PasswordHasher(vault);
    const directory = new Directory(store, now);
    const sessions = new Sessions({ directory, onEnd: onSessionEnd, now });
    this.#secondFactor = secondFactor;
    this.directory = directory;
    this.sessions = sessions;
    this.signIn = new SignIn({ directory, sessions, hasher, throttle: new SignInThrottle(), vault, onLockOut, now });
    const needs = (account: AccountRecord): boolean => this.needsSecondFactor(account);
    this.own = new OwnAccount({ directory, hasher, vault, needsSecondFactor: needs, now });
    this.passkeys = new Passkeys(directory, now);
    this.tokens = new BearerTokens(directory, now);
    this.administration = new Administration(directory, sessions, now);
    this.oidc = oidc === undefined ? undefined : new Oidc(oidc, directory, now);
  }

  load(): void {
    this.directory.load();
    this.sessions.load();
  }

  needsSecondFactor({ grants, oidc }: AccountRecord): boolean {
    return this.#secondFactor === 'required' && oidc === undefined && needsSecondFactor(grants);
  }

  /** What has to be done before anything else. */
  stepOf(account: AccountRecord): 'open' | 'new-password' | 'second-factor' {
    if (account.oneTime !== undefined) return 'new-password';
    const has = account.totp !== undefined || (account.passkeys ?? []).length > 0;
    return !has && this.needsSecondFactor(account) ? 'second-factor' : 'open';
  }

  /** May whoever has this name do it there, by what they may now? */
  rights(name: string, action: Action, area: Area): Verdict {
    const account = this.directory.account(name);
    if (account === undefined || account.disabled !== undefined) return gone(name);
    return mayIn(account.grants, action, area);
  }

  grantsOf(name: string): readonly Grant[] {
    return this.directory.grantsOf(name);
  }
}

function gone(name: string): Failure {
  return no('not-permitted', `The account ${name} is no more, or is disabled.`);
}

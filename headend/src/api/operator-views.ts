import { absoluteMs, freshMs, idleMs } from '../operators/sessions.ts';
import type { Opened } from '../operators/sessions.ts';
import type { People } from '../operators/people.ts';
import type { AccountRecord, BearerTokenRecord, SessionRecord } from '../store/people-store.ts';
import { rightsOf } from '../operators/rights.ts';
import type { AccountView, BearerTokenView, OperatorView, SessionView } from './operator-contract.ts';
import { csrfTokenOf } from './session-cookie.ts';

export function sessionView(people: People, account: AccountRecord, { secret, record }: Opened): SessionView {
  const { name, title, grants } = account;
  return {
    name,
    title,
    grants,
    may: rightsOf(grants),
    step: people.stepOf(account),
    by: record.by,
    csrfToken: csrfTokenOf(secret),
    startedAtMs: record.startedAtMs,
    endsAtMs: record.startedAtMs + absoluteMs,
    idleMs,
    freshMs,
  };
}

export function accountView(people: People, account: AccountRecord, own: SessionRecord): AccountView {
  const { name, title, grants, oidc, password, oneTime, totp, recoveryCodes = [], passkeys = [] } = account;
  return {
    name,
    title,
    grants,
    source: oidc === undefined ? 'local' : 'oidc',
    hasPassword: password !== undefined || oneTime !== undefined,
    totp: totp !== undefined,
    recoveryCodesLeft: recoveryCodes.length,
    passkeys: passkeys.map(({ id, title: called, addedAtMs, lastUsedAtMs }) => ({
      id,
      title: called,
      addedAtMs,
      ...(lastUsedAtMs === undefined ? {} : { lastUsedAtMs }),
    })),
    secondFactorNeeded: people.needsSecondFactor(account),
    sessions: people.sessions.of(name).map((each) => ({
      id: each.id,
      startedAtMs: each.startedAtMs,
      lastUsedAtMs: people.sessions.usedAtMs(each),
      address: each.address,
      by: each.by,
      own: each.id === own.id,
    })),
  };
}

export function operatorView(people: People, account: AccountRecord): OperatorView {
  const { name, title, grants, oidc, totp, passkeys = [], createdAtMs, createdBy, lastSignInAtMs } = account;
  const factors = [...(totp === undefined ? [] : ['totp']), ...(passkeys.length === 0 ? [] : ['passkey'])];
  return {
    name,
    title,
    grants,
    source: oidc === undefined ? 'local' : 'oidc',
    state: stateOf(account),
    secondFactor: (factors.join(' and ') || 'none') as OperatorView['secondFactor'],
    createdAtMs,
    createdBy,
    ...(lastSignInAtMs === undefined ? {} : { lastSignInAtMs }),
    sessions: people.sessions.of(name).length,
  };
}

function stateOf({ disabled, program, oneTime }: AccountRecord): OperatorView['state'] {
  if (disabled !== undefined) return 'disabled';
  if (program === true) return 'program';
  return oneTime === undefined ? 'active' : 'invited';
}

export function bearerTokenView(people: People, record: BearerTokenRecord): BearerTokenView {
  const { id, account, title, grants, createdAtMs, expiresAtMs } = record;
  const lastUsedAtMs = people.tokens.usedAtMs(id);
  return {
    id,
    account,
    title,
    grants,
    createdAtMs,
    expiresAtMs,
    ...(lastUsedAtMs === undefined ? {} : { lastUsedAtMs }),
  };
}

import type { Access } from '@tiepoint/headend/api/access.ts';
import { everydayRoles } from '@tiepoint/headend/api/testing/signed-in.ts';
import type { SignedIn } from '@tiepoint/headend/api/testing/signed-in.ts';
import { mayAnywhere, mayEverywhere, roles } from '@tiepoint/headend/operators/permissions.ts';
import type { Grant, Role } from '@tiepoint/headend/store/people-store.ts';
import type { SitesUnderTest } from '@tiepoint/headend/main-sites.fixture.ts';

/** Somebody who asks the API, or nobody in particular. */
export type Caller = {
  readonly name: string;
  headers(method: string): Record<string, string>;
  /** The session has ended, or is no longer fresh: another one, where that is possible. */
  renew(): Promise<void>;
  /** By what it has the right, and what for. */
  readonly by: 'session' | 'token' | 'nothing';
  readonly grants: readonly Grant[];
  /** Whose own session and account may be changed and ended by what is asked. */
  readonly expendable: boolean;
};

/**
 * May one like this be answered with what was asked? Said anew from the declarations, apart from the guard of the server. Whether it may at
 * this very device or site is not judged here.
 */
export function mayCall(access: Access, { by, grants }: Pick<Caller, 'by' | 'grants'>): boolean {
  if (access.to === 'everybody') return true;
  if (access.to === 'gateway' || by === 'nothing') return false;
  if (access.session === true && by === 'token') return false;
  if (access.to === 'signed-in') return true;
  return (access.everywhere === true ? mayEverywhere(grants, access.to) : mayAnywhere(grants, access.to)).ok;
}

const everywhere = (...each: readonly Role[]): readonly Grant[] => each.map((role) => ({ role, areas: 'all' }));

/** Each role, one of an area, a program by its token, one who has not finished the first sign-in, an expendable guest, and strangers. */
export async function callersOf(sites: SitesUnderTest): Promise<readonly Caller[]> {
  const admin = await sites.crew.administrator();
  const invited = async (name: string, grants: readonly Grant[]): Promise<Caller> =>
    person(name, grants, await admin.invite(name, ...grants));
  const others = roles.filter((role) => role !== 'administrator');
  const people = await Promise.all(others.map(async (role) => await invited(role, everywhere(role))));
  const owner = await admin.invite('owner', 'engineer', 'switching-operator');
  const { token } = await owner.call<{ token: string }>('POST', '/api/tokens', {
    title: 'program',
    grants: everywhere('engineer'),
    validDays: 30,
  });
  return [
    person('administrator', everywhere('administrator'), admin),
    person('everyday', everywhere(...everydayRoles), await sites.crew.as('ada')),
    ...people,
    await invited('of-an-area', [{ role: 'engineer', areas: ['north'] }]),
    { ...(await invited('guest', everywhere('viewer'))), expendable: true },
    bearer('program', token, everywhere('engineer')),
    bearer('another token', `tpt_${'a'.repeat(43)}`),
    { ...stranger, name: 'unfinished', headers: kept(await unfinished(sites, admin)), expendable: false },
    stranger,
  ];
}

const kept = (headers: Record<string, string>) => () => headers;

function person(name: string, grants: readonly Grant[], signedIn: SignedIn): Caller {
  let now = signedIn;
  return {
    name,
    by: 'session',
    grants,
    headers: (method) => now.headers(method),
    renew: async () => {
      // A code of an authenticator is good once; those for recovery are few.
      if (name === 'guest' || now.recoveryCodes.length > 0) now = await now.again();
    },
    expendable: false,
  };
}

const stranger: Caller = {
  name: 'stranger',
  by: 'nothing',
  grants: [],
  headers: kept({}),
  renew: async () => undefined,
  expendable: true,
};

function bearer(name: string, token: string, grants?: readonly Grant[]): Caller {
  const headers = kept({ authorization: `Bearer ${token}` });
  return {
    ...stranger,
    name,
    by: grants === undefined ? 'nothing' : 'token',
    grants: grants ?? [],
    headers,
    expendable: false,
  };
}

/** Signed in by the one-time password, which is to be changed before anything else. */
async function unfinished({ headend: { httpsUrl } }: SitesUnderTest, admin: SignedIn): Promise<Record<string, string>> {
  const grants = [{ role: 'engineer', areas: 'all' }];
  const made = await admin.call<{ oneTime?: { password: string } }>('POST', '/api/operators', {
    name: 'fresh',
    grants,
  });
  const response = await fetch(`${httpsUrl}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'fresh', password: made.oneTime?.password }),
  });
  const { csrfToken } = (await response.json()) as { csrfToken: string };
  return { cookie: response.headers.getSetCookie()[0]?.split(';')[0] ?? '', 'x-csrf-token': csrfToken };
}

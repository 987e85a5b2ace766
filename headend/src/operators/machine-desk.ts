import type { Grant, Role } from '../store/people-store.ts';
import type { Administrator } from './administration.ts';
import { grantWords } from './permissions.ts';
import type { People } from './people.ts';

/** What whoever sits at the machine itself may ask, so that nobody is locked out for good. */
export type MachineRequest =
  | { readonly ask: 'list' }
  | { readonly ask: 'add'; readonly name: string; readonly roles: readonly Role[]; readonly areas: Grant['areas'] }
  | { readonly ask: 'reset'; readonly name: string }
  | {
      readonly ask: 'token';
      readonly name: string;
      readonly roles: readonly Role[];
      readonly areas: Grant['areas'];
      readonly validDays: number;
    };
/** `lines`: for people. `secret`: told this once. */
export type MachineAnswer =
  | { readonly ok: true; readonly lines: readonly string[]; readonly secret?: string }
  | { readonly ok: false; readonly say: string };

const machine: Administrator = { who: 'head-end', identity: 'system' };

export function atMachine(people: People, request: MachineRequest): MachineAnswer {
  switch (request.ask) {
    case 'list':
      return { ok: true, lines: listed(people) };
    case 'add': {
      const { name, roles, areas } = request;
      const added = people.administration.add({ name, grants: roles.map((role) => ({ role, areas })) }, machine);
      if (!added.ok) return { ok: false, say: added.say };
      return { ok: true, ...oneTime(added.value.account.name, added.value.oneTime) };
    }
    case 'reset': {
      const reset = people.administration.reset(request.name, machine);
      return reset.ok ? { ok: true, ...oneTime(request.name, reset.value) } : { ok: false, say: reset.say };
    }
    case 'token':
      return tokenOf(people, request);
  }
}

/** Of a program's account, which is made where there is none. */
function tokenOf(people: People, asked: Extract<MachineRequest, { ask: 'token' }>): MachineAnswer {
  const { name, roles, areas, validDays } = asked;
  const grants = roles.map((role) => ({ role, areas }));
  const account = people.directory.account(name);
  if (account !== undefined && account.program !== true)
    return { ok: false, say: `${name} is a person's account: its tokens are issued by that person.` };
  const has =
    account === undefined
      ? people.administration.add({ name, grants, program: true }, machine)
      : people.administration.change(name, { grants, disabled: false }, machine);
  if (!has.ok) return { ok: false, say: has.say };
  const issued = people.tokens.issue({ account: name, title: 'made at the machine', grants, validDays }, machine);
  if (!issued.ok) return { ok: false, say: issued.say };
  const until = new Date(issued.value.record.expiresAtMs).toISOString();
  return {
    ok: true,
    lines: [
      `Bearer token of ${name} (${grantWords(grants)}), good until ${until}; told this once:`,
      issued.value.token,
    ],
    secret: issued.value.token,
  };
}

function listed({ directory }: People): readonly string[] {
  return directory.accounts().map((account) => {
    const { name, grants, disabled, program, oidc, oneTime: open } = account;
    const state =
      disabled !== undefined
        ? 'disabled'
        : program === true
          ? 'program'
          : oidc !== undefined
            ? 'by the identity provider'
            : open !== undefined
              ? 'has not signed in since it was made or reset'
              : 'active';
    return `${name.padEnd(24)} ${state}: ${grantWords(grants)}`;
  });
}

function oneTime(
  name: string,
  told: { password: string; expiresAtMs: number } | undefined,
): { lines: readonly string[]; secret?: string } {
  if (told === undefined) return { lines: [`${name} has no password.`] };
  const until = new Date(told.expiresAtMs).toISOString();
  return {
    lines: [`One-time password of ${name}, good until ${until}, to be changed at the first sign-in:`, told.password],
    secret: told.password,
  };
}

import type { Grant, Role } from '../../../src/api/operator-contract.ts';

export const roleTitles: Readonly<Record<Role, string>> = {
  viewer: 'Viewer',
  dispatcher: 'Dispatcher',
  'switching-operator': 'Switching operator',
  'dr-operator': 'DR operator',
  'field-technician': 'Field technician',
  engineer: 'Engineer',
  administrator: 'Administrator',
};
export const roles = Object.keys(roleTitles) as readonly Role[];

export type GrantText = { readonly role: string; readonly where: string };

/** As people read it: a role, and where. */
export function grantText({ role, areas }: Grant): GrantText {
  return { role: roleTitles[role], where: areas === 'all' ? 'everywhere' : `in ${areas.join(', ')}` };
}

/** The same for many: roles that reach as far stand together. */
export function grantTexts(grants: readonly Grant[]): readonly { readonly where: string; readonly roles: string }[] {
  const texts = grants.map(grantText);
  const places = [...new Set(texts.map(({ where }) => where))];
  return places.map((where) => ({
    where,
    roles: texts.flatMap((each) => (each.where === where ? [each.role] : [])).join(', '),
  }));
}

/** What is typed in a form: each role not at all, everywhere, or in areas that are named. */
export type GrantDraft = Readonly<Record<Role, { readonly reach: 'none' | 'all' | 'areas'; readonly areas: string }>>;

export function draftOf(grants: readonly Grant[]): GrantDraft {
  const drafted = roles.map((role) => {
    const own = grants.filter((each) => each.role === role);
    const named = own.flatMap(({ areas }) => (areas === 'all' ? [] : areas));
    const reach = own.some(({ areas }) => areas === 'all') ? 'all' : own.length === 0 ? 'none' : 'areas';
    return [role, { reach, areas: named.join(', ') }] as const;
  });
  return Object.fromEntries(drafted) as GrantDraft;
}

type Read = { ok: true; value: readonly Grant[] } | { ok: false; say: string };

/** `known`: areas that sites have; another one would reach nothing, and is most likely mistyped. */
export function grantsOf(draft: GrantDraft, known: readonly string[]): Read {
  const grants: Grant[] = [];
  for (const role of roles) {
    const { reach, areas: text } = draft[role];
    if (reach === 'none') continue;
    if (reach === 'all') {
      grants.push({ role, areas: 'all' });
      continue;
    }
    const areas = [...new Set(text.split(',').map((each) => each.trim()))].filter((each) => each !== '');
    if (areas.length === 0)
      return { ok: false, say: `${roleTitles[role]}: name at least one area, or choose everywhere.` };
    const unknown = areas.find((each) => !known.includes(each));
    if (unknown !== undefined)
      return {
        ok: false,
        say: `${roleTitles[role]}: no site is in an area ${unknown}.${known.length === 0 ? ' No site has an area yet.' : ` There are ${known.join(', ')}.`}`,
      };
    grants.push({ role, areas });
  }
  return { ok: true, value: grants };
}

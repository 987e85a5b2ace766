import { commandKinds, no, yes } from '@tiepoint/protocol';
import type { CommandKind, Verdict } from '@tiepoint/protocol';
import type { Grant, Role } from '../store/people-store.ts';

export const roles = [
  'viewer',
  'dispatcher',
  'switching-operator',
  'dr-operator',
  'field-technician',
  'engineer',
  'administrator',
] as const satisfies readonly Role[];

const commanding = {
  connect: ['switching-operator'],
  disconnect: ['switching-operator'],
  'start-generation': ['switching-operator'],
  'stop-generation': ['switching-operator'],
  'enable-synchronization': ['switching-operator'],
  'activate-synchronization': ['switching-operator'],
  'limit-power': ['switching-operator', 'dr-operator'],
  'switch-relay': ['switching-operator', 'dr-operator'],
} as const satisfies Record<CommandKind, readonly Role[]>;

const others = {
  see: roles,
  'read-audit': ['dispatcher', 'switching-operator', 'dr-operator', 'engineer', 'administrator'],
  'verify-audit': ['administrator'],
  tag: ['dispatcher', 'switching-operator', 'field-technician', 'engineer'],
  // Of those who tag, who signs in with two factors.
  'remove-tags': ['switching-operator', 'field-technician', 'engineer'],
  'read-meters': ['dispatcher', 'switching-operator', 'dr-operator', 'engineer'],
  'set-fleet-mode': ['switching-operator', 'engineer'],
  'record-switching': ['dispatcher', 'switching-operator', 'engineer'],
  'edit-network': ['engineer'],
  'edit-intervals': ['engineer'],
  // What it forgets nobody brings back.
  'set-retention': ['administrator'],
  configure: ['engineer'],
  'enter-sites': ['engineer'],
  'issue-enrolment': ['field-technician', 'engineer'],
  'revoke-certificates': ['engineer', 'administrator'],
  'manage-keys': ['administrator'],
  'administer-operators': ['administrator'],
} as const satisfies Record<string, readonly Role[]>;

/** `command`: any of them; which one is judged with the device. `approve`: any of what may take two operators, judged likewise. */
export type Action = CommandKind | keyof typeof others | 'command' | 'approve';

const commanders = roles.filter((role) =>
  Object.values<readonly Role[]>(commanding).some((each) => each.includes(role)),
);

/** Who may do what: asked by every route, and by every button that is offered. Nothing that is not here is allowed to anybody. */
export const permissions: Readonly<Record<Action, readonly Role[]>> = {
  ...commanding,
  ...others,
  command: commanders,
  approve: roles.filter((role) => [...commanders, ...others['remove-tags']].some((each) => each === role)),
};

/** As it is said after "may" and "may not". */
export const actionWords: Readonly<Record<Action, string>> = {
  see: 'see devices, events and sites',
  'read-audit': 'read the audit',
  'verify-audit': 'have the audit verified',
  tag: 'tag devices',
  'remove-tags': 'remove tags of others, as one of two',
  'read-meters': 'read meters on demand',
  'set-fleet-mode': 'order fleet modes',
  'record-switching': 'record operations of switches',
  'edit-network': 'import networks',
  'edit-intervals': 'edit and estimate intervals of meters',
  'set-retention': 'set for how long intervals of meters are kept',
  configure: 'configure gateways',
  'enter-sites': 'enter sites, devices and contracts',
  'issue-enrolment': 'issue enrolment tokens',
  'revoke-certificates': 'revoke certificates of gateways',
  'manage-keys': 'exchange command keys',
  'administer-operators': 'administer operators',
  command: 'command devices',
  approve: 'ask for and decide what takes two operators',
  connect: 'connect',
  disconnect: 'disconnect',
  'start-generation': 'start generation',
  'stop-generation': 'stop generation',
  'enable-synchronization': 'enable synchronization',
  'activate-synchronization': 'activate synchronization',
  'limit-power': 'limit power',
  'switch-relay': 'switch relays',
};

export const roleTitles: Readonly<Record<Role, string>> = {
  viewer: 'Viewer',
  dispatcher: 'Dispatcher',
  'switching-operator': 'Switching operator',
  'dr-operator': 'DR operator',
  'field-technician': 'Field technician',
  engineer: 'Engineer',
  administrator: 'Administrator',
};

/** Where it would be done. Devices that nobody entered, and sites without an area, belong to none: only grants on `all` reach them. */
export type Area = string | undefined;

export function mayIn(grants: readonly Grant[], action: Action, area: Area): Verdict {
  const fitting = grants.filter(({ role }) => permissions[action].includes(role));
  if (fitting.length === 0) return notByRole(grants, action);
  if (fitting.some((grant) => reaches(grant, area))) return yes;
  const areas = [...new Set(fitting.flatMap((grant) => (grant.areas === 'all' ? [] : grant.areas)))];
  const where = area === undefined ? 'where no area is entered' : `in area ${area}`;
  return no('not-permitted', `You may ${actionWords[action]} in ${areas.join(', ') || 'no area'}, not ${where}.`);
}

/** Somewhere at all: what one device is about is judged with it. */
export function mayAnywhere(grants: readonly Grant[], action: Action): Verdict {
  return grants.some(({ role }) => permissions[action].includes(role)) ? yes : notByRole(grants, action);
}

/** What concerns all areas. */
export function mayEverywhere(grants: readonly Grant[], action: Action): Verdict {
  const somewhere = mayAnywhere(grants, action);
  if (!somewhere.ok || reachesAll(grants, action)) return somewhere;
  return no('not-permitted', `This concerns all areas: you may ${actionWords[action]} in some of them.`);
}

export function reachesAll(grants: readonly Grant[], action: Action): boolean {
  return grants.some(({ role, areas }) => areas === 'all' && permissions[action].includes(role));
}

export function sees(grants: readonly Grant[], area: Area): boolean {
  return grants.some((grant) => reaches(grant, area));
}

/** Roles whose misuse would reach devices, or other people's rights. Who has an enrolment token can be the gateway, and say what it likes. */
const weighty: readonly Action[] = [
  ...commandKinds,
  'remove-tags',
  'set-fleet-mode',
  'configure',
  'edit-network',
  'enter-sites',
  'issue-enrolment',
  'revoke-certificates',
  'manage-keys',
  'administer-operators',
];
export function needsSecondFactor(grants: readonly Grant[]): boolean {
  return grants.some(({ role }) => weighty.some((action) => permissions[action].includes(role)));
}

/** What both allow: a token has at most what its account has at the time. */
export function within(wanted: readonly Grant[], had: readonly Grant[]): readonly Grant[] {
  return wanted.flatMap(({ role, areas }): readonly Grant[] => {
    const same = had.filter((each) => each.role === role);
    if (same.some((each) => each.areas === 'all')) return [{ role, areas }];
    const known = new Set(same.flatMap((each) => (each.areas === 'all' ? [] : each.areas)));
    const both = areas === 'all' ? [...known] : areas.filter((area) => known.has(area));
    return both.length === 0 ? [] : [{ role, areas: both }];
  });
}

export function grantWords(grants: readonly Grant[]): string {
  const said = grants.map(({ role, areas }) => (areas === 'all' ? role : `${role} in ${areas.join(', ')}`));
  return said.join('; ') || 'no role';
}

function reaches({ areas }: Grant, area: Area): boolean {
  return areas === 'all' || (area !== undefined && areas.includes(area));
}

function notByRole(grants: readonly Grant[], action: Action): Verdict {
  const own = [...new Set(grants.map(({ role }) => role))];
  const mine =
    own.length === 0 ? 'Without a role you' : `Your ${own.length === 1 ? 'role' : 'roles'} ${own.join(', ')}`;
  return no('not-permitted', `${mine} may not ${actionWords[action]}: ${permissions[action].join(', ')} may.`);
}

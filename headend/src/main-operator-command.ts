import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { KeyFolder } from './authority/key-folder.ts';
import { lostKeys, reliantOn } from './authority/lost-keys.ts';
import { openVault } from './main-keys.ts';
import { askMachineDoor } from './main-machine-door.ts';
import { readSettings } from './main-settings.ts';
import { atMachine } from './operators/machine-desk.ts';
import type { MachineAnswer, MachineRequest } from './operators/machine-desk.ts';
import { People } from './operators/people.ts';
import { roles } from './operators/permissions.ts';
import type { Role } from './store/people-store.ts';
import { SqliteStore } from './store/sqlite-store.ts';

export const operatorUsage = [
  'operator list [--config FILE] [--data DIR]           all accounts',
  'operator add NAME --role ROLE [--role …] [--area AREA …] [--config FILE] [--data DIR]   a new account, with a one-time password',
  'operator reset NAME [--config FILE] [--data DIR]     a new one-time password; second factors and sessions are void',
  'operator token NAME --role ROLE [--role …] [--area AREA …] [--days 30] [--config FILE] [--data DIR]   a bearer token for a program',
];

/** Accounts from the machine itself, whether the head-end runs or not. */
export async function operatorCommand(args: readonly string[]): Promise<number> {
  const read = requestOf(args);
  if (!read.ok) {
    console.error(read.say);
    for (const line of ['Usage:', ...operatorUsage.map((each) => `  ${each}`)]) console.error(line);
    return 2;
  }
  const { data, request } = read;
  if (!existsSync(join(data, 'operations.db'))) {
    console.error(`${data} is no data folder of a head-end: name it with --data`);
    return 1;
  }
  const answer = (await askMachineDoor<MachineAnswer>(data, { to: 'operators', request })) ?? atRest(data, request);
  if (!answer.ok) console.error(answer.say);
  else for (const line of answer.lines) console.log(line);
  return answer.ok ? 0 : 1;
}

function atRest(data: string, request: MachineRequest): MachineAnswer {
  const store = new SqliteStore(data);
  store.start();
  try {
    const folder = new KeyFolder(join(data, 'keys'));
    folder.open();
    const lost = lostKeys(folder, { ...reliantOn(store), gatewayIds: [] }, true);
    if (lost !== undefined) throw new Error(lost.say);
    const people = new People({
      store: store.people,
      vault: openVault(folder, store.people),
      secondFactor: 'required',
      oidc: undefined,
      onSessionEnd: () => undefined,
      onLockOut: () => undefined,
      now: Date.now,
    });
    people.load();
    return atMachine(people, request);
  } finally {
    store.stop();
  }
}

const asks: readonly string[] = ['list', 'add', 'reset', 'token'];
type Read = { ok: true; data: string; request: MachineRequest } | { ok: false; say: string };

function requestOf(args: readonly string[]): Read {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        config: { type: 'string' },
        data: { type: 'string' },
        role: { type: 'string', multiple: true, default: [] },
        area: { type: 'string', multiple: true, default: [] },
        days: { type: 'string', default: '30' },
      },
    });
    const [ask = '', name = ''] = positionals;
    if (!asks.includes(ask)) return { ok: false, say: `operator ${ask}: it is ${asks.join(', ')}` };
    const { config, data: folder } = values;
    const where = Object.entries({ config, data: folder }).filter(
      (each): each is [string, string] => each[1] !== undefined,
    );
    const settings = readSettings(where.flatMap(([option, value]) => [`--${option}`, value]));
    if (!settings.ok) return { ok: false, say: settings.say.join('\n') };
    const { data } = settings.value;
    const foreign = values.role.find((role) => !(roles as readonly string[]).includes(role));
    if (foreign !== undefined) return { ok: false, say: `${foreign} is no role; these are: ${roles.join(', ')}` };
    const granted = { roles: values.role as Role[], areas: values.area.length === 0 ? ('all' as const) : values.area };
    if (ask === 'list') return { ok: true, data, request: { ask } };
    if (name === '') return { ok: false, say: 'Which account? Give its name.' };
    if (ask === 'reset') return { ok: true, data, request: { ask, name } };
    if (granted.roles.length === 0) return { ok: false, say: `Which role? --role with one of ${roles.join(', ')}` };
    if (ask === 'add') return { ok: true, data, request: { ask, name, ...granted } };
    const validDays = Number(values.days);
    if (ask === 'token' && validDays > 0 && validDays <= 366)
      return { ok: true, data, request: { ask, name, ...granted, validDays } };
    return { ok: false, say: '--days is 1 to 366' };
  } catch (error) {
    return { ok: false, say: error instanceof Error ? error.message : String(error) };
  }
}

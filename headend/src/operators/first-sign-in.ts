import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashOf } from '../store/credentials.ts';
import type { Grant } from '../store/people-store.ts';
import type { Administrator } from './administration.ts';
import { roles } from './permissions.ts';
import type { People } from './people.ts';

type FirstSignIn = { readonly name: string; readonly password: string };

const headend: Administrator = { who: 'head-end', identity: 'system' };
const administrator: readonly Grant[] = [{ role: 'administrator', areas: 'all' }];
const everything: readonly Grant[] = roles.map((role) => ({ role, areas: 'all' }));

/**
 * Where nobody could administer, makes `admin` with a one-time password, told in `first-sign-in.json`, for this user alone: answers that file as
 * long as something in it is unused. For demonstration `admin` may do everything, and there is a second operator, for some commands take two.
 */
export function firstSignIns(people: People, dataFolder: string, demonstration: boolean): string | undefined {
  const file = fileOf(dataFolder);
  if (!people.administration.hasAdministrator()) {
    const wanted = demonstration
      ? [
          { name: 'admin', title: 'Administrator', grants: everything },
          {
            name: 'second',
            title: 'Second operator',
            grants: everything.filter(({ role }) => role !== 'administrator'),
          },
        ]
      : [{ name: 'admin', title: 'Administrator', grants: administrator }];
    const made = wanted.flatMap((each) => {
      const added = people.administration.add(each, headend);
      if (!added.ok || added.value.oneTime === undefined) return [];
      return [{ name: each.name, password: added.value.oneTime.password }];
    });
    if (made.length === 0)
      throw new Error('nobody could administer, and the account admin is taken: headend operator reset admin');
    writeFileSync(file, `${JSON.stringify(made, undefined, 2)}\n`, { mode: 0o600 });
    return file;
  }
  return openOnes(people, dataFolder).length === 0 ? undefined : file;
}

/** Of those that were told, the ones that nobody has used yet; the file goes with the last. */
function openOnes({ directory }: People, dataFolder: string): readonly FirstSignIn[] {
  const file = fileOf(dataFolder);
  if (!existsSync(file)) return [];
  const told = JSON.parse(readFileSync(file, 'utf8')) as readonly FirstSignIn[];
  const open = told.filter(({ name, password }) => directory.account(name)?.oneTime?.hash === hashOf(password));
  if (open.length === 0) rmSync(file, { force: true });
  else if (open.length < told.length) writeFileSync(file, `${JSON.stringify(open, undefined, 2)}\n`, { mode: 0o600 });
  return open;
}

const fileOf = (dataFolder: string): string => join(dataFolder, 'first-sign-in.json');

import { readFileSync } from 'node:fs';
import { askMachineDoor } from '@tiepoint/headend/main-machine-door.ts';
import type { MachineAnswer, MachineRequest } from '@tiepoint/headend/operators/machine-desk.ts';

export type FirstSignIn = { readonly name: string; readonly password: string };
/** The head-end's API, as this program. */
export type Asking = { readonly url: string; readonly ask: (path: string, init?: RequestInit) => Promise<Response> };

/** Who has not signed in yet, and how they do it the first time; `file` is named by the head-end, for this user alone. */
export function firstSignInsOf(file: unknown): readonly FirstSignIn[] {
  return typeof file === 'string' ? (JSON.parse(readFileSync(file, 'utf8')) as readonly FirstSignIn[]) : [];
}

/** A token of its own for a day, by the head-end's door at this machine: enough to look, and to enter sites. */
export async function askingAs(
  url: string,
  dataFolder: string,
  name = 'npm-start',
): Promise<{ ok: true; value: Asking } | { ok: false; say: string }> {
  const request: MachineRequest = { ask: 'token', name, roles: ['engineer'], areas: 'all', validDays: 1 };
  const answer = await askMachineDoor<MachineAnswer>(dataFolder, { to: 'operators', request });
  if (answer === undefined)
    return { ok: false, say: `The head-end gives no token: its door in ${dataFolder} is shut.` };
  if (!answer.ok) return answer;
  const authorization = `Bearer ${answer.secret ?? ''}`;
  const ask = async (path: string, init: RequestInit = {}): Promise<Response> =>
    await fetch(url + path, { ...init, headers: { authorization, ...(init.headers as Record<string, string>) } });
  return { ok: true, value: { url, ask } };
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { CommandView } from '@tiepoint/headend/api/contract.ts';
import { acknowledgement, command as commandMessage, isFinal } from '@tiepoint/protocol';
import type { Acknowledgement, Command } from '@tiepoint/protocol';
import type { DeviceLog } from './killed-line.ts';

/** What a gateway's journal says of one command. */
export type Journalled = {
  readonly command: Command;
  readonly deviceKey: string;
  readonly words: readonly Acknowledgement[];
};

export type Breach = { readonly promise: 'lost' | 'repeated' | 'falseConfirmed' | 'other'; readonly say: string };

/** A write lies between its command's words by one clock, which counts whole milliseconds; a state is looked at every so often. */
const writeSlackMs = 2;
const stateSlackMs = 250;

/** Of an agent that does not run. */
export function readJournal(gatewayId: string, dataDir: string): { journal: Map<string, Journalled>; events: number } {
  const database = new DatabaseSync(join(dataDir, 'agent.sqlite'), { readOnly: true });
  try {
    const words = new Map<string, Acknowledgement[]>();
    for (const row of database.prepare('SELECT bytes FROM acknowledgement ORDER BY rowid').all()) {
      const ack = acknowledgement.fromBytes(row['bytes'] as Uint8Array);
      if (ack.ok) words.set(ack.value.commandId, [...(words.get(ack.value.commandId) ?? []), ack.value]);
    }
    const journal = new Map<string, Journalled>();
    for (const row of database.prepare('SELECT device_id, bytes FROM command').all()) {
      const read = commandMessage.fromBytes(row['bytes'] as Uint8Array);
      if (!read.ok) continue;
      const { id } = read.value;
      const deviceKey = `${gatewayId}.${String(row['device_id'])}`;
      journal.set(id, { command: read.value, deviceKey, words: words.get(id) ?? [] });
    }
    const { n } = database.prepare(`SELECT count(*) AS n FROM outbox WHERE kind = 'event'`).get() as { n: number };
    return { journal, events: n };
  } finally {
    database.close();
  }
}

/** Command lines of the programs that run and have this folder in it. */
export function processesNaming(folder: string): readonly string[] {
  return readdirSync('/proc').flatMap((entry): readonly string[] => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      const words = readFileSync(join('/proc', entry, 'cmdline'), 'utf8').replaceAll('\0', ' ');
      return words.includes(folder) ? [`${entry} ${words}`] : [];
    } catch {
      // It has ended since.
      return [];
    }
  });
}

/** Both ends of each command against one another. */
export function compareEnds(
  taken: readonly string[],
  headEnd: ReadonlyMap<string, CommandView>,
  journal: ReadonlyMap<string, Journalled>,
): readonly Breach[] {
  return [...new Set([...taken, ...headEnd.keys(), ...journal.keys()])].flatMap((id): Breach[] => {
    const view = headEnd.get(id);
    const last = journal.get(id)?.words.at(-1)?.state;
    const said = `${id}: head-end ${view?.state ?? 'nothing'}${view?.reason === undefined ? '' : ` (${view.reason})`}, gateway ${last ?? 'nothing'}`;
    if (view === undefined) return [{ promise: 'lost', say: `${said}; the head-end had taken it` }];
    if (!isFinal(view.state)) return [{ promise: 'lost', say: `${said}; it never ended` }];
    const undone = view.state === 'refused' || view.state === 'expired' || view.reason === 'unknown-to-agent';
    if (last === undefined) return undone ? [] : [{ promise: 'lost', say: said }];
    if (view.state === last || (undone && (last === 'refused' || last === 'expired'))) return [];
    return [{ promise: 'lost', say: said }];
  });
}

/** What a device was given and was, against what its gateway's journal says. */
export function compareDevice(
  deviceKey: string,
  log: DeviceLog,
  journal: ReadonlyMap<string, Journalled>,
): readonly Breach[] {
  const breaches: Breach[] = [];
  const own = [...journal.values()].filter((each) => each.deviceKey === deviceKey);
  const begun = own.flatMap(({ command, words }) => {
    const fromMs = words.find(({ state }) => state === 'executing')?.timeMs;
    const toMs = words.find(({ state }) => isFinal(state))?.timeMs;
    return fromMs === undefined || toMs === undefined ? [] : [{ id: command.id, fromMs, toMs, writes: 0 }];
  });
  for (const { atMs, words } of log.writes) {
    const by = begun.findLast((each) => each.fromMs - writeSlackMs <= atMs && atMs <= each.toMs + writeSlackMs);
    if (by === undefined)
      breaches.push({ promise: 'other', say: `${deviceKey} was written ${words.join(' ')} for no command` });
    else by.writes += 1;
  }
  for (const { id, writes } of begun)
    if (writes > 1) breaches.push({ promise: 'repeated', say: `${deviceKey} was written ${writes} times for ${id}` });
  for (const { command, words } of own) {
    const confirmed = words.find(({ state }) => state === 'confirmed');
    const fromMs = words[0]?.timeMs;
    if (confirmed === undefined || fromMs === undefined) continue;
    const wanted = wantedState(command);
    if (!wasSo(log, wanted, { fromMs: fromMs - stateSlackMs, toMs: confirmed.timeMs + stateSlackMs }))
      breaches.push({
        promise: 'falseConfirmed',
        say: `${command.id} ${command.kind} at ${deviceKey}: it never was ${wanted}`,
      });
  }
  return breaches;
}

function wantedState({ kind, parameters }: Command): string {
  if (kind === 'switch-relay') return parameters?.to ?? 'off';
  return kind === 'connect' ? 'closed' : 'open';
}

function wasSo({ states }: DeviceLog, wanted: string, { fromMs, toMs }: { fromMs: number; toMs: number }): boolean {
  return states.some(
    ({ atMs, state }, index) =>
      state === wanted && atMs <= toMs && (states[index + 1]?.atMs ?? Number.POSITIVE_INFINITY) >= fromMs,
  );
}

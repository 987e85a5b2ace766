import { closeSync, fsyncSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { CommandKeys } from './authority/command-keys.ts';
import { KeyFolder, readSecret } from './authority/key-folder.ts';
import { fileVault } from './authority/key-vault.ts';
import { readSettings } from './main-settings.ts';
import { SqliteStore } from './store/sqlite-store.ts';

export const keysUsage = [
  'keys status [--config FILE] [--data DIR]            the command key, how far its rotation is, and where the recovery key is',
  'keys export-recovery FILE [--config FILE] [--data DIR]   takes the recovery key off this machine: into FILE, once',
  'keys recover FILE [--config FILE] [--data DIR]      makes the command key anew with the recovery key in FILE, where the old one is lost or stolen',
] as const;

/** Returns the exit code. Where it changes something, the head-end must not run, and the audit tells it. */
export function keysCommand(args: readonly string[]): number {
  const [what = '', ...rest] = args;
  const asked = askedFor(rest);
  if (!asked.ok) return wrong(asked.say);
  const { file, data } = asked.value;
  const folder = new KeyFolder(join(data, 'keys'));
  const keys = new CommandKeys(folder, fileVault(folder));
  if (what === 'status' && file === undefined) return tell(keys);
  if (file === undefined) return wrong([`keys ${what}: it is status, export-recovery FILE or recover FILE`]);
  if (what === 'export-recovery') return withAudit(data, (audit) => exportRecovery(keys, file, audit));
  if (what === 'recover') return withAudit(data, (audit) => recover(keys, file, audit));
  return wrong([`keys ${what}: it is status, export-recovery FILE or recover FILE`]);
}

function tell(keys: CommandKeys): number {
  keys.read();
  const { phase, revision, current, next, previous, sinceMs } = keys.rotation;
  console.log(`${phase} since ${new Date(sinceMs).toISOString()}, list ${revision}
  signs:     ${current}${next === undefined ? '' : `\n  announced: ${next}`}${previous === undefined ? '' : `\n  trusted still: ${previous}`}
  recovery key: ${keys.isRecoveryKeyHere ? 'still on this machine: take it away by keys export-recovery FILE' : 'exported'}`);
  return 0;
}

function exportRecovery(keys: CommandKeys, file: string, audit: (say: string) => void): number {
  keys.read();
  const pem = keys.recoveryPem();
  if (pem === undefined) {
    console.error('The recovery key is not on this machine: it was exported before.');
    return 1;
  }
  const opened = openSync(file, 'wx', 0o600);
  try {
    writeFileSync(opened, pem);
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
  try {
    if (readSecret(file) !== pem) throw new Error(`${file} does not hold what was written`);
    audit(`The recovery key is exported to ${file}`);
  } catch (error) {
    rmSync(file);
    throw new Error(`${error instanceof Error ? error.message : String(error)}: the key was not exported`, {
      cause: error,
    });
  }
  keys.eraseRecoveryKey();
  console.log(`${file}: the recovery key, and nowhere else. Keep it off line, twice: without it, gateways whose head-end lost
its command keys have to be enrolled again on site.`);
  return 0;
}

function recover(keys: CommandKeys, file: string, audit: (say: string) => void): number {
  const pem = readSecret(file);
  audit('The command key is made anew with the recovery key; all earlier ones are trusted no more');
  keys.recover(pem, Date.now());
  console.log(`List ${keys.rotation.revision} names the new command key ${keys.rotation.current}.
Every gateway takes it when it connects to the head-end. Put ${file} back off line.`);
  return 0;
}

function withAudit(data: string, work: (audit: (say: string) => void) => number): number {
  const store = new SqliteStore(data);
  // Fails while the head-end runs.
  store.start();
  try {
    return work((say) => {
      const written = store.operations.appendAudit({
        atMs: Date.now(),
        who: userInfo().username,
        identity: 'system',
        action: 'command-key',
        say,
      });
      if (!written.ok) throw new Error(written.say);
    });
  } finally {
    store.stop();
  }
}

type Asked = { file: string | undefined; data: string };

function askedFor(args: readonly string[]): { ok: true; value: Asked } | { ok: false; say: readonly string[] } {
  const text = { type: 'string' } as const;
  try {
    const options = { config: text, data: text };
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const [file, ...more] = positionals;
    if (more.length > 0) return { ok: false, say: [`${more.join(' ')}: name one file`] };
    const settings = readSettings(Object.entries(values).flatMap(([name, value]) => [`--${name}`, value]));
    return settings.ok ? { ok: true, value: { file, data: settings.value.data } } : settings;
  } catch (error) {
    return { ok: false, say: [error instanceof Error ? error.message : String(error)] };
  }
}

function wrong(say: readonly string[]): number {
  for (const each of [...say, 'Usage:', ...keysUsage.map((line) => `  ${line}`)]) console.error(each);
  return 2;
}

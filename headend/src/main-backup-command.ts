import { parseArgs } from 'node:util';
import { readSettings } from './main-settings.ts';
import type { Settings } from './main-settings.ts';
import { withWarehouse } from './main-warehouse-access.ts';
import { copyFiles } from './mdw/requests.ts';
import { version } from './main-version.ts';
import { backUp } from './store/backup.ts';
import { restore } from './store/restore.ts';

export const backupUsage = [
  'backup DIR [--config FILE] [--data DIR]    a copy of everything, also while the head-end runs, into a folder that is not there yet',
  'restore DIR [--config FILE] [--data DIR]   a data folder from a backup; it must be empty or not be there',
] as const;

/** Returns the exit code. */
export async function backupCommand(args: readonly string[]): Promise<number> {
  const asked = askedFor(args);
  if (!asked.ok) return wrong(asked.say);
  const { folder, data, settings } = asked.value;
  const { manifest: made, warning } = await backUp(data, folder, {
    nowMs: Date.now(),
    version,
    copyWarehouse: async (to) => await copyWarehouse(settings, to),
  });
  const bytes = made.files.reduce((sum, file) => sum + file.bytes, 0);
  console.log(
    `${folder}: ${made.files.length} files, ${(bytes / 1e6).toFixed(1)} MB, looked through. It holds the keys: guard it like them`,
  );
  if (warning === undefined) return 0;
  console.error(`${folder}: ${warning}`);
  return 1;
}

async function copyWarehouse(settings: Settings, folder: string): Promise<void> {
  const copied = await withWarehouse(settings, async (ask) => await ask(copyFiles, { folder }), console.error);
  if (!copied.ok) throw new Error(copied.say);
}

/** Returns the exit code. */
export async function restoreCommand(args: readonly string[]): Promise<number> {
  const asked = askedFor(args);
  if (!asked.ok) return wrong(asked.say);
  const { folder, data } = asked.value;
  const { madeAtMs, files } = await restore(folder, data);
  console.log(`${data}: restored as of ${new Date(madeAtMs).toISOString()}, ${files.length} files, each as it was backed up.
What was done after that is not in it: commands, tags, enrolments, revoked certificates, changed passwords, contracts.
Until it is started with --tags-checked, nothing is commanded and the gateways keep the tags that they have. Before that: set the tags anew
that hold now, and revoke anew what was revoked since.`);
  return 0;
}

type Asked = { folder: string; data: string; settings: Settings };

function askedFor(args: readonly string[]): { ok: true; value: Asked } | { ok: false; say: readonly string[] } {
  const text = { type: 'string' } as const;
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { config: text, data: text },
      allowPositionals: true,
    });
    const [folder, ...more] = positionals;
    if (folder === undefined || more.length > 0) return { ok: false, say: ['Name one folder'] };
    const settings = readSettings(Object.entries(values).flatMap(([name, value]) => [`--${name}`, value]));
    return settings.ok
      ? { ok: true, value: { folder, data: settings.value.data, settings: settings.value } }
      : settings;
  } catch (error) {
    return { ok: false, say: [error instanceof Error ? error.message : String(error)] };
  }
}

function wrong(say: readonly string[]): number {
  for (const each of [...say, 'Usage:', ...backupUsage.map((line) => `  ${line}`)]) console.error(each);
  return 2;
}

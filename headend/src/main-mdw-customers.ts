import { readFileSync } from 'node:fs';
import { recordDeed } from './main-interval-deeds.ts';
import type { MdwAsked, MdwTold } from './main-mdw-asked.ts';
import { takeCustomerYears, takeProfiles } from './mdw/files/take-customers.ts';
import type { CustomerFile, CustomerFileTaken } from './mdw/files/take-customers.ts';
import { forgetProfile, listProfiles } from './mdw/profile-requests.ts';
import type { Asker } from './mdw/warehouse-request.ts';

export async function tellYears(ask: Asker, asked: MdwAsked): Promise<MdwTold> {
  const { sinceS, values } = asked;
  return ended(
    await takeCustomerYears(ask, { ...fileOf(asked), sinceS, newMeters: values['new-meters'] === true }),
    'mdw estimate',
  );
}

export async function tellProfileFile(ask: Asker, asked: MdwAsked): Promise<MdwTold> {
  return ended(await takeProfiles(ask, fileOf(asked)), 'mdw estimate --again');
}

function fileOf({ settings, file, by, values }: MdwAsked): CustomerFile {
  return {
    file,
    text: textOf(file),
    dryRun: values['dry-run'] === true,
    record: async (say) =>
      await recordDeed(settings.data, { atMs: Date.now(), who: by, action: 'intervals-imported', say }),
  };
}

function ended({ ok, say, kept, findings }: CustomerFileTaken, next: string): MdwTold {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  return { ok, findings, json: { kept, errors }, lines: [kept > 0 ? `${say}: ${next}` : say] };
}

/** Which load profiles there are; with `--remove` one of them less. */
export async function profiles(ask: Asker, { settings, by, values }: MdwAsked): Promise<MdwTold> {
  const { remove } = values;
  if (remove !== undefined) {
    const deed = {
      atMs: Date.now(),
      who: by,
      action: 'intervals-imported',
      say: `Takes back profile ${remove}`,
    } as const;
    const recorded = await recordDeed(settings.data, deed);
    if (!recorded.ok) throw new Error(`nothing is taken back: ${recorded.say}`);
    const done = await ask(forgetProfile, { name: remove });
    if (!done.ok) throw new Error(done.say);
  }
  const found = await ask(listProfiles, {});
  if (!found.ok) throw new Error(found.say);
  const lines = found.value.map(
    ({ name, origin, customers }) => `${name}  ${originWords[origin]}, ${customers} customers follow it`,
  );
  return { ok: true, json: { profiles: found.value }, lines };
}

const originWords = { told: 'your own', measured: 'measured elsewhere', assumed: 'assumed' } as const;

export function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`${file} cannot be read (${error instanceof Error ? error.message : String(error)})`, {
      cause: error,
    });
  }
}

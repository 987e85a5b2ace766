import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { readSettings } from './main-settings.ts';
import type { Settings } from './main-settings.ts';
import type { Span } from './mdw/completeness-requests.ts';
import { instantOf } from './mdw/local-instant.ts';
import type { Finding } from './network/model/finding.ts';

const where = '[--json] [--config FILE] [--data DIR]';
export const mdwUsage = [
  'mdw import FILE [--meter NAME] [--time-zone ZONE] [--local-as-utc] [--new-meters] [--dry-run] [--accept-errors] [--replace-measured] [--by NAME]',
  '                                          intervals of a file, CSV or Green Button (XML), also while the head-end runs',
  'mdw annual FILE [--since TIME] [--new-meters] [--dry-run] [--by NAME]   what customers take a year of whom nobody counts intervals: CSV of',
  '                                          meter, annual_kwh, profile; a load profile is scaled by it, and marked as such',
  'mdw profile FILE [--dry-run] [--by NAME]  load profiles of your own: CSV of profile, hour (0 to 23), weekday, saturday, sunday',
  'mdw profiles [--remove NAME] [--by NAME]  which there are, and how many customers follow them; --remove takes back one of your own',
  'mdw intervals --meter NAME [--from TIME] [--to TIME]    what stands, each with how it is known',
  'mdw edit --meter NAME --from TIME --to TIME --cause TEXT [--import-kwh N] [--export-kwh N] [--by NAME]   what one interval was; unknown: not known',
  'mdw edits [--meter NAME] [--take-back N --cause TEXT] [--by NAME]      what people changed; what stood before stands again',
  'mdw estimate [--from TIME] [--to TIME] [--meter NAME …] [--again] [--by NAME]   what is missing is estimated, and marked so',
  'mdw gaps [--from TIME] [--to TIME] [--kind unread|unmeasured|unknown] [--meter NAME …]   which times of which meters lack',
  'mdw completeness [--from TIME] [--to TIME] [--worst N]                          how much is measured, by local day',
  'mdw status                                what the warehouse holds',
  'mdw export DIR --from TIME --to TIME [--meter NAME …]    what stands, as Parquet, a folder a UTC day',
  'mdw load DIR [--new-meters] [--replace-measured] [--by NAME]  such Parquet, or one file of it; again without harm',
  'mdw retention [--now] [--by NAME]         days that are older than what is kept; --now forgets them now',
  'mdw retention --keep DAYS [--forget DAYS] --cause TEXT [--by NAME]   keeps so many from now on, whatever warehouse.keepDays says; --forget confirms how many are lost',
  `                                          each with ${where}; TIME is 2026-03-31, 2026-03-31T06:30 or with its offset,`,
  '                                          by the settings’ timeZone; unless told, the local day that ended last',
] as const;

export const mdwCommands = [
  'import',
  'annual',
  'profile',
  'profiles',
  'intervals',
  'edit',
  'edits',
  'estimate',
  'gaps',
  'completeness',
  'status',
  'export',
  'load',
  'retention',
] as const;
export type MdwCommand = (typeof mdwCommands)[number];

/** How a command ends: what it tells programs, what it tells people, and whether it went well. */
export type MdwTold = {
  readonly ok: boolean;
  readonly json: unknown;
  readonly lines: readonly string[];
  /** Of a file. */
  readonly findings?: readonly Finding[];
};

export type MdwAsked = {
  readonly settings: Settings;
  readonly span: Span;
  readonly file: string;
  readonly meters: readonly string[];
  readonly by: string;
  readonly sinceS: number | undefined;
  readonly values: Values;
};

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const options = {
  config: text,
  data: text,
  json: flag,
  by: text,
  from: text,
  since: text,
  to: text,
  meter: { type: 'string', multiple: true },
  kind: text,
  worst: text,
  again: flag,
  now: flag,
  keep: text,
  forget: text,
  remove: text,
  cause: text,
  'take-back': text,
  'import-kwh': text,
  'export-kwh': text,
  'time-zone': text,
  'local-as-utc': flag,
  'new-meters': flag,
  'dry-run': flag,
  'accept-errors': flag,
  'replace-measured': flag,
} as const;
type Values = ReturnType<typeof parseArgs<{ options: typeof options; allowPositionals: true }>>['values'];

/** What only one of the commands takes. */
const own: Readonly<Record<MdwCommand, readonly string[]>> = {
  import: ['by', 'meter', 'time-zone', 'local-as-utc', 'new-meters', 'dry-run', 'accept-errors', 'replace-measured'],
  annual: ['by', 'since', 'new-meters', 'dry-run'],
  profile: ['by', 'dry-run'],
  profiles: ['by', 'remove'],
  intervals: ['meter', 'from', 'to'],
  edit: ['by', 'meter', 'from', 'to', 'cause', 'import-kwh', 'export-kwh'],
  edits: ['by', 'meter', 'take-back', 'cause'],
  estimate: ['by', 'from', 'to', 'meter', 'again'],
  gaps: ['from', 'to', 'meter', 'kind'],
  completeness: ['from', 'to', 'worst'],
  status: [],
  export: ['from', 'to', 'meter'],
  load: ['by', 'new-meters', 'replace-measured'],
  retention: ['by', 'now', 'keep', 'forget', 'cause'],
};

const namesOne = (command: MdwCommand): string =>
  command === 'export' || command === 'load' ? 'Name one folder' : 'Name one file';
const takesFile: readonly MdwCommand[] = ['import', 'annual', 'profile', 'export', 'load'];

type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly say: readonly string[] };

export function mdwAsked(command: MdwCommand, args: readonly string[]): Read<MdwAsked> {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const strange = Object.keys(values).find((name) => !['config', 'data', 'json', ...own[command]].includes(name));
    if (strange !== undefined) return { ok: false, say: [`mdw ${command} takes no --${strange}`] };
    if (positionals.length !== (takesFile.includes(command) ? 1 : 0))
      return {
        ok: false,
        say: [takesFile.includes(command) ? namesOne(command) : `${positionals.join(' ')}: no file is asked for`],
      };
    const wrongValue = faultOf(command, values);
    if (wrongValue !== undefined) return { ok: false, say: [wrongValue] };
    const { config, data } = values;
    const settings = readSettings(
      Object.entries({ config, data }).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value])),
    );
    if (!settings.ok) return settings;
    const span = spanOf(settings.value, values);
    if (!span.ok) return span;
    const since = values.since === undefined ? undefined : instantOf(settings.value.timeZone, values.since);
    if (since?.ok === false) return { ok: false, say: [`--since: ${since.say}`] };
    const asked = {
      file: positionals[0] ?? '',
      meters: values.meter ?? [],
      by: values.by ?? userInfo().username,
      sinceS: since?.value,
      values,
    };
    return { ok: true, value: { settings: settings.value, span: span.value, ...asked } };
  } catch (error) {
    return { ok: false, say: [error instanceof Error ? error.message : String(error)] };
  }
}

function faultOf(command: MdwCommand, values: Values): string | undefined {
  const { kind, worst, meter = [], 'time-zone': zone } = values;
  if ((command === 'intervals' || command === 'edit') && meter.length !== 1) return `mdw ${command}: name one --meter`;
  if (command === 'edit' && (values.from === undefined || values.to === undefined))
    return 'mdw edit: --from and --to say which interval';
  if ((command === 'edit' || values['take-back'] !== undefined) && (values.cause ?? '').trim() === '')
    return `mdw ${command}: --cause says why; it is kept`;
  if (command === 'edit' && values['import-kwh'] === undefined && values['export-kwh'] === undefined)
    return 'mdw edit: --import-kwh or --export-kwh says what it was';
  for (const name of ['import-kwh', 'export-kwh'] as const)
    if (!/^(unknown|\d{1,7}(\.\d{1,3})?)$/.test(values[name] ?? 'unknown'))
      return `--${name} ${values[name] ?? ''}: it is kWh as 1.25, or unknown`;
  if (values['take-back'] !== undefined && !/^\d{1,9}$/.test(values['take-back']))
    return `--take-back ${values['take-back']}: it is the number of an edit`;
  const { keep, forget = '0' } = values;
  if (keep !== undefined && !(/^\d{2,5}$/.test(keep) && Number(keep) >= 40 && Number(keep) <= 36_600))
    return `--keep ${keep}: it is a number of days, 40 to 36600`;
  if (!/^\d{1,6}$/.test(forget)) return `--forget ${forget}: it is the number of days that may be lost`;
  if (keep !== undefined && (values.cause ?? '').trim() === '') return 'mdw retention: --cause says why; it is kept';
  if (keep === undefined && (values.forget !== undefined || (command === 'retention' && values.cause !== undefined)))
    return 'mdw retention: --keep says how many days';
  if (kind !== undefined && !['unread', 'unmeasured', 'unknown'].includes(kind))
    return `--kind ${kind}: it is unread, unmeasured or unknown`;
  if (worst !== undefined && !/^\d{1,5}$/.test(worst)) return `--worst ${worst}: it is a number of meters`;
  if (command === 'import' && meter.length > 1) return 'A file is of one meter, or names its meters itself';
  if (
    zone !== undefined &&
    !Intl.supportedValuesOf('timeZone').includes(zone) &&
    !/^(UTC|Etc\/GMT[+-]\d{1,2})$/.test(zone)
  )
    return `--time-zone ${zone}: write it as America/Los_Angeles, or Etc/GMT+8 where standard time is kept all year`;
  return undefined;
}

/** Unless told, the local day that ended last. */
function spanOf({ timeZone }: Settings, { from, to }: Values): Read<Span> {
  const today = Temporal.Now.zonedDateTimeISO(timeZone).toPlainDate();
  const first = instantOf(timeZone, from ?? today.subtract({ days: 1 }).toString());
  const end = instantOf(timeZone, to ?? today.toString());
  if (!first.ok) return { ok: false, say: [`--from: ${first.say}`] };
  if (!end.ok) return { ok: false, say: [`--to: ${end.say}`] };
  if (end.value <= first.value) return { ok: false, say: ['--to is not after --from'] };
  return { ok: true, value: { fromS: first.value, toS: end.value } };
}

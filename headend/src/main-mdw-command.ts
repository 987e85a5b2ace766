import { readFileSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { recordDeed } from './main-interval-deeds.ts';
import { readSettings } from './main-settings.ts';
import type { Settings } from './main-settings.ts';
import { withWarehouse } from './main-warehouse-access.ts';
import { tellCustomerYears } from './mdw/customer-year-request.ts';
import { readCustomerYears } from './mdw/files/customer-years.ts';
import { completenessOf, findGaps } from './mdw/completeness-requests.ts';
import type { Coverage, GapKind, Span } from './mdw/completeness-requests.ts';
import { estimateIntervals } from './mdw/estimate-requests.ts';
import { importIntervals } from './mdw/files/import-intervals.ts';
import { knownMeters } from './mdw/import-requests.ts';
import { localDays } from './mdw/local-days.ts';
import { instantOf } from './mdw/local-instant.ts';
import { exportDays, forgetDays, importDays, warehouseStatus } from './mdw/transfer-requests.ts';
import type { Asker, WarehouseProgress } from './mdw/warehouse-request.ts';
import { findingLine } from './network/model/finding.ts';

const where = '[--json] [--config FILE] [--data DIR]';
export const mdwUsage = [
  'mdw import FILE [--meter NAME] [--time-zone ZONE] [--local-as-utc] [--new-meters] [--dry-run] [--accept-errors] [--by NAME]',
  '                                          intervals of a file, CSV or Green Button (XML), also while the head-end runs',
  'mdw annual FILE [--since TIME] [--by NAME]       what customers take a year of whom nobody counts intervals: CSV of meter, annual_kwh, class',
  '                                          their class’s load profile is scaled by it, and marked as such',
  'mdw estimate [--from TIME] [--to TIME] [--meter NAME …] [--again] [--by NAME]   what is missing is estimated, and marked so',
  'mdw gaps [--from TIME] [--to TIME] [--kind unread|unmeasured|unknown] [--meter NAME …]   which times of which meters lack',
  'mdw completeness [--from TIME] [--to TIME] [--worst N]                          how much is measured, by local day',
  'mdw status                                what the warehouse holds',
  'mdw export DIR --from TIME --to TIME [--meter NAME …]    what stands, as Parquet, a folder a UTC day',
  'mdw load DIR [--new-meters] [--by NAME]                  such Parquet, or one file of it; again without harm',
  'mdw retention [--now] [--by NAME]         days that are older than what is kept (warehouse.keepDays); --now forgets them now',
  `                                          each with ${where}; TIME is 2026-03-31, 2026-03-31T06:30 or with its offset,`,
  '                                          by the settings’ timeZone; unless told, the local day that ended last',
] as const;

const commands = [
  'import',
  'annual',
  'estimate',
  'gaps',
  'completeness',
  'status',
  'export',
  'load',
  'retention',
] as const;
type Command = (typeof commands)[number];

/** How a command ends: what it tells programs, what it tells people, and whether it went well. */
type Told = { readonly ok: boolean; readonly json: unknown; readonly lines: readonly string[] };

type Asked = {
  readonly settings: Settings;
  readonly span: Span;
  readonly file: string;
  readonly meters: readonly string[];
  readonly by: string;
  readonly sinceS: number | undefined;
  readonly values: Values;
};

/** Returns the exit code: 1 where something could not be done, 2 where the command line is wrong. */
export async function mdwCommand([what, ...rest]: readonly string[]): Promise<number> {
  const command = commands.find((each) => each === what);
  if (command === undefined) return wrong([`mdw ${what ?? ''}: it is ${commands.join(', ')}`]);
  const asked = askedFor(command, rest);
  if (!asked.ok) return wrong(asked.say);
  const { settings, values } = asked.value;
  const told = await withWarehouse(
    settings,
    async (ask) => await carriedOut(command, ask, asked.value),
    (say) => console.error(say),
  );
  if (values.json === true) console.log(JSON.stringify(told.json));
  else for (const line of told.lines) console.log(line);
  return told.ok ? 0 : 1;
}

async function carriedOut(command: Command, ask: Asker, asked: Asked): Promise<Told> {
  switch (command) {
    case 'import':
      return await importFile(ask, asked);
    case 'annual':
      return await tellYears(ask, asked);
    case 'estimate':
      return await estimate(ask, asked);
    case 'gaps':
      return await gaps(ask, asked);
    case 'completeness':
      return await completeness(ask, asked);
    case 'status':
      return await status(ask);
    case 'export':
      return await exportParquet(ask, asked);
    case 'load':
      return await loadParquet(ask, asked);
    case 'retention':
      return await retention(ask, asked);
  }
}

async function importFile(ask: Asker, { settings, file, meters, by, values }: Asked): Promise<Told> {
  const [meter] = meters;
  const done = await importIntervals(ask, {
    file,
    text: textOf(file),
    reading: {
      timeZone: values['time-zone'] ?? settings.timeZone,
      ...(meter === undefined ? {} : { meter }),
      isLocalAsUtc: values['local-as-utc'] === true,
    },
    newMeters: values['new-meters'] === true,
    dryRun: values['dry-run'] === true,
    acceptErrors: values['accept-errors'] === true,
    readAtMs: statSync(file).mtimeMs,
    nowMs: Date.now(),
    progress: (say) => console.error(say),
    record: async (say) =>
      await recordDeed(settings.data, { atMs: Date.now(), who: by, action: 'intervals-imported', say }),
  });
  const findings = done.findings.slice(0, mostFindings);
  for (const finding of findings) console.error(findingLine(finding));
  if (done.findings.length > findings.length) console.error(`… ${done.findings.length - findings.length} more`);
  return { ok: done.ok, json: { ...done, findings }, lines: [done.say] };
}

/** All of the file or nothing. */
async function tellYears(ask: Asker, { settings, file, by, sinceS }: Asked): Promise<Told> {
  const { years, findings } = readCustomerYears(file, textOf(file));
  for (const finding of findings.slice(0, mostFindings)) console.error(findingLine(finding));
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const none = { kept: 0, errors };
  if (errors > 0) return { ok: false, json: none, lines: [`${file}: ${errors} errors; nothing is kept. Mend them`] };
  const say = `${file}: annual energy of ${years.length} customers`;
  const recorded = await recordDeed(settings.data, { atMs: Date.now(), who: by, action: 'intervals-imported', say });
  if (!recorded.ok) throw new Error(`nothing is kept: ${recorded.say}`);
  let kept = 0;
  for (let from = 0; from < years.length; from += yearsAtOnce) {
    const some = years.slice(from, from + yearsAtOnce);
    const done = await ask(tellCustomerYears, { years: some, ...(sinceS === undefined ? {} : { sinceS }) });
    if (!done.ok) throw new Error(`${kept} of ${years.length} are kept: ${done.say}. Tell them again`);
    kept += done.value;
  }
  const line = `${say} kept; the next estimate fills in what nobody counts: mdw estimate`;
  return { ok: true, json: { ...none, kept }, lines: [line] };
}

async function estimate(ask: Asker, { settings, span, meters, by, values }: Asked): Promise<Told> {
  await allKnown(ask, meters);
  const whose = meters.length === 0 ? 'all meters' : meters.join(', ');
  const say = `Has missing intervals of ${whose} from ${iso(span.fromS)} to ${iso(span.toS)} estimated`;
  const recorded = await recordDeed(settings.data, { atMs: Date.now(), who: by, action: 'intervals-estimated', say });
  if (!recorded.ok) throw new Error(`nothing is estimated: ${recorded.say}`);
  const asked = { ...span, ...(meters.length === 0 ? {} : { meters }), again: values.again === true };
  const made = await ask(estimateIntervals, asked, {
    onProgress: ({ done, total = 0, say: day = '' }) => console.error(`${done} of ${total} days ${day}`),
  });
  if (!made.ok) throw new Error(made.say);
  const { meters: of, linear, likeDay, profile, none } = made.value;
  const line = `${linear + likeDay + profile} intervals of ${of} meters estimated: ${linear} by a straight line, ${likeDay} by like days, ${profile} by load profile; ${none} stay unknown`;
  return { ok: true, json: made.value, lines: [line] };
}

async function gaps(ask: Asker, { span, meters, values }: Asked): Promise<Told> {
  const kind = (values.kind ?? 'unmeasured') as GapKind;
  const found = await ask(findGaps, { ...span, kind, ...(meters.length === 0 ? {} : { meters }) });
  if (!found.ok) throw new Error(found.say);
  const lines = found.value.gaps.flatMap(({ meter, ranges }) =>
    ranges.map(({ fromS, toS }) => `${meter}  ${iso(fromS)} to ${iso(toS)}  ${hours(toS - fromS)} h`),
  );
  const more = found.value.next === undefined ? [] : [`… and more: ask for a shorter time, or for named meters`];
  const sum = `${found.value.gaps.length} meters lack something (${kind}) from ${iso(span.fromS)} to ${iso(span.toS)}`;
  return { ok: true, json: { ...span, kind, ...found.value }, lines: [...lines, ...more, sum] };
}

async function completeness(ask: Asker, { settings, span, values }: Asked): Promise<Told> {
  const worst = Number(values.worst ?? 10);
  const days: ({ readonly day: string } & Coverage)[] = [];
  for (const { day, ...of } of localDays(settings.timeZone, span.fromS, span.toS)) {
    const within = { fromS: Math.max(of.fromS, span.fromS), toS: Math.min(of.toS, span.toS) };
    const found = await ask(completenessOf, within);
    if (!found.ok) throw new Error(found.say);
    days.push({ day, ...found.value.all });
  }
  const whole = await ask(completenessOf, { ...span, worst });
  if (!whole.ok) throw new Error(whole.say);
  const lines = days.map(
    ({ day, meters, whole: all, expectedS, measuredS, estimatedS }) =>
      `${day}  ${share(measuredS, expectedS)} measured, ${share(estimatedS, expectedS)} estimated; ${all} of ${meters} meters whole`,
  );
  const least = whole.value.worst.map(
    ({ meter, expectedS, measuredS }) => `${meter}  ${hours(expectedS - measuredS)} h not measured`,
  );
  return { ok: true, json: { days, all: whole.value.all, worst: whole.value.worst }, lines: [...lines, ...least] };
}

async function status(ask: Asker): Promise<Told> {
  const found = await ask(warehouseStatus, {});
  if (!found.ok) throw new Error(found.say);
  const { meters, days, firstDay, lastDay, files, bytes, rows, waiting, edits, replaced, years, keepDays, oldDays } =
    found.value;
  const held = days === 0 ? 'no intervals yet' : `${days} days (UTC), ${firstDay ?? ''} to ${lastDay ?? ''}`;
  const lines = [
    `${meters} meters; ${held}`,
    `${rows} intervals in ${files} files (${(bytes / 1e6).toFixed(1)} MB), ${waiting} landed and in no file yet`,
    `${edits} edits stand; ${replaced} intervals gave way to others; a year is known of ${years} customers who are not counted`,
    `${keepDays} days are kept; ${oldDays} are older`,
  ];
  return { ok: true, json: found.value, lines };
}

/** Nothing is done of a name that is written wrong. */
async function allKnown(ask: Asker, names: readonly string[]): Promise<void> {
  const known = await ask(knownMeters, { names });
  if (!known.ok) throw new Error(known.say);
  const stranger = names.find((name) => !known.value.includes(name));
  if (stranger !== undefined)
    throw new Error(`the warehouse knows no meter ${stranger}: is it written so in the network?`);
}

const tellDays = ({ done, total = 0, say = '' }: WarehouseProgress): void =>
  console.error(`${done} of ${total} ${say}`);

async function exportParquet(ask: Asker, { span, file, meters }: Asked): Promise<Told> {
  await allKnown(ask, meters);
  const asked = { ...span, folder: resolve(file), ...(meters.length === 0 ? {} : { meters }) };
  const done = await ask(exportDays, asked, { onProgress: tellDays });
  if (!done.ok) throw new Error(done.say);
  const { files, rows, bytes } = done.value;
  return {
    ok: true,
    json: done.value,
    lines: [`${file}: ${rows} intervals in ${files} files, ${(bytes / 1e6).toFixed(1)} MB`],
  };
}

async function loadParquet(ask: Asker, { settings, file, by, values }: Asked): Promise<Told> {
  const deed = { atMs: Date.now(), who: by, action: 'intervals-imported', say: `Loads Parquet of ${file}` } as const;
  const recorded = await recordDeed(settings.data, deed);
  if (!recorded.ok) throw new Error(`nothing is loaded: ${recorded.say}`);
  const asked = { path: resolve(file), newMeters: values['new-meters'] === true };
  const done = await ask(importDays, asked, { onProgress: tellDays });
  if (!done.ok) throw new Error(done.say);
  const { files, landed, same } = done.value;
  const line = `${file}: ${files} files, ${landed} intervals new or changed, ${same} known already`;
  return { ok: true, json: done.value, lines: [line] };
}

async function retention(ask: Asker, { settings, by, values }: Asked): Promise<Told> {
  const found = await ask(warehouseStatus, {});
  if (!found.ok) throw new Error(found.say);
  const { keepDays, oldDays, firstDay } = found.value;
  const what = `${oldDays} days are older than the ${keepDays} that are kept`;
  if (values.now !== true || oldDays === 0)
    return {
      ok: true,
      json: { keepDays, oldDays, firstDay, forgotten: [] },
      lines: [`${what}${oldDays === 0 ? '' : '; they go when files are written next, or now with --now'}`],
    };
  const deed = { atMs: Date.now(), who: by, action: 'intervals-forgotten', say: `Forgets intervals: ${what}` } as const;
  const recorded = await recordDeed(settings.data, deed);
  if (!recorded.ok) throw new Error(`nothing is forgotten: ${recorded.say}`);
  const forgotten = await ask(forgetDays, {});
  if (!forgotten.ok) throw new Error(forgotten.say);
  return {
    ok: true,
    json: { keepDays, oldDays, firstDay, forgotten: forgotten.value },
    lines: [`${forgotten.value.length} days are forgotten`],
  };
}

const mostFindings = 200;
const yearsAtOnce = 20_000;
const iso = (atS: number): string => new Date(atS * 1_000).toISOString();
const hours = (seconds: number): string => String(Math.round(seconds / 36) / 100);
const share = (part: number, all: number): string =>
  all === 0 ? 'nothing expected' : `${((100 * part) / all).toFixed(2)} %`;

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`${file} cannot be read (${error instanceof Error ? error.message : String(error)})`, {
      cause: error,
    });
  }
}

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
  'time-zone': text,
  'local-as-utc': flag,
  'new-meters': flag,
  'dry-run': flag,
  'accept-errors': flag,
} as const;
type Values = ReturnType<typeof parseArgs<{ options: typeof options; allowPositionals: true }>>['values'];

/** What only one of the commands takes. */
const own: Readonly<Record<Command, readonly string[]>> = {
  import: ['by', 'meter', 'time-zone', 'local-as-utc', 'new-meters', 'dry-run', 'accept-errors'],
  annual: ['by', 'since'],
  estimate: ['by', 'from', 'to', 'meter', 'again'],
  gaps: ['from', 'to', 'meter', 'kind'],
  completeness: ['from', 'to', 'worst'],
  status: [],
  export: ['from', 'to', 'meter'],
  load: ['by', 'new-meters'],
  retention: ['by', 'now'],
};

const namesOne = (command: Command): string =>
  command === 'export' || command === 'load' ? 'Name one folder' : 'Name one file';
const takesFile: readonly Command[] = ['import', 'annual', 'export', 'load'];

type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly say: readonly string[] };

function askedFor(command: Command, args: readonly string[]): Read<Asked> {
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

function faultOf(command: Command, { kind, worst, meter = [], 'time-zone': zone }: Values): string | undefined {
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

function wrong(say: readonly string[]): number {
  for (const each of [...say, 'Usage:', ...mdwUsage.map((line) => `  ${line}`)]) console.error(each);
  return 2;
}

import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { recordDeed } from './main-interval-deeds.ts';
import { mdwAsked, mdwCommands, mdwUsage } from './main-mdw-asked.ts';
import type { MdwAsked, MdwCommand, MdwTold } from './main-mdw-asked.ts';
import { profiles, tellProfileFile, tellYears, textOf } from './main-mdw-customers.ts';
import { edit, edits, intervals } from './main-mdw-edits.ts';
import { withWarehouse } from './main-warehouse-access.ts';
import { completenessOf, findGaps } from './mdw/completeness-requests.ts';
import type { Coverage, GapKind } from './mdw/completeness-requests.ts';
import { estimateIntervals } from './mdw/estimate-requests.ts';
import { importIntervals } from './mdw/files/import-intervals.ts';
import { knownMeters } from './mdw/import-requests.ts';
import { localDays } from './mdw/local-days.ts';
import { retentionTold, setRetention } from './mdw/retention-requests.ts';
import { exportDays, forgetDays, importDays, warehouseStatus } from './mdw/transfer-requests.ts';
import type { Asker, WarehouseProgress } from './mdw/warehouse-request.ts';
import { findingLine } from './network/model/finding.ts';

/** Returns the exit code: 1 where something could not be done, 2 where the command line is wrong. */
export async function mdwCommand([what, ...rest]: readonly string[]): Promise<number> {
  const command = mdwCommands.find((each) => each === what);
  if (command === undefined) return wrong([`mdw ${what ?? ''}: it is ${mdwCommands.join(', ')}`]);
  const asked = mdwAsked(command, rest);
  if (!asked.ok) return wrong(asked.say);
  const { settings, values } = asked.value;
  const told = await withWarehouse(
    settings,
    async (ask) => await carriedOut(command, ask, asked.value),
    (say) => console.error(say),
  );
  const { findings = [] } = told;
  for (const finding of findings.slice(0, mostFindings)) console.error(findingLine(finding));
  if (findings.length > mostFindings) console.error(`… ${findings.length - mostFindings} more`);
  if (values.json === true) console.log(JSON.stringify(told.json));
  else for (const line of told.lines) console.log(line);
  return told.ok ? 0 : 1;
}

async function carriedOut(command: MdwCommand, ask: Asker, asked: MdwAsked): Promise<MdwTold> {
  switch (command) {
    case 'import':
      return await importFile(ask, asked);
    case 'annual':
      return await tellYears(ask, asked);
    case 'profile':
      return await tellProfileFile(ask, asked);
    case 'profiles':
      return await profiles(ask, asked);
    case 'intervals':
      return await intervals(ask, asked);
    case 'edit':
      return await edit(ask, asked);
    case 'edits':
      return await edits(ask, asked);
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

async function importFile(ask: Asker, { settings, file, meters, by, values }: MdwAsked): Promise<MdwTold> {
  const [meter] = meters;
  const done = await importIntervals(ask, {
    file,
    content: textOf(file),
    reading: {
      timeZone: values['time-zone'] ?? settings.timeZone,
      ...(meter === undefined ? {} : { meter }),
      isLocalAsUtc: values['local-as-utc'] === true,
    },
    newMeters: values['new-meters'] === true,
    dryRun: values['dry-run'] === true,
    acceptErrors: values['accept-errors'] === true,
    replaceMeasured: values['replace-measured'] === true,
    // A file of a clock that is ahead does not stand above what comes after it.
    readAtMs: Math.min(statSync(file).mtimeMs, Date.now()),
    nowMs: Date.now(),
    progress: ({ state, done, total }) =>
      console.error(state === 'landing' ? `${file}: ${done} of ${total} intervals` : `${file}: ${state} …`),
    record: async (say) =>
      await recordDeed(settings.data, { atMs: Date.now(), who: by, action: 'intervals-imported', say }),
  });
  const { ok, findings, say } = done;
  return { ok, findings, json: { ...done, findings: findings.slice(0, mostFindings) }, lines: [say] };
}

async function estimate(ask: Asker, { settings, span, meters, by, values }: MdwAsked): Promise<MdwTold> {
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

async function gaps(ask: Asker, { span, meters, values }: MdwAsked): Promise<MdwTold> {
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

async function completeness(ask: Asker, { settings, span, values }: MdwAsked): Promise<MdwTold> {
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

async function status(ask: Asker): Promise<MdwTold> {
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

async function exportParquet(ask: Asker, { span, file, meters }: MdwAsked): Promise<MdwTold> {
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

async function loadParquet(ask: Asker, { settings, file, by, values }: MdwAsked): Promise<MdwTold> {
  const deed = { atMs: Date.now(), who: by, action: 'intervals-imported', say: `Loads Parquet of ${file}` } as const;
  const recorded = await recordDeed(settings.data, deed);
  if (!recorded.ok) throw new Error(`nothing is loaded: ${recorded.say}`);
  const asked = {
    path: resolve(file),
    newMeters: values['new-meters'] === true,
    replaceMeasured: values['replace-measured'] === true,
  };
  const done = await ask(importDays, asked, { onProgress: tellDays });
  if (!done.ok) throw new Error(done.say);
  const { files, landed, same } = done.value;
  const line = `${file}: ${files} files, ${landed} intervals new or changed, ${same} known already`;
  return { ok: true, json: done.value, lines: [line] };
}

async function retention(ask: Asker, asked: MdwAsked): Promise<MdwTold> {
  if (asked.values.keep !== undefined) return await keepFor(ask, asked, Number(asked.values.keep));
  const { settings, by, values } = asked;
  const found = await ask(retentionTold, {});
  if (!found.ok) throw new Error(found.say);
  const { keepDays, configuredDays, set, old } = found.value;
  const whose = set === undefined ? 'by the settings' : `as ${set.who} set it; the settings say ${configuredDays}`;
  const what = `${old.days} days are older than the ${keepDays} that are kept (${whose})`;
  if (values.now !== true || old.days === 0)
    return {
      ok: true,
      json: { ...found.value, forgotten: [] },
      lines: [`${what}${old.days === 0 ? '' : '; they go when files are written next, or now with --now'}`],
    };
  const deed = { atMs: Date.now(), who: by, action: 'intervals-forgotten', say: `Forgets intervals: ${what}` } as const;
  const recorded = await recordDeed(settings.data, deed);
  if (!recorded.ok) throw new Error(`nothing is forgotten: ${recorded.say}`);
  const forgotten = await ask(forgetDays, {});
  if (!forgotten.ok) throw new Error(forgotten.say);
  return {
    ok: true,
    json: { ...found.value, forgotten: forgotten.value },
    lines: [`${forgotten.value.length} days are forgotten`],
  };
}

async function keepFor(ask: Asker, { settings, by, values }: MdwAsked, keepDays: number): Promise<MdwTold> {
  const found = await ask(retentionTold, { keepDays });
  if (!found.ok) throw new Error(found.say);
  const { old, keepDays: before } = found.value;
  const lost = Number(values.forget ?? 0);
  const span = old.days === 0 ? '' : ` (${old.firstDay ?? ''} to ${old.lastDay ?? ''})`;
  if (old.days !== lost)
    throw new Error(
      `nothing is changed: with ${keepDays} days kept, ${old.days} days${span} would be forgotten, which nobody can bring back: confirm by --forget ${old.days}`,
    );
  const say = `Keeps intervals for ${keepDays} days, not ${before}; forgets ${old.days} days${span}`;
  const deed = { atMs: Date.now(), who: by, action: 'retention-set', why: values.cause ?? '', say } as const;
  const recorded = await recordDeed(settings.data, deed);
  if (!recorded.ok) throw new Error(`nothing is changed: ${recorded.say}`);
  const done = await ask(setRetention, { keepDays, forgetDays: lost, who: by, atMs: Date.now() });
  if (!done.ok) throw new Error(done.say);
  const line = `${keepDays} days are kept from now on; ${done.value.forgotten.length} days are forgotten`;
  return { ok: true, json: done.value, lines: [line] };
}

const mostFindings = 200;
const iso = (atS: number): string => new Date(atS * 1_000).toISOString();
const hours = (seconds: number): string => String(Math.round(seconds / 36) / 100);
const share = (part: number, all: number): string =>
  all === 0 ? 'nothing expected' : `${((100 * part) / all).toFixed(2)} %`;

function wrong(say: readonly string[]): number {
  for (const each of [...say, 'Usage:', ...mdwUsage.map((line) => `  ${line}`)]) console.error(each);
  return 2;
}

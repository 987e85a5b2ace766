import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readSettings } from './main-settings.ts';
import type { Settings } from './main-settings.ts';
import { withWarehouse } from './main-warehouse-access.ts';
import { instantOf } from './mdw/local-instant.ts';
import type { Asker, WarehouseRequest } from './mdw/warehouse-request.ts';
import { readAmbient } from './tlm/ageing/ambient-table.ts';
import { runTransformerAgeing, tellAmbient } from './tlm/ageing/ageing-results.ts';
import { loadClues } from './tlm/clues/clue-results.ts';
import { runLoadEngine } from './tlm/requests.ts';
import { hoursCsv } from './tlm/results/hours-csv.ts';
import { elementHours, loadElements, loadStatus } from './tlm/results/load-results.ts';
import type { LoadElement, LoadPeak } from './tlm/results/load-results.ts';
import { elementKinds } from './tlm/topology/load-topology.ts';
import type { ElementKind } from './tlm/topology/load-topology.ts';
import { keepLoadDays } from './tlm/load-engine.ts';

const where = '[--json] [--config FILE] [--data DIR]';
export const tlmUsage = [
  'tlm status                                           how new the loads are',
  'tlm run                                              computes now what changed; a head-end that runs does so by itself',
  'tlm peaks KIND [--circuit ID] [--search TEXT] [--limit N]   the fullest first: yesterday, five days, the year',
  'tlm element KIND ID [--from TIME] [--to TIME]        the hours of one, with who was measured',
  'tlm clues CIRCUIT [--from TIME] [--to TIME]          who may be drawn wrong, and where energy goes that nobody counts',
  'tlm export KIND ID FILE.csv [--from TIME] [--to TIME]   its hours as a table',
  'tlm ambient FILE.csv                                 outdoor temperatures by hour (time,ambient_c), for the ageing of transformers',
  `                                          each with ${where}; KIND is ${elementKinds.join(', ')}; TIME is 2026-03-31, 2026-03-31T06:30 or`,
  '                                          with its offset; unless told, the 28 days until now',
] as const;

const commands = {
  status: { names: [], takes: [], work: status },
  run: { names: [], takes: [], work: run },
  peaks: { names: ['KIND'], takes: ['circuit', 'search', 'limit'], work: peaks },
  element: { names: ['KIND', 'ID'], takes: ['from', 'to'], work: element },
  clues: { names: ['CIRCUIT'], takes: ['from', 'to'], work: clues },
  export: { names: ['KIND', 'ID', 'FILE.csv'], takes: ['from', 'to'], work: exportHours },
  ambient: { names: ['FILE.csv'], takes: [], work: ambient },
} as const;
type Command = keyof typeof commands;

type Told = { readonly json: unknown; readonly lines: readonly string[] };
type Asked = {
  readonly settings: Settings;
  readonly named: readonly string[];
  readonly values: Values;
  readonly fromS: number;
  readonly toS: number;
};

/** Returns the exit code: 1 where something could not be done, 2 where the command line is wrong. */
export async function tlmCommand([what = '', ...rest]: readonly string[]): Promise<number> {
  if (!Object.hasOwn(commands, what)) return wrong([`tlm ${what}: it is ${Object.keys(commands).join(', ')}`]);
  const command = what as Command;
  const asked = askedFor(command, rest);
  if (!asked.ok) return wrong(asked.say);
  const { settings, values } = asked.value;
  const told = await withWarehouse(
    settings,
    async (ask) => await commands[command].work(ask, asked.value),
    (say) => console.error(say),
  );
  if (values.json === true) console.log(JSON.stringify(told.json));
  else for (const line of told.lines) console.log(line);
  return 0;
}

async function answered<Ask, Answer>(ask: Asker, request: WarehouseRequest<Ask, Answer>, what: Ask): Promise<Answer> {
  const found = await ask(request, what, {
    onProgress: ({ done, total = 0, say = '' }) => console.error(`${done} of ${total} days ${say}`),
  });
  if (!found.ok) throw new Error(found.say);
  return found.value;
}

async function status(ask: Asker): Promise<Told> {
  const told = await answered(ask, loadStatus, {});
  const { knownUntilS, runS, elements, assumedPowerFactor } = told;
  if (knownUntilS === undefined)
    return {
      json: told,
      lines: ['Nothing is known of loads yet: import a network, and have meters read', ...computedAt(runS)],
    };
  const known = `Loads of ${elements} elements are known until ${iso(knownUntilS)}, ${Math.floor((Date.now() / 1_000 - knownUntilS) / 3_600)} h ago`;
  const assumed = Object.entries(assumedPowerFactor).map(([kind, factor]) => `${kind} ${factor}`);
  const factors = `Power factor of those whose meters count no reactive energy: ${assumed.join(', ')}`;
  return { json: told, lines: [known, ...computedAt(runS), factors] };
}

const computedAt = (runS: number | undefined): string[] =>
  runS === undefined ? [] : [`Computed last at ${iso(runS)}`];

async function run(ask: Asker, { settings }: Asked): Promise<Told> {
  const loads = await answered(ask, runLoadEngine, { keepDays: keepLoadDays });
  const ageing = await answered(ask, runTransformerAgeing, { ambientC: settings.loads.ambientC });
  const line = `${loads.hours} hours of ${loads.days.length} days computed, ${loads.rows} elements; ${ageing.transformers} transformers aged`;
  return { json: { loads, ageing }, lines: [line] };
}

async function peaks(ask: Asker, { named, values }: Asked): Promise<Told> {
  const limit = Number(values.limit ?? 20);
  const { circuit, search } = values;
  const found = await answered(ask, loadElements, {
    kind: named[0] as ElementKind,
    sort: 'utilisation',
    limit,
    ...(circuit === undefined ? {} : { circuit }),
    ...(search === undefined ? {} : { search }),
  });
  const lines = found.elements.map((each) => peakLine(each));
  return { json: found, lines: [...lines, `${found.elements.length} of ${found.total}`] };
}

function peakLine({ id, title, utilisation, peaks: told }: LoadElement): string {
  const full = utilisation === undefined ? '' : `  ${Math.round(100 * utilisation)} % of its rating`;
  const kva = told?.yesterdayVa === undefined ? '' : ` (${(told.yesterdayVa.value / 1_000).toFixed(1)} kVA)`;
  const kw = (name: string, peak: LoadPeak | undefined): string =>
    peak === undefined ? '' : `  ${name} ${(peak.value / 1_000).toFixed(1)} kW at ${iso(peak.atS)}`;
  return `${id}  ${title}${full}${kva}${kw('yesterday', told?.yesterdayW)}${kw('five days', told?.fiveDayW)}${kw('year', told?.yearW)}`;
}

async function element(ask: Asker, { named, fromS, toS }: Asked): Promise<Told> {
  const told = await hoursOf(ask, named, { fromS, toS });
  return { json: told, lines: hoursCsv(told).trimEnd().split('\n') };
}

async function exportHours(ask: Asker, { named, fromS, toS }: Asked): Promise<Told> {
  const told = await hoursOf(ask, named, { fromS, toS });
  const file = named[2] ?? '';
  writeFileSync(file, hoursCsv(told));
  const line = `${file}: ${told.hourS.length} hours from ${iso(fromS)} to ${iso(toS)}`;
  return { json: { file, hours: told.hourS.length }, lines: [line] };
}

async function hoursOf(ask: Asker, [kind = '', id = '']: readonly string[], range: { fromS: number; toS: number }) {
  const told = await answered(ask, elementHours, { kind: kind as ElementKind, id, ...range });
  if (told === undefined)
    throw new Error(`the load engine knows no ${kind} ${id}: tlm peaks ${kind} --search TEXT finds one`);
  return told;
}

async function clues(ask: Asker, { settings, named, fromS, toS }: Asked): Promise<Told> {
  const [circuit = ''] = named;
  const { headMeters: heads } = settings.loads;
  const told = await answered(ask, loadClues, { circuit, fromS: fromS - (fromS % 3_600), toS, heads });
  if (told === undefined) throw new Error(`the load engine knows no circuit ${circuit}: tlm peaks circuit lists them`);
  const looked = `${told.customersWithVoltage} of ${told.customers} customers have a voltage to compare; ${told.heads} meters at transformers or circuits (loads.headMeters)`;
  return { json: told, lines: [...told.clues.map(({ say }) => say), `${told.clues.length} clues. ${looked}`] };
}

async function ambient(ask: Asker, { settings, named }: Asked): Promise<Told> {
  const [file = ''] = named;
  const read = readAmbient(file, readFileSync(file, 'utf8'), settings.timeZone);
  if (!read.ok) throw new Error(read.say);
  const hours = await answered(ask, tellAmbient, read.value);
  return { json: { hours }, lines: [`${file}: ${hours} hours kept; the next run ages transformers by them: tlm run`] };
}

const iso = (atS: number): string => new Date(atS * 1_000).toISOString().slice(0, 16).concat('Z');

const text = { type: 'string' } as const;
const options = {
  config: text,
  data: text,
  json: { type: 'boolean' },
  from: text,
  to: text,
  circuit: text,
  search: text,
  limit: text,
} as const;
type Values = ReturnType<typeof parseArgs<{ options: typeof options; allowPositionals: true }>>['values'];

type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly say: readonly string[] };
const no = (say: string): { readonly ok: false; readonly say: readonly string[] } => ({ ok: false, say: [say] });

function askedFor(command: Command, args: readonly string[]): Read<Asked> {
  const { names, takes } = commands[command];
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const allowed: readonly string[] = ['config', 'data', 'json', ...takes];
    const strange = Object.keys(values).find((each) => !allowed.includes(each));
    if (strange !== undefined) return no(`tlm ${command} takes no --${strange}`);
    if (positionals.length !== names.length)
      return no(`tlm ${command} names ${names.length === 0 ? 'nothing' : names.join(', ')}`);
    if ((names as readonly string[]).includes('KIND') && !elementKinds.some((each) => each === positionals[0]))
      return no(`${positionals[0] ?? ''} is no kind: it is ${elementKinds.join(', ')}`);
    if (values.limit !== undefined && !/^[1-9]\d{0,3}$/.test(values.limit))
      return no(`--limit ${values.limit}: it is 1 to 9999`);
    const { config, data } = values;
    const settings = readSettings(
      Object.entries({ config, data }).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value])),
    );
    if (!settings.ok) return settings;
    const span = spanOf(settings.value.timeZone, values, Math.floor(Date.now() / 1_000));
    return span.ok
      ? { ok: true, value: { settings: settings.value, named: positionals, values, ...span.value } }
      : span;
  } catch (error) {
    return no(error instanceof Error ? error.message : String(error));
  }
}

function spanOf(timeZone: string, { from, to }: Values, nowS: number): Read<{ fromS: number; toS: number }> {
  const end = to === undefined ? nowS : instantOf(timeZone, to);
  if (typeof end !== 'number' && !end.ok) return no(`--to: ${end.say}`);
  const toS = typeof end === 'number' ? end : end.value;
  const begin = from === undefined ? toS - 28 * 86_400 : instantOf(timeZone, from);
  if (typeof begin !== 'number' && !begin.ok) return no(`--from: ${begin.say}`);
  const fromS = typeof begin === 'number' ? begin : begin.value;
  return toS > fromS ? { ok: true, value: { fromS, toS } } : no('--to is not after --from');
}

function wrong(say: readonly string[]): number {
  for (const each of [...say, 'Usage:', ...tlmUsage.map((line) => `  ${line}`)]) console.error(each);
  return 2;
}

import { intervalLengthsS } from '@tiepoint/protocol';
import { recordDeed } from './main-interval-deeds.ts';
import type { IntervalDeed } from './main-interval-deeds.ts';
import type { MdwAsked, MdwTold } from './main-mdw-asked.ts';
import { editIntervals, editSlip, listEdits, takeBackEdit } from './mdw/edit-requests.ts';
import type { Edit, IntervalChange } from './mdw/edit-requests.ts';
import { meterIntervals } from './mdw/requests.ts';
import type { MeterInterval } from './mdw/requests.ts';
import { marksOf } from './mdw/vee-rules.ts';
import type { Asker } from './mdw/warehouse-request.ts';

export async function intervals(ask: Asker, { span, meters: [meter = ''] }: MdwAsked): Promise<MdwTold> {
  const found = await standing(ask, { meter, ...span });
  return { ok: true, json: { meter, ...span, intervals: found.map(viewOf) }, lines: found.map(lineOf) };
}

/** One interval, from a beginning to an end; above everything that is counted, until it is taken back. */
export async function edit(
  ask: Asker,
  { settings, span, meters: [meter = ''], by, values }: MdwAsked,
): Promise<MdwTold> {
  const lengthS = span.toS - span.fromS;
  if (!intervalLengthsS.some((each) => each === lengthS))
    throw new Error(
      `from --from to --to are ${lengthS / 60} minutes: an interval has ${intervalLengthsS.map((each) => each / 60).join(', ')}`,
    );
  await standing(ask, { meter, ...span });
  const nowMs = Date.now();
  const change: IntervalChange = {
    startS: span.fromS,
    lengthS,
    ...energy('importWh', values['import-kwh']),
    ...energy('exportWh', values['export-kwh']),
  };
  const slip = editSlip([change], nowMs);
  if (slip !== undefined) throw new Error(slip);
  const reason = (values.cause ?? '').trim();
  const say = `Changes the interval of meter ${meter} at ${iso(span.fromS)}`;
  await record(settings.data, { action: 'intervals-edited', subject: `meter:${meter}`, why: reason, who: by, say });
  const made = await ask(editIntervals, { meter, changes: [change], who: by, reason, atMs: nowMs });
  if (!made.ok) throw new Error(made.say);
  const { edit: number, before, after } = made.value;
  return {
    ok: true,
    json: { edit: number, before: before.map(viewOf), after: after.map(viewOf) },
    lines: [
      ...before.map((each) => `before  ${lineOf(each)}`),
      ...after.map((each) => `now     ${lineOf(each)}`),
      `edit ${number}`,
    ],
  };
}

/** What people changed, the newest first; with `--take-back` one of it less. */
export async function edits(ask: Asker, { settings, meters: [meter], by, values }: MdwAsked): Promise<MdwTold> {
  const { 'take-back': number, cause = '' } = values;
  if (number !== undefined) {
    const known = await listed(ask, { edit: Number(number) });
    const [found] = known;
    if (found === undefined) throw new Error(`there is no edit ${number}`);
    const reason = cause.trim();
    const say = `Takes back edit ${number} of meter ${found.meter}`;
    const deed = {
      action: 'interval-edit-taken-back',
      subject: `meter:${found.meter}`,
      why: reason,
      who: by,
      say,
    } as const;
    await record(settings.data, deed);
    const taken = await ask(takeBackEdit, { edit: Number(number), who: by, reason, atMs: Date.now() });
    if (!taken.ok) throw new Error(taken.say);
  }
  const all = await listed(ask, meter === undefined ? {} : { meter });
  return { ok: true, json: { edits: all }, lines: all.map(editLine) };
}

async function standing(
  ask: Asker,
  asked: { readonly meter: string; readonly fromS: number; readonly toS: number },
): Promise<readonly MeterInterval[]> {
  const found = await ask(meterIntervals, asked);
  if (!found.ok) throw new Error(found.say);
  if (found.value === undefined) throw new Error(`the warehouse knows no meter ${asked.meter}: is it written so?`);
  return found.value;
}

async function listed(
  ask: Asker,
  asked: { readonly meter?: string; readonly edit?: number },
): Promise<readonly Edit[]> {
  const found = await ask(listEdits, asked);
  if (!found.ok) throw new Error(found.say);
  return found.value;
}

async function record(data: string, deed: Omit<IntervalDeed, 'atMs'>): Promise<void> {
  const recorded = await recordDeed(data, { ...deed, atMs: Date.now() });
  if (!recorded.ok) throw new Error(`nothing is changed: ${recorded.say}`);
}

function energy<Name extends string>(name: Name, kwh: string | undefined): Partial<Record<Name, number | null>> {
  if (kwh === undefined) return {};
  const value = kwh === 'unknown' ? null : Math.round(Number(kwh) * 1_000);
  return { [name]: value } as Partial<Record<Name, number | null>>;
}

const viewOf = ({ flags, ...interval }: MeterInterval) => ({ ...interval, ...marksOf(flags) });
const iso = (atS: number): string => new Date(atS * 1_000).toISOString();
const kwh = (wh: number | undefined): string => (wh === undefined ? 'unknown' : `${wh / 1_000} kWh`);

function lineOf(interval: MeterInterval): string {
  const { startS, lengthS, importWh, exportWh, source, flags, faults, method } = viewOf(interval);
  const marks = [source, ...(method === undefined ? [] : [method]), ...flags, ...faults].join(', ');
  return `${iso(startS)}  ${lengthS / 60} min  ${kwh(importWh)} taken, ${kwh(exportWh)} fed back  ${marks}`;
}

function editLine({ edit: number, meter, atMs, who, reason, fromS, intervals: count, takenBack }: Edit): string {
  const back = takenBack === undefined ? '' : `; taken back by ${takenBack.who}: ${takenBack.reason}`;
  return `${number}  ${new Date(atMs).toISOString()}  ${meter}, ${count} from ${iso(fromS)}, by ${who}: ${reason}${back}`;
}

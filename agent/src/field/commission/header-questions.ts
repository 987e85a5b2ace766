import { done, no } from '@tiepoint/protocol';
import type { Result } from '@tiepoint/protocol';
import type { Site } from '@tiepoint/protocol/field';
import type { Terminal } from '../terminal.ts';
import type { Answers } from './answers-file.ts';
import type { Instrument, Progress } from './progress-file.ts';

type Header = Pick<Progress, 'technician' | 'instrument' | 'siteTitle' | 'siteId'>;

/** Who, with what, and where: of the head-end and of an earlier sitting where they tell, else asked. `undefined`: interrupted. */
export async function askHeader(
  progress: Progress,
  { answers, site, terminal }: { answers: Answers | undefined; site: Site | undefined; terminal: Terminal },
): Promise<Header | undefined> {
  const place = {
    siteTitle: site?.title ?? answers?.site ?? progress.siteTitle,
    siteId: site?.id ?? progress.siteId,
  };
  const known = {
    technician: answers?.technician ?? progress.technician,
    instrument: answers?.instrument ?? progress.instrument,
  };
  if (answers !== undefined) return defined({ ...place, ...known });
  const siteTitle = place.siteTitle ?? (await asked(terminal, 'What is this site called?'));
  if (siteTitle === undefined) return undefined;
  const technician = known.technician ?? (await askTechnician(terminal));
  if (technician === undefined) return undefined;
  const instrument = known.instrument ?? (await askInstrument(terminal));
  if (instrument === undefined) return undefined;
  return defined({ ...place, siteTitle, technician, ...(instrument === 'none' ? {} : { instrument }) });
}

async function asked(terminal: Terminal, question: string): Promise<string | undefined> {
  for (;;) {
    const text = await terminal.ask(question);
    if (text !== '') return text?.slice(0, 120);
    terminal.complain('This stands in the report: it cannot be left empty.');
  }
}

async function askTechnician(terminal: Terminal): Promise<Progress['technician']> {
  const name = await asked(terminal, 'Your name, as it stands in the report?');
  if (name === undefined) return undefined;
  const organisation = await terminal.ask('Your organisation (Enter: none)?');
  if (organisation === undefined) return undefined;
  return organisation === '' ? { name } : { name, organisation: organisation.slice(0, 120) };
}

async function askInstrument(terminal: Terminal): Promise<Instrument | 'none' | undefined> {
  const name = await terminal.ask('Your instrument, make and model (Enter: none at hand)?');
  if (name === undefined) return undefined;
  if (name === '') return 'none';
  const serialNumber = await terminal.ask('Its serial number (Enter: none)?');
  if (serialNumber === undefined) return undefined;
  const calibratedOn = await askUntil(terminal, 'Calibrated on (as 2026-05-31; Enter: not known)?', dayOf);
  if (calibratedOn === undefined) return undefined;
  const accuracyPct = await askUntil(terminal, 'Its accuracy in percent of the reading (Enter: 1)?', accuracyOf);
  if (accuracyPct === undefined) return undefined;
  return {
    name: name.slice(0, 120),
    accuracyPct,
    ...(serialNumber === '' ? {} : { serialNumber: serialNumber.slice(0, 120) }),
    ...(calibratedOn === '' ? {} : { calibratedOn }),
  };
}

/** Asks again until it is understood: what stands in a report is what was typed. `undefined`: interrupted. */
async function askUntil<T>(
  terminal: Terminal,
  question: string,
  read: (text: string) => Result<T>,
): Promise<T | undefined> {
  for (;;) {
    const text = await terminal.ask(question);
    if (text === undefined) return undefined;
    const understood = read(text);
    if (understood.ok) return understood.value;
    terminal.complain(understood.say);
  }
}

function dayOf(text: string): Result<string> {
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text) && new Date(text).toJSON()?.startsWith(text) === true;
  return isDay || text === '' ? done(text) : no('invalid', `${text} is no day such as 2026-05-31.`);
}

function accuracyOf(text: string): Result<number> {
  const accuracyPct = text === '' ? 1 : Number(text.replace(',', '.'));
  return accuracyPct >= 0 && accuracyPct <= 20 ? done(accuracyPct) : no('invalid', `${text}: a number from 0 to 20.`);
}

const defined = (values: object): Header =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

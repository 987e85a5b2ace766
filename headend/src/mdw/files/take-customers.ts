import type { Finding } from '../../network/model/finding.ts';
import { tellCustomerYears } from '../customer-year-request.ts';
import { knownMeters } from '../import-requests.ts';
import { listProfiles, tellProfiles } from '../profile-requests.ts';
import type { Asker } from '../warehouse-request.ts';
import type { CustomerYearLine } from './customer-years.ts';
import { readCustomerYears } from './customer-years.ts';
import type { IntervalImport } from './import-intervals.ts';
import { readProfiles } from './profile-table.ts';

/** A file about customers whose intervals nobody counts. `record` as of an import of intervals: before anything is changed. */
export type CustomerFile = Pick<IntervalImport, 'file' | 'dryRun' | 'record'> & { readonly text: string };
export type CustomerFileTaken = {
  readonly ok: boolean;
  readonly say: string;
  readonly findings: readonly Finding[];
  readonly kept: number;
};

const yearsAtOnce = 20_000;

/** What customers take a year: all of the file or nothing. */
export async function takeCustomerYears(
  ask: Asker,
  { file, text, dryRun, record, sinceS, newMeters }: CustomerFile & { sinceS: number | undefined; newMeters: boolean },
): Promise<CustomerFileTaken> {
  const known = await ask(listProfiles, {});
  if (!known.ok) return failed(file, known.say, []);
  const read = readCustomerYears(
    file,
    text,
    known.value.map(({ name }) => name),
  );
  const strangers = newMeters ? [] : await strangersAmong(ask, file, read.years);
  const findings = [...read.findings, ...strangers].toSorted(
    (one, other) => (one.place?.line ?? 0) - (other.place?.line ?? 0),
  );
  const what = `annual energy of ${read.years.length} customers`;
  const stop = await mayBeTaken({ file, dryRun, record }, findings, read.years.length, what);
  if (stop !== undefined) return stop;
  let kept = 0;
  for (let from = 0; from < read.years.length; from += yearsAtOnce) {
    const years = read.years.slice(from, from + yearsAtOnce).map(({ line: _line, ...year }) => year);
    const done = await ask(tellCustomerYears, { years, ...(sinceS === undefined ? {} : { sinceS }) });
    if (!done.ok)
      return failed(file, `${kept} of ${read.years.length} are kept: ${done.say}. Tell them again`, findings);
    kept += done.value;
  }
  return { ok: true, findings, kept, say: `${file}: ${what} kept; the next estimate fills in what nobody counts` };
}

/** Load profiles: all of the file or nothing. */
export async function takeProfiles(
  ask: Asker,
  { file, text, dryRun, record }: CustomerFile,
): Promise<CustomerFileTaken> {
  const { profiles, findings } = readProfiles(file, text);
  const what = `load profiles ${profiles.map(({ name }) => name).join(', ')}`;
  const stop = await mayBeTaken({ file, dryRun, record }, findings, profiles.length, what);
  if (stop !== undefined) return stop;
  const done = await ask(tellProfiles, { profiles });
  if (!done.ok) return failed(file, `nothing is kept: ${done.say}`, findings);
  return {
    ok: true,
    findings,
    kept: done.value,
    say: `${file}: ${what} kept; what is estimated from now on follows them, what was estimated already when it is estimated again`,
  };
}

/** Why it ends here, if it does; else it is in the audit. */
async function mayBeTaken(
  { file, dryRun, record }: Pick<CustomerFile, 'file' | 'dryRun' | 'record'>,
  findings: readonly Finding[],
  count: number,
  what: string,
): Promise<CustomerFileTaken | undefined> {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  if (errors > 0)
    return failed(file, `${errors} ${errors === 1 ? 'error' : 'errors'}; nothing is kept. Mend them`, findings);
  if (count === 0) return failed(file, 'names nobody; nothing is kept', findings);
  if (dryRun) return { ok: true, findings, kept: 0, say: `${file}: ${what} could be kept; nothing is changed` };
  const recorded = await record(`${file}: ${what}`);
  return recorded.ok ? undefined : failed(file, `nothing is kept: ${recorded.say}`, findings);
}

const failed = (file: string, say: string, findings: readonly Finding[]): CustomerFileTaken => ({
  ok: false,
  say: `${file}: ${say}`,
  findings,
  kept: 0,
});

/** A name that is written wrong must not become a customer. */
async function strangersAmong(ask: Asker, file: string, years: readonly CustomerYearLine[]): Promise<Finding[]> {
  const known = await ask(knownMeters, { names: years.map(({ meter }) => meter) });
  if (!known.ok) throw new Error(known.say);
  const among = new Set(known.value);
  return years.flatMap(({ meter, line }): Finding[] => {
    if (among.has(meter)) return [];
    const say = `the warehouse knows no meter ${meter}: enter it in the network, or say that new meters are made`;
    return [{ severity: 'error', code: 'intervals', say, elements: [meter], place: { file, line } }];
  });
}

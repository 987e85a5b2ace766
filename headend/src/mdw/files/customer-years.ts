import { nearestName } from '../../network/model/nearest-name.ts';
import { tableLines } from '../../network/tables/table-lines.ts';
import type { Finding } from '../../network/model/finding.ts';
import type { CustomerYear } from '../customer-year-request.ts';
import { findingsOf } from './interval-file.ts';

const columns = {
  meter: { names: ['meter_number', 'meter_id', 'service_point', 'usage_point'], required: true as const },
  annual_kwh: { names: ['kwh', 'year_kwh', 'kwh_per_year'], required: true as const },
  profile: { names: ['load_profile', 'class', 'kind', 'customer_kind', 'customer_class', 'rate_class'] },
};

/** A customer of a file, and in which line. */
export type CustomerYearLine = CustomerYear & { readonly line: number };

/** CSV of what customers take a year, of whom no interval is counted. `profiles`: the names of those that there are. */
export function readCustomerYears(
  file: string,
  text: string,
  profiles: readonly string[],
): { readonly years: readonly CustomerYearLine[]; readonly findings: readonly Finding[] } {
  const { lines, findings: faults } = tableLines(file, text, columns);
  const { tell, findings } = findingsOf(file);
  const seen = new Map<string, number>();
  const years = lines.flatMap(({ line, cells }): CustomerYearLine[] => {
    const { meter = '', annual_kwh: kwh = '', profile: written } = cells;
    const before = seen.get(meter);
    seen.set(meter, before ?? line);
    const profile = written === undefined ? undefined : profileNamed(written, profiles);
    const yearWh = /^\d+(\.\d+)?$/.test(kwh) ? Number(kwh) * 1_000 : undefined;
    if (before !== undefined) tell(line, `meter ${meter} is in line ${before} already`);
    else if (yearWh === undefined)
      tell(line, `annual_kwh '${kwh}' is no energy: write kWh with a decimal point, and no thousands`);
    else if (written !== undefined && profile === undefined) tell(line, strangeProfile(written, profiles));
    else return [{ meter, line, yearWh, ...(profile === undefined ? {} : { profile }) }];
    return [];
  });
  return { years, findings: [...faults, ...findings] };
}

/** By its name, whatever the capitals, or by how only one of them begins: lists of customers write R for residential. */
function profileNamed(written: string, profiles: readonly string[]): string | undefined {
  const asked = written.toLowerCase();
  const same = profiles.find((each) => each.toLowerCase() === asked);
  if (same !== undefined) return same;
  const begun = profiles.filter((each) => each.toLowerCase().startsWith(asked));
  return begun.length === 1 ? begun[0] : undefined;
}

function strangeProfile(written: string, profiles: readonly string[]): string {
  const near = nearestName(written.toLowerCase(), profiles);
  const hint = near === undefined ? '' : `; is ${near} meant?`;
  return `there is no profile '${written}'${hint} (these are: ${profiles.join(', ')})`;
}

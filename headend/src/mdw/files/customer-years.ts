import { tableLines } from '../../network/tables/table-lines.ts';
import type { Finding } from '../../network/model/finding.ts';
import type { CustomerYear } from '../customer-year-request.ts';
import { findingsOf } from './interval-file.ts';

const columns = {
  meter: { names: ['meter_number', 'meter_id', 'service_point', 'usage_point'], required: true as const },
  annual_kwh: { names: ['kwh', 'year_kwh', 'kwh_per_year'], required: true as const },
  class: { names: ['kind', 'customer_kind', 'customer_class', 'rate_class'] },
};
const classes = ['residential', 'commercial', 'industrial', 'agricultural', 'public'] as const;

/** CSV of what customers take a year, of whom no interval is counted. */
export function readCustomerYears(
  file: string,
  text: string,
): { readonly years: readonly CustomerYear[]; readonly findings: readonly Finding[] } {
  const { lines, findings: faults } = tableLines(file, text, columns);
  const { tell, findings } = findingsOf(file);
  const seen = new Map<string, number>();
  const years = lines.flatMap(({ line, cells }): CustomerYear[] => {
    const { meter = '', annual_kwh: kwh = '', class: written } = cells;
    const before = seen.get(meter);
    seen.set(meter, before ?? line);
    const customerClass = classes.find((each) => written !== undefined && each.startsWith(written.toLowerCase()));
    const yearWh = /^\d+(\.\d+)?$/.test(kwh) ? Number(kwh) * 1_000 : undefined;
    if (before !== undefined) tell(line, `meter ${meter} is in line ${before} already`);
    else if (yearWh === undefined)
      tell(line, `annual_kwh '${kwh}' is no energy: write kWh with a decimal point, and no thousands`);
    else if (written !== undefined && customerClass === undefined)
      tell(line, `class '${written}' is none of ${classes.join(', ')}`);
    else return [{ meter, yearWh, ...(customerClass === undefined ? {} : { customerClass }) }];
    return [];
  });
  return { years, findings: [...faults, ...findings] };
}

import { tableLines } from '../../network/tables/table-lines.ts';
import type { Finding } from '../../network/model/finding.ts';
import { dayTypes } from '../local-days.ts';
import type { ProfileShape } from '../profile-requests.ts';
import { findingsOf } from './interval-file.ts';

const columns = {
  profile: { names: ['load_profile', 'name', 'class', 'customer_class'], required: true as const },
  hour: { names: ['local_hour', 'hour_of_day'], required: true as const },
  weekday: { names: ['workday', 'monday_to_friday'], required: true as const },
  saturday: { names: ['sat'], required: true as const },
  sunday: { names: ['sun', 'sunday_and_holiday'], required: true as const },
};
const hoursOfDay = 24;
const longestName = 60;

type Hour = { readonly line: number; readonly hour: number; readonly weights: readonly number[] };
export type ProfileRead = { readonly name: string; readonly shape: ProfileShape };

/** CSV of load profiles: 24 lines each, with how much is taken in that local hour on a weekday, a Saturday and a Sunday, in any unit. */
export function readProfiles(
  file: string,
  text: string,
): { readonly profiles: readonly ProfileRead[]; readonly findings: readonly Finding[] } {
  const { lines, findings: faults } = tableLines(file, text, columns);
  const { tell, findings } = findingsOf(file);
  const byName = new Map<string, { readonly line: number; readonly hours: Map<number, Hour> }>();
  for (const { line, cells } of lines) {
    const { profile: name = '', hour: written = '' } = cells;
    const weights = dayTypes.map((type) => ({ type, written: cells[type] ?? '' }));
    const strange = weights.find((each) => !/^\d{1,12}(\.\d+)?$/.test(each.written));
    const of = byName.get(name) ?? { line, hours: new Map<number, Hour>() };
    byName.set(name, of);
    const hour = /^\d{1,2}$/.test(written) ? Number(written) : hoursOfDay;
    const before = of.hours.get(hour);
    if (hour >= hoursOfDay) tell(line, `hour '${written}' is none: write 0 to 23, the hour in which it begins`);
    else if (before !== undefined) tell(line, `hour ${hour} of ${name} is in line ${before.line} already`);
    else if (strange !== undefined)
      tell(line, `${strange.type} '${strange.written}' is no size: write 0 or more, with a decimal point`);
    else of.hours.set(hour, { line, hour, weights: weights.map((each) => Number(each.written)) });
  }
  const profiles = [...byName].flatMap(([name, { line, hours }]): ProfileRead[] => {
    const lacking = Array.from({ length: hoursOfDay }, (_, hour) => hour).filter((hour) => !hours.has(hour));
    const ordered = [...hours.values()].toSorted((one, other) => one.hour - other.hour);
    if (name.length > longestName) tell(line, `a profile's name has at most ${longestName} characters`);
    else if (lacking.length > 0) tell(line, `${name} lacks the hours ${lacking.join(', ')}`);
    else if (!ordered.some(({ weights }) => weights.some((weight) => weight > 0)))
      tell(line, `${name} is 0 in every hour: nothing can be scaled by it`);
    else return [{ name, shape: shapeOf(ordered) }];
    return [];
  });
  return { profiles, findings: [...faults, ...findings] };
}

function shapeOf(hours: readonly Hour[]): ProfileShape {
  const of = (type: number): readonly number[] => hours.map(({ weights }) => weights[type] ?? 0);
  return { weekday: of(0), saturday: of(1), sunday: of(2) };
}

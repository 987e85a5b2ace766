import { numberPoints } from '@tiepoint/protocol';
import type { CommandParameters, DeviceLimits, Measurement } from '@tiepoint/protocol';
import { holdsFor } from './command-plan.ts';
import type { Decoded } from './decode.ts';
import type { Condition } from './profile.ts';

export type Met = 'yes' | 'no' | 'unknown';

/**
 * Judges conditions on what was measured. `no` if one is measured as not met, else `unknown` if one could not be measured or if
 * there is none at all, else `yes`. Magnitudes are absolute for above, below and belowPct.
 */
export function evaluate(
  conditions: readonly Condition[],
  { measured, setpoints }: Decoded,
  parameters: CommandParameters,
  limits: DeviceLimits,
): { readonly met: Met; readonly measurements: readonly Measurement[] } {
  const values: Values = { ...measured, ...setpoints };
  const measurements = conditions
    .filter(({ when }) => holdsFor(when, parameters))
    .map((condition) => measure(condition, values, parameters, limits));
  return { met: joined(measurements.map(({ met }) => met ?? 'unknown')), measurements };
}

type Values = Readonly<Record<string, unknown>>;
type Judged = { readonly met: Met; readonly expected: string };

function joined(mets: readonly Met[]): Met {
  if (mets.includes('no')) return 'no';
  return mets.length === 0 || mets.includes('unknown') ? 'unknown' : 'yes';
}

function measure(
  condition: Condition,
  values: Values,
  parameters: CommandParameters,
  limits: DeviceLimits,
): Measurement {
  const { point } = condition;
  const seen = values[point];
  const { met, expected } = judge(condition, seen, values, parameters, limits);
  const unit = unitOf(point);
  return {
    point,
    ...(typeof seen === 'number' ? { value: seen } : {}),
    ...(typeof seen === 'string' ? { word: seen } : {}),
    ...(unit === undefined ? {} : { unit }),
    expected,
    met,
  };
}

/** Set-points stand in no table of units, but their names end in them; of these only shares are judged as numbers. */
function unitOf(point: string): string | undefined {
  const known = (numberPoints as Readonly<Record<string, string>>)[point];
  return known ?? (point.startsWith('set:') && point.endsWith('Pct') ? '%' : undefined);
}

function unitText(point: string): string {
  const unit = unitOf(point);
  return unit === undefined ? '' : ` ${unit}`;
}

function judge(
  condition: Condition,
  seen: unknown,
  values: Values,
  parameters: CommandParameters,
  limits: DeviceLimits,
): Judged {
  if ('is' in condition) return judgeWord(condition.is, seen, parameters);
  const inUnit = unitText(condition.point);
  if ('above' in condition)
    return judgeNumber(seen, `above ${condition.above}${inUnit}`, (value) => Math.abs(value) > condition.above);
  if ('near' in condition) {
    const target = parameterOr(condition.near, parameters);
    const expected = `${target ?? 'unknown'} ± ${condition.tolerance}${inUnit}`;
    return target === undefined
      ? { met: 'unknown', expected }
      : judgeNumber(seen, expected, (value) => Math.abs(value - target) <= condition.tolerance + 1e-9);
  }
  if ('belowPct' in condition) return judgeShare(condition, seen, values, parameters);
  const limit = Math.max(condition.below, (condition.orBelowRated ?? 0) * (ratedFor(condition.point, limits) ?? 0));
  return judgeNumber(seen, `below ${rounded(limit)}${inUnit}`, (value) => Math.abs(value) < limit);
}

function judgeWord(
  wanted: Extract<Condition, { is: unknown }>['is'],
  seen: unknown,
  parameters: CommandParameters,
): Judged {
  if (typeof wanted === 'object' && 'parameter' in wanted) {
    const given = parameters[wanted.parameter];
    if (given === undefined) return { met: 'unknown', expected: `as parameter ${wanted.parameter}` };
    return {
      met: isOneOf(seen, [String(given)]),
      expected: String(given),
    };
  }
  const words = typeof wanted === 'string' ? [wanted] : wanted;
  return {
    met: isOneOf(seen, words),
    expected: words.join(' or '),
  };
}

function isOneOf(seen: unknown, words: readonly string[]): Met {
  if (typeof seen !== 'string' && typeof seen !== 'number') return 'unknown';
  return words.includes(String(seen)) ? 'yes' : 'no';
}

function judgeNumber(seen: unknown, expected: string, holds: (value: number) => boolean): Judged {
  if (typeof seen !== 'number') return { met: 'unknown', expected };
  return { met: holds(seen) ? 'yes' : 'no', expected };
}

function judgeShare(
  condition: Extract<Condition, { belowPct: unknown }>,
  seen: unknown,
  values: Values,
  parameters: CommandParameters,
): Judged {
  const percent = parameterOr(condition.belowPct, parameters);
  const whole = values[condition.of];
  if (percent === undefined || typeof whole !== 'number')
    return { met: 'unknown', expected: `not above ${percent ?? '?'} % of ${condition.of}` };
  const limit = (Math.abs(whole) * (percent + condition.tolerance)) / 100;
  return judgeNumber(
    seen,
    `not above ${rounded(limit)}${unitText(condition.point)}`,
    (value) => Math.abs(value) <= limit,
  );
}

function parameterOr(
  value: number | { readonly parameter: keyof CommandParameters },
  parameters: CommandParameters,
): number | undefined {
  if (typeof value === 'number') return value;
  const given = parameters[value.parameter];
  return typeof given === 'number' ? given : undefined;
}

function ratedFor(point: string, { ratedPowerW, ratedCurrentA, switchRatingA }: DeviceLimits): number | undefined {
  if (point.endsWith('W')) return ratedPowerW;
  return point.endsWith('A') ? (ratedCurrentA ?? switchRatingA) : undefined;
}

const rounded = (value: number): string => String(Math.round(value * 1000) / 1000);

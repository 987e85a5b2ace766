import type { Condition, DeviceModel } from '@tiepoint/hardware-profiles';
import type { CommandParameters } from '@tiepoint/protocol';
import type { SolitarySettings } from '../../plant/solitary.ts';
import type { Told } from './behaviour.ts';

type Value = number | string;

/** What the set-points of a device hold before anybody orders anything: nothing limited, nothing refused. */
export function firstSetpoints(model: DeviceModel, { ratedW, nominalV }: SolitarySettings): Record<string, Value> {
  const conditions = Object.values(model.plans).flatMap(({ steps }) =>
    steps.flatMap((step) => (step.do === 'require' ? step.that : [])),
  );
  return Object.fromEntries(
    model.points
      .filter(({ name, sources: [first] }) => name.startsWith('set:') && first?.orders === undefined)
      .map(({ name, sources: [source] }): [string, Value] => {
        const words = Object.values(source?.codes ?? {});
        const demanded = conditions
          .filter(({ point }) => point === name)
          .map((condition) => valueThatMeets(condition, { parameters: {}, state: {}, words }))
          .find((value) => value !== undefined);
        if (demanded !== undefined) return [name, demanded];
        const idle = ['auto', 'off', 'no', 'none'].find((word) => words.includes(word)) ?? words[0];
        if (idle !== undefined) return [name, idle];
        if (/max.*PowerW$|ratedPowerW$/i.test(name)) return [name, ratedW];
        if (/limit.*Pct$/i.test(name)) return [name, 100];
        if (name.endsWith('V')) return [name, nominalV];
        return [name, 0];
      }),
  );
}

/** A value for the point of a condition that makes it so. */
export function valueThatMeets(
  condition: Condition,
  { parameters, state, words }: { parameters: CommandParameters; state: Told; words: readonly string[] },
): Value | undefined {
  const numberOf = (value: number | { readonly parameter: keyof CommandParameters }): number | undefined => {
    const given = typeof value === 'number' ? value : parameters[value.parameter];
    return typeof given === 'number' ? given : undefined;
  };
  if ('is' in condition) {
    const { is } = condition;
    if (typeof is === 'object' && 'parameter' in is) return parameters[is.parameter];
    const wanted = typeof is === 'string' ? [is] : is;
    const known = wanted.find((word) => words.includes(word));
    if (known !== undefined || words.length > 0) return known;
    const [first] = wanted;
    return first !== undefined && Number.isFinite(Number(first)) ? Number(first) : undefined;
  }
  if ('above' in condition) return condition.above * 1.2 + 1;
  if ('below' in condition) return 0;
  if ('near' in condition) return numberOf(condition.near);
  const whole = state[condition.of];
  const percent = numberOf(condition.belowPct);
  return typeof whole === 'number' && percent !== undefined ? (0.95 * percent * Math.abs(whole)) / 100 : undefined;
}

/** A value that does not satisfy it, where the point has such a word. */
export function valueThatViolates(condition: Condition, words: readonly string[]): Value | undefined {
  if (!('is' in condition)) return undefined;
  const { is } = condition;
  const allowed = typeof is === 'string' ? [is] : 'parameter' in is ? [] : is;
  const other = words.find((word) => !allowed.includes(word));
  if (other !== undefined || words.length > 0) return other;
  return allowed.includes('0') ? 1 : 0;
}

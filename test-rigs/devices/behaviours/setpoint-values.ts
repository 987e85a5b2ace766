import type { Condition, DeviceModel } from '@tiepoint/hardware-profiles';
import type { CommandKind, CommandParameters } from '@tiepoint/protocol';
import type { Solitary, SolitarySettings } from '../../plant/solitary.ts';
import type { Told } from './behaviour.ts';

type Value = number | string;

/**
 * What the set-points of a device hold when nobody has ordered anything: nothing limited, nothing refused, and what is ordered by
 * commands stands as the state is that they bring about.
 */
export function restingSetpoints(
  model: DeviceModel,
  unit: Solitary,
  settings: SolitarySettings,
): Record<string, Value> {
  const conditions = Object.values(model.plans).flatMap(({ steps }) =>
    steps.flatMap((step) => (step.do === 'require' ? step.that : [])),
  );
  const usual = usualSettings(settings);
  return Object.fromEntries(
    model.points
      .filter(({ name, sources: [first] }) => name.startsWith('set:') && first?.orders === undefined)
      .map(({ name, sources: [source] }): [string, Value] => {
        const words = Object.values(source?.codes ?? {});
        const ordered = orderedFor(model, name, unit);
        if (ordered !== undefined) return [name, source?.codes?.[ordered] ?? ordered];
        const demanded = conditions
          .filter(({ point }) => point === name)
          .map((condition) => valueThatMeets(preferred(condition, unit), { parameters: {}, state: {}, words }))
          .find((value) => value !== undefined);
        if (demanded !== undefined) return [name, demanded];
        if (name === 'set:reclosing' || name === 'set:syncCheck') return [name, words.includes('on') ? 'on' : 1];
        const idle = ['auto', 'off', 'no', 'none'].find((word) => words.includes(word)) ?? words[0];
        return [name, idle ?? usual[name] ?? usualByName(name, settings)];
      }),
  );
}

/** What `connect` or `disconnect`, or starting or stopping, wrote here last. A register of orders reads 0 when the order is done. */
function orderedFor({ plans }: DeviceModel, name: string, { closed, running }: Solitary): number | undefined {
  if (name.endsWith('Order')) return undefined;
  const writtenBy = (kind: CommandKind): number | undefined => {
    const write = plans[kind]?.steps.find((step) => step.do === 'write' && step.point === name);
    return write?.do === 'write' && typeof write.value === 'number' ? write.value : undefined;
  };
  const pairs = [
    { yes: writtenBy('connect'), no: writtenBy('disconnect'), is: closed },
    { yes: writtenBy('start-generation'), no: writtenBy('stop-generation'), is: running },
  ];
  const pair = pairs.find(({ yes, no }) => yes !== undefined && no !== undefined && yes !== no);
  return pair?.is === true ? pair.yes : pair?.no;
}

/** Of several modes that a command may be given in, the one in which a device would be that runs, or stands. */
function preferred(condition: Condition, { running }: Solitary): Condition {
  if (!('is' in condition) || !Array.isArray(condition.is)) return condition;
  const first = running ? 'auto' : 'stop';
  const is = condition.is as readonly string[];
  return is.includes(first) ? { ...condition, is: [first, ...is] } : condition;
}

/** Settings that a device has from its maker: those of IEEE 1547-2018, of category II, about the frequency that it has. */
function usualSettings({ nominalHz, ratedW, nominalV }: SolitarySettings): Record<string, number> {
  const hz = (offset: number): number => nominalHz + offset;
  return {
    'set:enterServiceVoltageHighPct': 105,
    'set:enterServiceVoltageLowPct': 91.7,
    'set:enterServiceFrequencyHighHz': hz(0.1),
    'set:enterServiceFrequencyLowHz': hz(-0.5),
    'set:enterServiceDelayS': 300,
    'set:enterServiceRampS': 300,
    'set:tripLowVoltage1Pct': 70,
    'set:tripLowVoltage1S': 10,
    'set:tripLowVoltage2Pct': 45,
    'set:tripLowVoltage2S': 0.16,
    'set:tripHighVoltage1Pct': 110,
    'set:tripHighVoltage1S': 2,
    'set:tripHighVoltage2Pct': 120,
    'set:tripHighVoltage2S': 0.16,
    'set:tripLowFrequency1Hz': hz(-1.5),
    'set:tripLowFrequency1S': 300,
    'set:tripLowFrequency2Hz': hz(-3.5),
    'set:tripLowFrequency2S': 0.16,
    'set:tripHighFrequency1Hz': hz(1.2),
    'set:tripHighFrequency1S': 300,
    'set:tripHighFrequency2Hz': hz(2),
    'set:tripHighFrequency2S': 0.16,
    // The narrowest of its table 5, for sources of any size.
    'set:syncFrequencyHz': 0.1,
    'set:syncVoltagePct': 3,
    'set:syncAngleDeg': 10,
    'set:syncAngle2Deg': 10,
    'set:syncDwellS': 0.5,
    'set:maxChargeW': ratedW,
    'set:maxDischargeW': ratedW,
    'set:nominalVoltageV': nominalV,
    'set:reserveHighPct': 95,
    'set:reserveLowPct': 10,
    'set:reservePct': 10,
  };
}

function usualByName(name: string, { ratedW, nominalV }: SolitarySettings): number {
  if (/max.*PowerW$|ratedPowerW$/i.test(name)) return ratedW;
  if (/limit.*Pct$/i.test(name)) return 100;
  return name.endsWith('V') ? nominalV : 0;
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

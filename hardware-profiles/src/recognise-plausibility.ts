import type { Measured } from '@tiepoint/protocol';
import type { Decoded } from './decode.ts';
import type { DeviceModel, ResolvedPoint } from './device-model.ts';
import type { WordImage } from './word-image.ts';

/** What was read of a device as a profile has it. `refusedShare`: of its registers, how many it would not give. */
export type Looks = {
  readonly decoded: Decoded;
  readonly image: WordImage;
  readonly later: Decoded;
  readonly refusedShare: number;
};

export type Plausibility = {
  /** Voltage and frequency of a live supply were seen, and power and current fit them: chance does not make such numbers. */
  readonly live: boolean;
  readonly why: readonly string[];
  readonly against: readonly string[];
};

/** Do these numbers make sense as measurements? A device without voltage tells nothing either way. */
export function judgePlausibility(model: DeviceModel, looks: Looks): Plausibility {
  const { measured } = looks.decoded;
  const why: string[] = [];
  const against: string[] = [];
  const voltsOk = judgeVoltages(measured, why, against);
  const hertzOk = judgeFrequency(measured, why, against);
  judgeCurrents(measured, against);
  judgePower(model, measured, why, against);
  judgeEnergies(measured, looks.later.measured, why, against);
  judgeCodes(model, looks, against);
  if (looks.refusedShare > 0.5)
    against.push(`it refuses ${Math.round(looks.refusedShare * 100)} % of the registers that this profile reads`);
  return { live: voltsOk && hertzOk, why, against };
}

const voltages = ['voltageV', 'voltageAV', 'voltageBV', 'voltageCV', 'busVoltageV', 'loadSideVoltageV'] as const;
const currents = ['currentA', 'currentAA', 'currentBA', 'currentCA'] as const;

function judgeVoltages(measured: Measured, why: string[], against: string[]): boolean {
  const known = voltages.flatMap((name) => (measured[name] === undefined ? [] : [{ name, volts: measured[name] }]));
  const absurd = known.filter(({ volts }) => volts < -1 || volts > highestV);
  for (const { name, volts } of absurd) against.push(`${name} would be ${rounded(volts)} V`);
  const live = known.filter(({ volts }) => volts >= liveV[0] && volts <= liveV[1]);
  const [first] = live;
  if (first !== undefined && absurd.length === 0) why.push(`${first.name} is ${rounded(first.volts)} V`);
  return first !== undefined && absurd.length === 0;
}

function judgeFrequency({ frequencyHz, busFrequencyHz }: Measured, why: string[], against: string[]): boolean {
  const hertz = frequencyHz ?? busFrequencyHz;
  if (hertz === undefined || hertz === 0) return false;
  const fits = hertz >= 45 && hertz <= 66;
  (fits ? why : against).push(`the frequency ${fits ? 'is' : 'would be'} ${rounded(hertz)} Hz`);
  return fits;
}

function judgeCurrents(measured: Measured, against: string[]): void {
  for (const name of currents) {
    const amperes = measured[name];
    if (amperes !== undefined && Math.abs(amperes) > highestA) against.push(`${name} would be ${rounded(amperes)} A`);
  }
}

/** Power is at most what voltage and current of three phases give. */
function judgePower(model: DeviceModel, measured: Measured, why: string[], against: string[]): void {
  const { activePowerW: watts, voltageV: volts } = measured;
  if (watts === undefined) return;
  if (Math.abs(watts) > highestW) return void against.push(`the power would be ${rounded(watts)} W`);
  const amperes = Math.max(...currents.map((name) => Math.abs(measured[name] ?? Number.NaN)).filter(Number.isFinite));
  if (volts === undefined || !Number.isFinite(amperes) || volts < liveV[0]) return;
  // Current of one phase and line-to-neutral voltage; some devices give line-to-line, which is more. The sum needs a margin.
  const mostW = 3 * Math.sqrt(3) * volts * amperes * 1.2 + 200;
  if (Math.abs(watts) > mostW)
    return void against.push(
      `${rounded(watts)} W would be more than ${rounded(volts)} V and ${rounded(amperes)} A can give`,
    );
  why.push(`${rounded(watts)} W fits ${rounded(volts)} V and ${rounded(amperes)} A`);
  if (watts < -0.05 * mostW)
    why.push(
      model.profile.kind === 'aas'
        ? 'its power is negative: it takes power, or its sign or current transformers are reversed'
        : 'its power is negative: it exports, or its sign or current transformers are reversed',
    );
}

function judgeEnergies(first: Measured, later: Measured, why: string[], against: string[]): void {
  for (const name of ['importedEnergyWh', 'exportedEnergyWh'] as const) {
    const [before, after] = [first[name], later[name]];
    if (before === undefined) continue;
    if (before < 0 || before > highestWh) against.push(`${name} would be ${rounded(before)} Wh`);
    else if (after !== undefined && after < before) against.push(`${name} ran backwards while it was read`);
    else if (after !== undefined && before > 0) why.push(`${name} is ${rounded(before)} Wh and does not run backwards`);
  }
  const { stateOfChargePct: charge } = first;
  if (charge !== undefined && (charge < 0 || charge > 110))
    against.push(`the state of charge would be ${rounded(charge)} %`);
}

/** A state register that holds none of its codes. */
function judgeCodes(model: DeviceModel, { decoded, image }: Looks, against: string[]): void {
  const stated = model.points.filter(({ name, sources }) => !name.startsWith('set:') && sources.some(hasCodes));
  const strange = stated.filter(
    ({ name, sources }) =>
      decoded.measured[name as keyof Measured] === undefined &&
      sources.every((source) => image.words(source) !== undefined && !isNotImplemented(source, image)),
  );
  for (const { name, sources } of strange.slice(0, 2)) {
    const [source] = sources;
    if (source !== undefined && source.bit === undefined)
      against.push(`${name} holds ${(image.words(source) ?? []).join(' ')}, which means nothing there`);
  }
}

const hasCodes = ({ codes, bit }: ResolvedPoint['sources'][number]): boolean =>
  codes !== undefined && bit === undefined;

function isNotImplemented(
  { table, address, words, notImplemented }: ResolvedPoint['sources'][number],
  image: WordImage,
): boolean {
  const read = image.words({ table, address, words }) ?? [];
  const whole = read.reduce((sum, word) => (sum << 16n) | BigInt(word), 0n);
  return notImplemented.includes(whole) || read.every((word) => word === 0xffff) || read.every((word) => word === 0);
}

const rounded = (value: number): string => String(Number(value.toPrecision(4)));

const liveV = [80, 760] as const;
const highestV = 100_000;
const highestA = 20_000;
const highestW = 1e9;
const highestWh = 1e15;

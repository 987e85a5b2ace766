import { createHash } from 'node:crypto';
import {
  encodePoint,
  WordImage,
  type DeviceModel,
  type NameplatePoint,
  type ResolvedPoint,
  type ResolvedSource,
} from '@tiepoint/hardware-profiles';
import type { Solitary, SolitarySettings } from '../../plant/solitary.ts';
import { smoothNoise } from '../../plant/noise.ts';

/** Sizes of a device of this profile that its registers can hold. `ratedW`: where the profile names none and nobody else does. */
export function plausibleSettings(
  model: DeviceModel,
  words: WordImage,
  { seed, ratedW }: { readonly seed: number; readonly ratedW?: number | undefined },
): SolitarySettings {
  const { profile, limits } = model;
  const phases = phasesOf(model);
  const isSource = profile.kind === 'aas';
  const { usualV, usualHz, usualW, powerFactor } = usualOf(model, phases);
  const nominalV = within(rangeOf(model, 'voltageV') ?? rangeOf(model, 'voltageAV'), limits.ratedVoltageV ?? usualV);
  const nominalHz = within(rangeOf(model, 'frequencyHz'), usualHz);
  const sizes = [...[ratedW ?? limits.ratedPowerW ?? []].flat(), ...usualW, 1_000, 200, 20];
  const fits = (size: number): boolean => {
    const amperes = size / (phases * nominalV);
    return (
      holds(model, words, ['activePowerW', 'ratedPowerW', 'limit:ratedPowerW', 'set:maxPowerW'], size) &&
      holds(model, words, ['currentA', 'currentAA', 'ratedCurrentA', 'limit:ratedCurrentA'], amperes)
    );
  };
  const size = sizes.find(fits) ?? 1_000;
  const energies = ['importedEnergyWh', 'exportedEnergyWh'];
  return {
    isSource,
    phases,
    nominalV,
    nominalHz,
    powerFactor,
    ratedW: size,
    capacityWh: limits.storageCapacityWh ?? 2 * size,
    startWh: [4_321_000, 432_100, 43_210, 4_321].find((wh) => holds(model, words, energies, 2 * wh)) ?? 0,
    ownVoltage: isSource && (has(model, 'breakerState') || has(model, 'busVoltageV')),
    seed,
  };
}

const has = (model: DeviceModel, name: string): boolean => model.points.some((point) => point.name === name);

/** SunSpec has the registers of three phases in every model, and says by its number how many there are. */
const modelsOfPhases: Readonly<Record<number, 1 | 2>> = {
  101: 1,
  111: 1,
  201: 1,
  211: 1,
  102: 2,
  112: 2,
  202: 2,
  212: 2,
};

function phasesOf(model: DeviceModel): 1 | 2 | 3 {
  const [told] = (model.sunspecModels ?? []).flatMap(({ id }) => modelsOfPhases[id] ?? []);
  if (told !== undefined) return told;
  return ['voltageBV', 'currentBA', 'activePowerBW'].some((name) => has(model, name)) ? 3 : 1;
}

type Usual = {
  readonly usualV: number;
  readonly usualHz: number;
  readonly usualW: readonly number[];
  readonly powerFactor: number;
};

/** What a device of this kind mostly hangs on, and how large it is. */
function usualOf(model: DeviceModel, phases: 1 | 2 | 3): Usual {
  const { kind, capabilities } = model.profile;
  const isSource = kind === 'aas';
  const usualW = isSource ? (phases === 3 ? [50_000, 20_000, 5_000] : [5_000]) : [9_000, 3_000];
  // A storage without a frequency is its direct current.
  if (capabilities.includes('storage') && has(model, 'voltageV') && !has(model, 'frequencyHz'))
    return { usualV: 400, usualHz: 50, usualW: [50_000, 20_000], powerFactor: 1 };
  // A breaker that is no generator's is that of a feeder of medium voltage.
  if (!isSource && capabilities.includes('breaker'))
    return { usualV: 7_200, usualHz: 60, usualW: [2_000_000, ...usualW], powerFactor: 0.98 };
  // Split phase, and the settings of IEEE 1547, belong to 60 Hz.
  if (phases === 2) return { usualV: 120, usualHz: 60, usualW, powerFactor: 0.98 };
  if (has(model, 'set:enterServiceFrequencyHighHz')) return { usualV: 277, usualHz: 60, usualW, powerFactor: 0.98 };
  return { usualV: 230, usualHz: 50, usualW, powerFactor: 0.98 };
}

type Told = Record<string, number | string | readonly string[] | undefined>;

/** What the numbers of a device would be. Phase A is the highest, so that "highest of the phases" and "phase A" agree. */
export function plausibleNumbers(now: Solitary, settings: SolitarySettings): Told {
  const { phases, nominalV, nominalHz, ratedW, ownVoltage, isSource, capacityWh, seed, powerFactor } = settings;
  const wave = (place: number, share: number): number => 1 + share * smoothNoise(seed + place, Math.floor(now.atS) / 7);
  const gridV = nominalV * wave(1, 0.004);
  const gridHz = nominalHz * wave(2, 0.0004);
  const isLive = !ownVoltage || now.running;
  const volts = isLive ? gridV : 0;
  const isFarLive = now.busLive || (now.closed && isLive && isSource);
  const watts = now.powerW * wave(3, 0.003);
  const amperes = watts === 0 ? 0 : watts / (phases * gridV * powerFactor);
  const [a, b, c] = sharesOf[phases];
  const phaseOf = (share: number | undefined, whole: number): number | undefined =>
    share === undefined ? undefined : whole * share;
  const busV = isFarLive ? gridV : 0;
  const tanPhi = Math.sqrt(1 / powerFactor ** 2 - 1);
  return {
    activePowerW: watts,
    reactivePowerVar: watts * tanPhi,
    apparentPowerVa: watts / powerFactor,
    currentA: phaseOf(a, amperes * phases),
    currentAA: phaseOf(a, amperes * phases),
    currentBA: phaseOf(b, amperes * phases),
    currentCA: phaseOf(c, amperes * phases),
    voltageV: volts,
    voltageAV: volts,
    voltageBV: b === undefined ? undefined : volts * 0.998,
    voltageCV: c === undefined ? undefined : volts * 0.997,
    activePowerAW: phaseOf(a, watts),
    activePowerBW: phaseOf(b, watts),
    activePowerCW: phaseOf(c, watts),
    frequencyHz: isLive ? gridHz : 0,
    busVoltageV: busV,
    busFrequencyHz: isFarLive ? gridHz : 0,
    loadSideVoltageV: now.closed ? gridV : 0,
    importedEnergyWh: now.importedWh,
    exportedEnergyWh: now.exportedWh,
    ratedPowerW: ratedW,
    ratedCurrentA: ratedW / (phases * nominalV),
    availablePowerW: now.running ? ratedW * 0.9 : 0,
    stateOfChargePct: now.chargePct,
    storedEnergyWh: (capacityWh * now.chargePct) / 100,
    fuelPct: 78,
    fuelRateLPerH: now.running ? 3 + (watts / 1000) * 0.25 : 0,
    powerLimitPct: now.limitPct,
    // Not ordered but measured or counted, where only commands ask for it.
    'set:mainsVoltageBV': busV * 0.998,
    'set:mainsVoltageCV': busV * 0.997,
    'set:deviceHeartbeat': Math.floor(now.atS) % 0x1_0000,
    'set:stringsConnected': now.closed ? 2 : 0,
    'set:inverterState': now.closed && now.running ? 'started' : 'stopped',
  };
}

/** Of the whole power. Of several phases the first carries a little more. */
const sharesOf: Readonly<Record<1 | 2 | 3, readonly [number, number?, number?]>> = {
  1: [1],
  2: [0.502, 0.498],
  3: [0.336, 0.333, 0.331],
};

/** What the nameplate says, where its registers are not those by which the device is recognised. `key`: what no other device has. */
export function plausibleNameplate(
  model: DeviceModel,
  { nominalV, ratedW, phases, capacityWh }: SolitarySettings,
  key: string,
): Told {
  const sourceOf = (name: string) => model.nameplate.find((point) => point.name === name)?.sources[0];
  const isNumber = (name: string): boolean => (sourceOf(name)?.type ?? 'text') !== 'text';
  const { make } = model.profile;
  return {
    'identity:manufacturer': isNumber('identity:manufacturer') ? 1 : make,
    'identity:model': isNumber('identity:model') ? 1 : modelName(model),
    'identity:serialNumber': serialNumber(sourceOf('identity:serialNumber'), key),
    'identity:firmware': isNumber('identity:firmware') ? 100 : '1.0',
    'limit:ratedPowerW': ratedW,
    'limit:ratedCurrentA': ratedW / (phases * nominalV),
    'limit:ratedVoltageV': nominalV,
    'limit:storageCapacityWh': has(model, 'stateOfChargePct') ? capacityWh : undefined,
    'limit:switchRatingA': model.profile.limits?.switchRatingA ?? 100,
  };
}

/** The first of the models that the profile is for and that its own probe would take. */
function modelName({ profile }: DeviceModel): string {
  const wanted = 'probes' in profile.identify ? profile.identify.probes : [];
  const starts = wanted.flatMap((probe) => ('startsWith' in probe ? [probe.startsWith] : []));
  const words = profile.model.split(/[\s,;()]+/);
  const fitting = words.find((word) => starts.some((start) => word.startsWith(start)));
  return fitting ?? (profile.model.split(/[,;(]/)[0] ?? profile.model).trim();
}

/**
 * Of eight digits that follow from the key, as the register is: a number of them where it is one, a text with a mark of the rig
 * before them where it is a text that is long enough.
 */
function serialNumber(source: ResolvedSource | undefined, key: string): number | string {
  const digits = 10_000_000 + (createHash('sha256').update(key).digest().readUInt32BE() % 90_000_000);
  if (source !== undefined && source.type !== 'text') return source.words > 1 ? digits : 10_000 + (digits % 50_000);
  const length = 2 * (source?.words ?? 16);
  const text = length > 8 ? `RIG${digits}` : String(digits);
  return text.slice(0, length);
}

type Range = readonly [number, number];

/** Within which a value is believed, or the device recognised. */
function rangeOf(model: DeviceModel, name: string): Range | undefined {
  const source = model.points.find((point) => point.name === name)?.sources[0];
  if (source?.plausible !== undefined) return source.plausible;
  if (source === undefined || !('probes' in model.profile.identify)) return undefined;
  for (const probe of model.profile.identify.probes) {
    const { table, address } = probe.source;
    if (!('within' in probe) || table !== source.table || address !== source.address) continue;
    const factor = source.scale * source.sign;
    return factor < 0 ? undefined : [probe.within[0] * factor, probe.within[1] * factor];
  }
  return undefined;
}

function within(range: Range | undefined, usual: number): number {
  if (range === undefined || (usual > range[0] && usual < range[1])) return usual;
  return (range[0] + range[1]) / 2;
}

/** Can every one of these points that the device has say this number? */
function holds(model: DeviceModel, words: WordImage, names: readonly string[], value: number): boolean {
  const points: readonly (ResolvedPoint | NameplatePoint)[] = [...model.points, ...model.nameplate];
  return points
    .filter(({ name }) => names.includes(name))
    .every((point) => {
      const scratch = new WordImage();
      for (const { table, address, words: count } of point.reads)
        scratch.set(table, address, words.words({ table, address, words: count }) ?? [0], 0);
      return encodePoint(point, value, scratch);
    });
}

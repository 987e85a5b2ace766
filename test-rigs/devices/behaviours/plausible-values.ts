import {
  encodePoint,
  WordImage,
  type DeviceModel,
  type NameplatePoint,
  type ResolvedPoint,
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
  const names = new Set<string>(model.points.map(({ name }) => name));
  const phases = names.has('voltageBV') || names.has('currentBA') || names.has('activePowerBW') ? 3 : 1;
  const isSource = profile.kind === 'aas';
  const nominalV = within(rangeOf(model, 'voltageV') ?? rangeOf(model, 'voltageAV'), limits.ratedVoltageV ?? 230);
  const nominalHz = within(rangeOf(model, 'frequencyHz'), 50);
  const usual = isSource ? [50_000, 20_000, 5_000] : [9_000, 3_000];
  const sizes = [...[ratedW ?? limits.ratedPowerW ?? []].flat(), ...usual, 1_000, 200, 20];
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
    ratedW: size,
    capacityWh: limits.storageCapacityWh ?? 2 * size,
    startWh: [4_321_000, 432_100, 43_210, 4_321].find((wh) => holds(model, words, energies, 2 * wh)) ?? 0,
    ownVoltage: isSource && (names.has('breakerState') || names.has('busVoltageV')),
    seed,
  };
}

type Told = Record<string, number | string | readonly string[]>;

/** What the numbers of a device would be. Phase A is the highest, so that "highest of the phases" and "phase A" agree. */
export function plausibleNumbers(now: Solitary, settings: SolitarySettings): Told {
  const { phases, nominalV, nominalHz, ratedW, ownVoltage, isSource, capacityWh, seed } = settings;
  const wave = (place: number, share: number): number => 1 + share * smoothNoise(seed + place, Math.floor(now.atS) / 7);
  const gridV = nominalV * wave(1, 0.004);
  const gridHz = nominalHz * wave(2, 0.0004);
  const isLive = !ownVoltage || now.running;
  const volts = isLive ? gridV : 0;
  const isFarLive = now.busLive || (now.closed && isLive && isSource);
  const watts = now.powerW * wave(3, 0.003);
  const amperes = watts === 0 ? 0 : watts / (phases * gridV * 0.98);
  // Of three phases the first carries a little more; together they are the whole.
  const shares = phases === 3 ? [0.336, 0.333, 0.331] : [1, 0, 0];
  const [a = 1, b = 0, c = 0] = shares;
  const phaseA = (share: number): number => amperes * share * phases;
  return {
    activePowerW: watts,
    reactivePowerVar: watts * 0.2,
    apparentPowerVa: watts / 0.98,
    currentA: phaseA(a),
    currentAA: phaseA(a),
    currentBA: phaseA(b),
    currentCA: phaseA(c),
    voltageV: volts,
    voltageAV: volts,
    voltageBV: phases === 3 ? volts * 0.998 : volts,
    voltageCV: phases === 3 ? volts * 0.997 : volts,
    activePowerAW: watts * a,
    activePowerBW: watts * b,
    activePowerCW: watts * c,
    frequencyHz: isLive ? gridHz : 0,
    busVoltageV: isFarLive ? gridV : 0,
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
  };
}

/** What the nameplate says, where its registers are not those by which the device is recognised. */
export function plausibleNameplate(
  model: DeviceModel,
  { nominalV, ratedW, phases, capacityWh }: SolitarySettings,
  id: string,
): Told {
  const numeric = (name: string): boolean =>
    model.nameplate.some((point) => point.name === name && point.sources[0]?.type !== 'text');
  const { make, model: title } = model.profile;
  return {
    'identity:manufacturer': numeric('identity:manufacturer') ? 1 : make,
    'identity:model': numeric('identity:model') ? 1 : (title.split(/[,;(]/)[0] ?? title).trim(),
    'identity:serialNumber': numeric('identity:serialNumber') ? 1001 : `RIG-${id}`.toUpperCase().slice(0, 8),
    'identity:firmware': numeric('identity:firmware') ? 100 : '1.0',
    'limit:ratedPowerW': ratedW,
    'limit:ratedCurrentA': ratedW / (phases * nominalV),
    'limit:ratedVoltageV': nominalV,
    'limit:storageCapacityWh': capacityWh,
    'limit:switchRatingA': model.profile.limits?.switchRatingA ?? 100,
  };
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

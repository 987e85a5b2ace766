import type { Capability, DeviceLimits, Measured } from '@tiepoint/protocol';

/** What is known of a generator's tank; a controller tells its level, seldom its size. */
export type Fuel = { readonly tankL: number; readonly consumptionLPerKwh: number };

export type Capacity = {
  readonly availableCapacityPct?: number | undefined;
  readonly availableCurrentA?: number | undefined;
  readonly holdTimeS?: number | undefined;
};

/**
 * What an AAS could give beyond what it gives now (percent of rated power, amperes), and how long the present output can be
 * held (s). A source that does not say what it could give (a PV inverter without an availability point) leaves it unknown: the sun is no rating.
 */
export function capacity(
  measured: Measured,
  limits: DeviceLimits,
  capabilities: readonly Capability[],
  fuel: Fuel | undefined,
): Capacity {
  const availableCapacityPct = headroomPct(measured, limits, capabilities);
  const { ratedCurrentA } = limits;
  return {
    availableCapacityPct,
    availableCurrentA:
      availableCapacityPct === undefined || ratedCurrentA === undefined
        ? undefined
        : (availableCapacityPct / 100) * ratedCurrentA,
    holdTimeS: holdTimeS(measured, fuel),
  };
}

function headroomPct(
  measured: Measured,
  limits: DeviceLimits,
  capabilities: readonly Capability[],
): number | undefined {
  const { ratedPowerW } = limits;
  if (ratedPowerW === undefined || ratedPowerW <= 0) return undefined;
  if (measured.health === 'fault' || measured.operatingState === 'fault') return 0;
  const limitW = ((measured.powerLimitPct ?? 100) / 100) * ratedPowerW;
  const couldW = ableToGiveW(measured, ratedPowerW, capabilities);
  const ableW = couldW === undefined ? undefined : Math.min(couldW, limitW);
  if (ableW === undefined || measured.activePowerW === undefined) return undefined;
  return clamp((100 * (ableW - Math.max(0, measured.activePowerW))) / ratedPowerW, 0, 100);
}

function ableToGiveW(measured: Measured, ratedPowerW: number, capabilities: readonly Capability[]): number | undefined {
  if (measured.availablePowerW !== undefined) return Math.min(measured.availablePowerW, ratedPowerW);
  if (capabilities.includes('storage')) {
    const { stateOfChargePct, storedEnergyWh } = measured;
    if (stateOfChargePct === undefined && storedEnergyWh === undefined) return undefined;
    return (stateOfChargePct ?? storedEnergyWh ?? 0) > 0 ? ratedPowerW : 0;
  }
  // Fuel-fired sets can be driven to their rating, running or not.
  return capabilities.includes('synchroniser') || capabilities.includes('breaker') ? ratedPowerW : undefined;
}

function holdTimeS(
  { activePowerW, storedEnergyWh, fuelPct, fuelRateLPerH }: Measured,
  fuel: Fuel | undefined,
): number | undefined {
  if (storedEnergyWh !== undefined) {
    return activePowerW !== undefined && activePowerW > 0 ? bounded((3600 * storedEnergyWh) / activePowerW) : undefined;
  }
  if (fuelPct === undefined || fuel === undefined) return undefined;
  const litres = (fuelPct / 100) * fuel.tankL;
  const litresPerHour =
    fuelRateLPerH ?? (activePowerW === undefined ? undefined : (fuel.consumptionLPerKwh * activePowerW) / 1000);
  return litresPerHour !== undefined && litresPerHour > 0 ? bounded((3600 * litres) / litresPerHour) : undefined;
}

/** A year is as good as for ever. */
function bounded(seconds: number): number {
  return Math.round(clamp(seconds, 0, 31_536_000));
}

function clamp(value: number, lowest: number, highest: number): number {
  return Math.min(highest, Math.max(lowest, value));
}

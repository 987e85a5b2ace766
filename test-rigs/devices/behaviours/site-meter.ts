import type { Facility } from '../../plant/facility.ts';
import type { Behaviour } from './behaviour.ts';

/** A three-phase meter without a switch at a site's connection; the phases are balanced. */
export function siteMeter(site: { get(): Facility }): Behaviour {
  return {
    faults: [],
    told: () => {
      const now = site.get();
      const phaseW = now.activePowerW / 3;
      return {
        voltageV: now.voltageV,
        voltageBV: now.voltageV,
        voltageCV: now.voltageV,
        currentA: now.currentA,
        currentBA: now.currentA,
        currentCA: now.currentA,
        activePowerAW: phaseW,
        activePowerBW: phaseW,
        activePowerCW: phaseW,
        activePowerW: now.activePowerW,
        frequencyHz: now.supply.frequencyHz,
        importedEnergyWh: now.importedWh,
        exportedEnergyWh: now.exportedWh,
      };
    },
  };
}

import type { Equipment } from '../model/equipment.ts';
import type { Finding } from '../model/finding.ts';
import type { Network } from '../model/network.ts';
import { told } from './told.ts';

/** Ratings that are missing or cannot be: against them loading is judged. */
export function checkRatings(network: Network): Finding[] {
  return [...network.equipment.values()].flatMap(checkRating);
}

function checkRating(equipment: Equipment): Finding[] {
  switch (equipment.kind) {
    case 'ACLineSegment':
    case 'Switch':
    case 'SeriesCompensator': {
      const { ratedCurrentA, emergencyCurrentA } = equipment;
      if (ratedCurrentA === undefined)
        return [told('warning', 'missing-rating', equipment, 'has no rated current: its loading cannot be judged')];
      if (ratedCurrentA <= 0)
        return [told('error', 'absurd-rating', equipment, `has a rated current of ${ratedCurrentA} A`)];
      if (emergencyCurrentA !== undefined && emergencyCurrentA < ratedCurrentA)
        return [
          told(
            'warning',
            'absurd-rating',
            equipment,
            `bears ${emergencyCurrentA} A in an emergency, but ${ratedCurrentA} A always`,
          ),
        ];
      return [];
    }
    case 'PowerTransformer': {
      const { normalPowerVa, ends } = equipment;
      if (normalPowerVa === undefined)
        return [told('warning', 'missing-rating', equipment, 'has no rated power: its loading cannot be judged')];
      const bad = ends.find(({ ratedPowerVa, ratedVoltageV }) => !(ratedPowerVa > 0 && ratedVoltageV > 0));
      if (bad !== undefined || normalPowerVa <= 0)
        return [told('error', 'absurd-rating', equipment, 'has a winding without power or voltage')];
      return [];
    }
    case 'SynchronousMachine':
      return equipment.ratedPowerVa === undefined
        ? [told('warning', 'missing-rating', equipment, 'has no rated power')]
        : [];
    case 'PowerElectronicsConnection':
      return equipment.ratedPowerVa > 0
        ? []
        : [told('error', 'absurd-rating', equipment, `has a rated power of ${equipment.ratedPowerVa} VA`)];
    case 'LinearShuntCompensator':
    case 'EnergyConsumer':
      return equipment.ratedVoltageV > 0
        ? []
        : [told('error', 'absurd-rating', equipment, `has a rated voltage of ${equipment.ratedVoltageV} V`)];
    case 'EnergySource':
      return equipment.nominalVoltageV > 0
        ? []
        : [told('error', 'absurd-rating', equipment, `has a voltage of ${equipment.nominalVoltageV} V`)];
  }
}

import { at, holding } from '../../src/point-notation.ts';
import type { Probe, Profile } from '../../src/profile.ts';

// The device answers the block of its identification as a whole only.
const block = { address: 64001, registers: 27 };

/** Manufacturer 42 is Siemens AG. */
export const siemensAg: Probe = { source: at('holding', 64001), type: 'uint16', block, equals: 42 };
export const orderNumber: Pick<Probe, 'source' | 'type' | 'length' | 'block'> = {
  source: at('holding', 64002),
  type: 'text',
  length: 10,
  block,
};

/** Values that the SENTRON PAC meters have in common, float32 and, for energies, float64 in Wh. */
export const pacPoints: Profile['points'] = {
  voltageV: holding(1, 'float32'),
  voltageAV: holding(1, 'float32'),
  voltageBV: holding(3, 'float32'),
  voltageCV: holding(5, 'float32'),
  currentA: holding(13, 'float32'),
  currentAA: holding(13, 'float32'),
  currentBA: holding(15, 'float32'),
  currentCA: holding(17, 'float32'),
  activePowerAW: holding(25, 'float32', { positive: 'import' }),
  activePowerBW: holding(27, 'float32', { positive: 'import' }),
  activePowerCW: holding(29, 'float32', { positive: 'import' }),
  frequencyHz: holding(55, 'float32'),
  apparentPowerVa: holding(63, 'float32'),
  activePowerW: holding(65, 'float32', { positive: 'import' }),
  reactivePowerVar: holding(67, 'float32'),
  // Of tariff 1; a meter that switches tariffs counts the rest elsewhere.
  importedEnergyWh: holding(801, 'float64', { every: 'minute' }),
  exportedEnergyWh: holding(809, 'float64', { every: 'minute' }),
};

import { at, holding } from '../../src/point-notation.ts';
import type { Probe, Profile } from '../../src/profile.ts';

// The lists number registers from 1: what they call 3060 is 3059 on the wire.
const kilo = { scale: 1000 };
const importKilo = { scale: 1000, positive: 'import' } as const;

/** Energy in Wh; what the meter lacks reads 8000 0000 0000 0000H, which lies outside of these limits. */
const energy = { every: 'minute', plausible: [-1e15, 1e15] } as const;

/** The registers that the PowerLogic and iEM meters of Schneider share; what is not measured reads NaN. */
export const block3000: Profile['points'] = {
  'identity:manufacturer': holding(69, 'text', { length: 20 }),
  'identity:model': holding(49, 'text', { length: 20 }),
  'identity:serialNumber': holding(129, 'uint32', { notImplemented: 0xffff_ffff }),
  currentA: holding(2999, 'float32'),
  currentAA: holding(2999, 'float32'),
  currentBA: holding(3001, 'float32'),
  currentCA: holding(3003, 'float32'),
  voltageV: [holding(3027, 'float32'), holding(3019, 'float32')],
  voltageAV: holding(3027, 'float32'),
  voltageBV: holding(3029, 'float32'),
  voltageCV: holding(3031, 'float32'),
  activePowerAW: holding(3053, 'float32', importKilo),
  activePowerBW: holding(3055, 'float32', importKilo),
  activePowerCW: holding(3057, 'float32', importKilo),
  activePowerW: holding(3059, 'float32', importKilo),
  reactivePowerVar: holding(3067, 'float32', kilo),
  apparentPowerVa: holding(3075, 'float32', kilo),
  frequencyHz: holding(3109, 'float32'),
  importedEnergyWh: holding(3203, 'int64', energy),
  exportedEnergyWh: holding(3207, 'int64', energy),
};

export const schneiderElectric: Probe = {
  source: at('holding', 69),
  type: 'text',
  length: 20,
  startsWith: 'Schneider Electric',
};
/** Where the name of the model lies. */
export const modelName: Pick<Probe, 'source' | 'type' | 'length'> = {
  source: at('holding', 49),
  type: 'text',
  length: 20,
};

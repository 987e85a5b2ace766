import { input } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';
import { amperes, energy, volts, watts } from './notation.ts';

/** The registers that EM24 Ethernet, EM330, EM340, ET330, ET340, EM530 and EM540 share. */
export const threePhase: Profile['points'] = {
  voltageV: input(0x00, 'int32', volts),
  voltageAV: input(0x00, 'int32', volts),
  voltageBV: input(0x02, 'int32', volts),
  voltageCV: input(0x04, 'int32', volts),
  currentA: input(0x0c, 'int32', amperes),
  currentAA: input(0x0c, 'int32', amperes),
  currentBA: input(0x0e, 'int32', amperes),
  currentCA: input(0x10, 'int32', amperes),
  activePowerAW: input(0x12, 'int32', watts),
  activePowerBW: input(0x14, 'int32', watts),
  activePowerCW: input(0x16, 'int32', watts),
  activePowerW: input(0x28, 'int32', watts),
  importedEnergyWh: input(0x34, 'int32', energy),
  exportedEnergyWh: input(0x4e, 'int32', energy),
};

import type { Measured } from '@tiepoint/protocol';
import type { P1Objects } from './p1-telegram.ts';

/**
 * What a smart meter tells of these values in a telegram, by DSMR 5.0: what is unknown is left out. Source: P1 companion standard
 * 5.0.2, chapter 6.
 */
export function p1Objects(measured: Measured, { serialNumber, at }: { serialNumber: string; at: Date }): P1Objects {
  return {
    '1-3:0.2.8': '50',
    '0-0:1.0.0': `${stamp(at)}W`,
    '0-0:96.1.1': Buffer.from(serialNumber, 'latin1').toString('hex').toUpperCase(),
    ...energy('1', measured.importedEnergyWh),
    ...energy('2', measured.exportedEnergyWh),
    ...kilowatts('1.7.0', '2.7.0', measured.activePowerW),
    ...(measured.switchState === undefined ? {} : { '0-0:96.3.10': measured.switchState === 'closed' ? '1' : '0' }),
    ...volts('32', measured.voltageAV),
    ...volts('52', measured.voltageBV),
    ...volts('72', measured.voltageCV),
    ...amperes('31', measured.currentAA),
    ...amperes('51', measured.currentBA),
    ...amperes('71', measured.currentCA),
    ...kilowatts('21.7.0', '22.7.0', measured.activePowerAW),
    ...kilowatts('41.7.0', '42.7.0', measured.activePowerBW),
    ...kilowatts('61.7.0', '62.7.0', measured.activePowerCW),
    ...(measured.frequencyHz === undefined ? {} : { '1-0:14.7.0': `${measured.frequencyHz.toFixed(2)}*Hz` }),
  };
}

/** Two tariffs, of which the second has counted nothing. */
function energy(direction: '1' | '2', wattHours: number | undefined): P1Objects {
  if (wattHours === undefined) return {};
  const kilowattHours = (wattHours / 1000).toFixed(3).padStart(10, '0');
  return { [`1-0:${direction}.8.1`]: `${kilowattHours}*kWh`, [`1-0:${direction}.8.2`]: '000000.000*kWh' };
}

/** Import and export have codes of their own, and neither is negative. */
function kilowatts(imported: string, exported: string, watts: number | undefined): P1Objects {
  if (watts === undefined) return {};
  const text = (value: number): string => `${(Math.max(0, value) / 1000).toFixed(3).padStart(6, '0')}*kW`;
  return { [`1-0:${imported}`]: text(watts), [`1-0:${exported}`]: text(-watts) };
}

const volts = (group: string, value: number | undefined): P1Objects =>
  value === undefined ? {} : { [`1-0:${group}.7.0`]: `${value.toFixed(1).padStart(5, '0')}*V` };

/** eMUCS-P1 tells hundredths. */
const amperes = (group: string, value: number | undefined): P1Objects =>
  value === undefined ? {} : { [`1-0:${group}.7.0`]: `${Math.abs(value).toFixed(2).padStart(6, '0')}*A` };

/** YYMMDDhhmmss. */
const stamp = (at: Date): string => at.toISOString().replaceAll(/\D/g, '').slice(2, 14);

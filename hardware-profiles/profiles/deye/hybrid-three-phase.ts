import { at, holding } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';

const tenth = { scale: 0.1 };
const hundredth = { scale: 0.01 };

export const deyeHybridThreePhase: Profile = {
  name: 'deye-hybrid-3p',
  make: 'Deye',
  model: 'SG04LP3, SG01HP3 up to 15 kW, also sold as Sunsynk',
  source:
    'Deye Modbus protocol of three-phase hybrid inverters, holding registers 0–7, 20, 500–638 (function 3); the same in kellerza/sunsynk definitions/three_phase_common.py and identity.py, kbialek/deye-inverter-mqtt metric_group_deye_sg04lp3 and evcc deye-hybrid-3p',
  kind: 'aas',
  capabilities: ['generation', 'storage'],
  identify: {
    anonymous: true,
    probes: [
      // Device type: low voltage, high voltage; not the ones above 15 kW, whose power is out of 16 bits.
      { source: at('holding', 0), type: 'uint16', oneOf: [5, 6, 0x500, 0x601] },
      { source: at('holding', 638), type: 'uint16', within: [4500, 6600] },
      { source: at('holding', 588), type: 'uint16', within: [0, 100] },
    ],
  },
  control: 'none',
  points: {
    'identity:serialNumber': holding(3, 'text', { length: 5 }),
    'limit:ratedPowerW': holding(20, 'uint32', { wordOrder: 'little', scale: 0.1 }),
    operatingState: holding(500, 'uint16', {
      codes: { 0: 'standby', 1: 'starting', 2: 'running', 3: 'running', 4: 'fault', 5: 'starting' },
    }),
    health: holding(500, 'uint16', { codes: { 0: 'ok', 1: 'ok', 2: 'ok', 3: 'warning', 4: 'fault', 5: 'ok' } }),
    stateOfChargePct: holding(588, 'uint16', { every: 'minute', plausible: [0, 100] }),
    voltageV: holding(627, 'uint16', tenth),
    voltageAV: holding(627, 'uint16', tenth),
    voltageBV: holding(628, 'uint16', tenth),
    voltageCV: holding(629, 'uint16', tenth),
    currentA: holding(630, 'int16', hundredth),
    currentAA: holding(630, 'int16', hundredth),
    currentBA: holding(631, 'int16', hundredth),
    currentCA: holding(632, 'int16', hundredth),
    activePowerAW: holding(633, 'int16', { positive: 'export' }),
    activePowerBW: holding(634, 'int16', { positive: 'export' }),
    activePowerCW: holding(635, 'int16', { positive: 'export' }),
    activePowerW: holding(636, 'int16', { positive: 'export' }),
    frequencyHz: holding(638, 'uint16', { scale: 0.01 }),
  },
  commands: {},
};

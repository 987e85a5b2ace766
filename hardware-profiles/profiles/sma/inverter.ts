import { at, holding } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';

// "NaN" of SMA's profile: signed 8000 0000H, unsigned all ones. At night most values read so.
const signed = { notImplemented: 0x8000_0000 };
const unsigned = { notImplemented: 0xffff_ffff };
const watts = { positive: 'export', ...signed } as const;
const volts = { scale: 0.01, ...unsigned };
const amperes = { scale: 0.001, ...signed };

export const smaInverter: Profile = {
  name: 'sma-inverter',
  make: 'SMA',
  model: 'Sunny Boy, Sunny Tripower (SMA Modbus profile, unit 3)',
  // A limit (40016) can be written, not read back: nothing would prove that it is in force. The SunSpec registers of the same
  // inverter have one that can.
  source:
    'SMA Modbus interface, SMA Modbus profile of Sunny Tripower (parameter list 2.83.03.R), registers 30051–30981; the same in StefanLSA/py-sma-modbus2 sma.py, evcc sma-inverter-modbus and OpenEMS EssSmaSunnyIslandImpl; "NaN" values in openWB/core sma_sunny_boy/inverter.py',
  kind: 'aas',
  capabilities: ['generation'],
  identify: {
    probes: [
      // Device class 8001 is a solar inverter; its own code is not known to any other make.
      { source: at('holding', 30051), type: 'uint32', equals: 8001 },
      { source: at('holding', 30201), type: 'uint32', oneOf: [35, 303, 307, 455] },
    ],
  },
  // The SunSpec registers of the same inverter can be commanded, with a limit that reads back.
  yieldsTo: ['sunspec-inverter', 'sunspec-der'],
  control: 'none',
  points: {
    'identity:serialNumber': holding(30057, 'uint32', { notImplemented: 0xffff_ffff }),
    health: holding(30201, 'uint32', { codes: { 35: 'fault', 303: 'ok', 307: 'ok', 455: 'warning' } }),
    'limit:ratedPowerW': holding(30231, 'uint32', unsigned),
    exportedEnergyWh: [
      holding(30513, 'uint64', { every: 'minute', notImplemented: -1 }),
      holding(30529, 'uint32', { every: 'minute', notImplemented: 0xffff_ffff }),
    ],
    activePowerW: holding(30775, 'int32', watts),
    activePowerAW: holding(30777, 'int32', watts),
    activePowerBW: holding(30779, 'int32', watts),
    activePowerCW: holding(30781, 'int32', watts),
    voltageV: holding(30783, 'uint32', volts),
    voltageAV: holding(30783, 'uint32', volts),
    voltageBV: holding(30785, 'uint32', volts),
    voltageCV: holding(30787, 'uint32', volts),
    frequencyHz: holding(30803, 'uint32', { scale: 0.01, ...unsigned }),
    reactivePowerVar: holding(30805, 'int32', signed),
    apparentPowerVa: holding(30813, 'int32', signed),
    currentA: holding(30977, 'int32', amperes),
    currentAA: holding(30977, 'int32', amperes),
    currentBA: holding(30979, 'int32', amperes),
    currentCA: holding(30981, 'int32', amperes),
  },
  commands: {},
};

import { at, holding } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';

const u16 = { notImplemented: 0xffff } as const;
const i32 = { notImplemented: 0x7fff_ffff } as const;
const u32 = { notImplemented: 0xffff_ffff } as const;

// Codes 0x03xx shut the inverter down; which of them is a fault and which an order, the code tells.
const states = {
  0x0000: 'standby',
  0x0001: 'standby',
  0x0002: 'standby',
  0x0003: 'standby',
  0x0100: 'starting',
  0x0200: 'running',
  0x0201: 'throttled',
  0x0202: 'throttled',
  0x0203: 'running',
  0x0300: 'fault',
  0x0301: 'off',
  0x0302: 'fault',
  0x0303: 'fault',
  0x0304: 'off',
  0x0305: 'off',
  0x0306: 'off',
  0x0307: 'off',
  0x0308: 'sleeping',
  0x030c: 'off',
  0x0401: 'running',
  0x0402: 'running',
  0x0403: 'running',
  0x0404: 'running',
  0x0405: 'running',
  0xa000: 'sleeping',
};

export const sun2000: Profile = {
  name: 'huawei-sun2000',
  make: 'Huawei',
  model: 'SUN2000, with LUNA2000 where there is one',
  // The derating has no timer of its own: it stays until it is written again. So a line that is lost leaves the limit in force.
  source:
    'Huawei SUN2000 Modbus interface definitions, registers 30000–32116, 37758–37783, 40125 (function 3); the same in wlcrs/huawei-solar-lib registers.py and evcc huawei-sun2000-hybrid. That 40125 alone limits, whatever mode 47415 says, no source confirms',
  kind: 'aas',
  capabilities: ['generation', 'storage'],
  identify: { probes: [{ source: at('holding', 30000), type: 'text', length: 15, startsWith: 'SUN2000' }] },
  control: 'none',
  points: {
    'identity:model': holding(30000, 'text', { length: 15 }),
    'identity:serialNumber': holding(30015, 'text', { length: 10 }),
    'limit:ratedPowerW': holding(30073, 'uint32', u32),
    voltageV: [holding(32069, 'uint16', { scale: 0.1, ...u16 }), holding(32066, 'uint16', { scale: 0.1, ...u16 })],
    voltageAV: holding(32069, 'uint16', { scale: 0.1, ...u16 }),
    voltageBV: holding(32070, 'uint16', { scale: 0.1, ...u16 }),
    voltageCV: holding(32071, 'uint16', { scale: 0.1, ...u16 }),
    currentA: holding(32072, 'int32', { scale: 0.001, ...i32 }),
    currentAA: holding(32072, 'int32', { scale: 0.001, ...i32 }),
    currentBA: holding(32074, 'int32', { scale: 0.001, ...i32 }),
    currentCA: holding(32076, 'int32', { scale: 0.001, ...i32 }),
    activePowerW: holding(32080, 'int32', { positive: 'export', ...i32 }),
    reactivePowerVar: holding(32082, 'int32', i32),
    frequencyHz: holding(32085, 'uint16', { scale: 0.01, ...u16 }),
    operatingState: holding(32089, 'uint16', { codes: states }),
    exportedEnergyWh: holding(32106, 'uint32', { scale: 10, every: 'minute', ...u32 }),
    'limit:storageCapacityWh': holding(37758, 'uint32', u32),
    stateOfChargePct: holding(37760, 'uint16', { scale: 0.1, every: 'minute', ...u16 }),
    'set:maxPowerW': holding(30075, 'uint32', u32),
    'set:limitPct': holding(40125, 'int16', { scale: 0.1, singleWrite: true }),
  },
  unconfirmed: ['set:limitPct'],
  commands: {
    'limit-power': {
      steps: [{ do: 'write', point: 'set:limitPct', value: { parameter: 'limitPct' } }],
      proof: [
        { point: 'set:limitPct', near: { parameter: 'limitPct' }, tolerance: 0.5 },
        { point: 'activePowerW', belowPct: { parameter: 'limitPct' }, of: 'set:maxPowerW', tolerance: 2 },
      ],
      withinMs: 60_000,
    },
  },
};

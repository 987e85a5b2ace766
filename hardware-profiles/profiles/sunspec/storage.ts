import { sunspec } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';
import { connected, legacyConnection, legacyInverters, legacyPoints, limitFor, offOn } from './legacy.ts';

const inverterStates = { 1: 'stopped', 2: 'standby', 3: 'started' };

export const sunspecStorage: Profile = {
  name: 'sunspec-storage',
  make: 'SunSpec',
  model: 'storage inverter, models 101 to 113 with 120 to 124',
  // 802.SetInvState tells a battery what its inverter does, and is no order to either: the family has no start and stop but 123.Conn.
  // 124.OutWRte and InWRte bound discharge and charge while their bits of StorCtl_Mod are set; both clear leaves it to the device.
  source: 'SunSpec Information Models 1, 101–103, 111–113, 120–124, 802',
  kind: 'aas',
  capabilities: ['generation', 'storage'],
  yieldsTo: ['sunspec-der'],
  // Many an inverter without storage has model 124 all the same, and nothing in it.
  identify: { sunspec: true, anyModel: legacyInverters, implements: [{ models: [124], point: 'WChaMax' }] },
  control: 'none',
  points: {
    ...legacyPoints,
    connection: [
      sunspec([122], 'ECPConn', { codes: connected }),
      sunspec([122], 'StorConn', { bit: 0, codes: connected }),
    ],
    'set:maxChargeW': sunspec([124], 'WChaMax'),
    'set:maxDischargeW': sunspec([120], 'MaxDisChaRte'),
    'set:chargeLimitPct': sunspec([124], 'InWRte'),
    'set:dischargeLimitPct': sunspec([124], 'OutWRte'),
    'set:chargeLimited': sunspec([124], 'StorCtl_Mod', { bit: 0, codes: offOn }),
    'set:dischargeLimited': sunspec([124], 'StorCtl_Mod', { bit: 1, codes: offOn }),
    'set:rateWindowS': sunspec([124], 'InOutWRte_WinTms'),
    'set:rateRevertS': sunspec([124], 'InOutWRte_RvrtTms'),
    'set:rateRampS': sunspec([124], 'InOutWRte_RmpTms'),
    'set:reservePct': sunspec([124], 'MinRsvPct'),
    'set:chargeFrom': sunspec([124], 'ChaGriSet', { codes: { 0: 'pv', 1: 'grid' } }),
    'set:batteryControl': sunspec([802], 'LocRemCtl', { codes: { 0: 'remote', 1: 'local' } }),
    'set:inverterState': sunspec([802], 'SetInvState', { codes: inverterStates }),
  },
  commands: {
    ...legacyConnection,
    'limit-power': {
      steps: [
        { do: 'write', point: 'set:rateWindowS', value: 0, optional: true },
        { do: 'write', point: 'set:rateRevertS', value: limitFor, optional: true },
        { do: 'write', point: 'set:dischargeLimitPct', value: { parameter: 'limitPct' } },
        // Its neighbour, the bound on charging, stays as it is.
        { do: 'write', point: 'set:dischargeLimited', value: 1 },
        // Panels behind the same inverter are bounded by 123.
        { do: 'write', point: 'set:limitWindowS', value: 0, optional: true },
        { do: 'write', point: 'set:limitRevertS', value: limitFor, optional: true },
        { do: 'write', point: 'set:limitPct', value: { parameter: 'limitPct' }, optional: true },
        { do: 'write', point: 'set:limitEnabled', value: 1, optional: true },
      ],
      proof: [
        { point: 'set:dischargeLimitPct', near: { parameter: 'limitPct' }, tolerance: 0.5 },
        { point: 'set:dischargeLimited', is: 'on' },
        { point: 'activePowerW', belowPct: { parameter: 'limitPct' }, of: 'set:maxPowerW', tolerance: 2 },
      ],
      withinMs: 60_000,
    },
  },
};

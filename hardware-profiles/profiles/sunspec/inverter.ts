import type { Profile } from '../../src/profile.ts';
import { legacyConnection, legacyInverters, legacyPoints, limitFor } from './legacy.ts';

export const sunspecInverter: Profile = {
  name: 'sunspec-inverter',
  make: 'SunSpec',
  model: 'inverter, models 101 to 113 with 120 to 123',
  source: 'SunSpec Information Models 1, 101–103, 111–113, 120–123, 160',
  kind: 'aas',
  capabilities: ['generation'],
  yieldsTo: ['sunspec-storage', 'sunspec-der'],
  identify: { sunspec: true, anyModel: legacyInverters },
  control: 'none',
  points: legacyPoints,
  commands: {
    ...legacyConnection,
    'limit-power': {
      steps: [
        { do: 'write', point: 'set:limitWindowS', value: 0, optional: true },
        { do: 'write', point: 'set:limitRevertS', value: limitFor, optional: true },
        { do: 'write', point: 'set:limitPct', value: { parameter: 'limitPct' } },
        { do: 'write', point: 'set:limitEnabled', value: 1 },
      ],
      proof: [
        { point: 'set:limitPct', near: { parameter: 'limitPct' }, tolerance: 0.5 },
        { point: 'set:limitEnabled', is: 'on' },
        { point: 'activePowerW', belowPct: { parameter: 'limitPct' }, of: 'set:maxPowerW', tolerance: 2 },
      ],
      withinMs: 60_000,
    },
  },
};

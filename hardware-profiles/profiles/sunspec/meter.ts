import { sunspec } from '../../src/point-notation.ts';
import type { Profile } from '../../src/profile.ts';

const meter = [201, 202, 203, 204, 211, 212, 213, 214];

export const sunspecMeter: Profile = {
  name: 'sunspec-meter',
  make: 'SunSpec',
  model: 'meter, models 201 to 204 and 211 to 214',
  // Export is counted where power flows out of the meter's load side; the model does not tell the sign of W. Checked at commissioning.
  source: 'SunSpec Information Models 1, 201–204, 211–214; sign of W as the common practice has it, import positive',
  kind: 'meter',
  yieldsTo: ['sunspec-inverter', 'sunspec-storage', 'sunspec-der', 'sunspec-battery'],
  capabilities: ['meter'],
  identify: { sunspec: true, anyModel: meter },
  control: 'none',
  points: {
    activePowerW: sunspec(meter, 'W', { positive: 'import' }),
    activePowerAW: sunspec(meter, 'WphA', { positive: 'import' }),
    activePowerBW: sunspec(meter, 'WphB', { positive: 'import' }),
    activePowerCW: sunspec(meter, 'WphC', { positive: 'import' }),
    reactivePowerVar: sunspec(meter, 'VAR'),
    apparentPowerVa: sunspec(meter, 'VA'),
    currentA: [sunspec(meter, 'AphA'), sunspec(meter, 'A')],
    currentAA: sunspec(meter, 'AphA'),
    currentBA: sunspec(meter, 'AphB'),
    currentCA: sunspec(meter, 'AphC'),
    voltageV: [sunspec(meter, 'PhV'), sunspec(meter, 'PhVphA'), sunspec(meter, 'PPV')],
    voltageAV: sunspec(meter, 'PhVphA'),
    voltageBV: sunspec(meter, 'PhVphB'),
    voltageCV: sunspec(meter, 'PhVphC'),
    frequencyHz: sunspec(meter, 'Hz'),
    importedEnergyWh: sunspec(meter, 'TotWhImp', { every: 'minute' }),
    exportedEnergyWh: sunspec(meter, 'TotWhExp', { every: 'minute' }),
    alarms: sunspec(meter, 'Evt', {
      alarmBits: { 3: 'under-voltage', 5: 'over-current', 6: 'over-voltage', 7: 'device-alarm' },
    }),
  },
  commands: {},
};

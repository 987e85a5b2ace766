import type { Point, Profile } from '../../src/profile.ts';

const meter = [201, 202, 203, 204, 211, 212, 213, 214];
const of = (point: string, rest: Omit<Point, 'source'> = {}): Point => ({ source: { models: meter, point }, ...rest });

export const sunspecMeter: Profile = {
  name: 'sunspec-meter',
  make: 'SunSpec',
  model: 'meter, models 201 to 204 and 211 to 214',
  // Export is counted where power flows out of the meter's load side; the model does not tell the sign of W. Checked at commissioning.
  source: 'SunSpec Information Models 1, 201–204, 211–214; sign of W as the common practice has it, import positive',
  kind: 'meter',
  capabilities: ['meter'],
  identify: { sunspec: true, anyModel: meter },
  control: 'none',
  points: {
    activePowerW: of('W', { positive: 'import' }),
    activePowerAW: of('WphA', { positive: 'import' }),
    activePowerBW: of('WphB', { positive: 'import' }),
    activePowerCW: of('WphC', { positive: 'import' }),
    reactivePowerVar: of('VAR'),
    apparentPowerVa: of('VA'),
    currentA: [of('AphA'), of('A')],
    currentAA: of('AphA'),
    currentBA: of('AphB'),
    currentCA: of('AphC'),
    voltageV: [of('PhV'), of('PhVphA'), of('PPV')],
    voltageAV: of('PhVphA'),
    voltageBV: of('PhVphB'),
    voltageCV: of('PhVphC'),
    frequencyHz: of('Hz'),
    importedEnergyWh: of('TotWhImp', { every: 'minute' }),
    exportedEnergyWh: of('TotWhExp', { every: 'minute' }),
    alarms: of('Evt', { alarmBits: { 3: 'under-voltage', 5: 'over-current', 6: 'over-voltage', 7: 'device-alarm' } }),
  },
  commands: {},
};

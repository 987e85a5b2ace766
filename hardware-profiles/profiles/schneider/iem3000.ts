import type { Profile } from '../../src/profile.ts';
import { block3000, modelName, schneiderElectric } from './block-3000.ts';

export const iem3000: Profile = {
  name: 'schneider-iem3000',
  make: 'Schneider Electric',
  model: 'iEM3155, iEM3255, iEM3355',
  source:
    'Schneider Electric iEM3100/3200/3300 series user manual DOCA0005EN, communications via Modbus, register list (function 3); the same in volkszaehler/mbmd meters/rs485/iem3000.go. The models ending in 50 have no export',
  kind: 'meter',
  capabilities: ['meter'],
  identify: { probes: [schneiderElectric, { ...modelName, startsWith: 'iEM3' }] },
  control: 'none',
  points: block3000,
  commands: {},
};

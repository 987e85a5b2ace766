import type { Profile } from '../../src/profile.ts';
import { block3000, modelName, schneiderElectric } from './block-3000.ts';

export const pm5000: Profile = {
  name: 'schneider-pm5000',
  make: 'Schneider Electric',
  model: 'PowerLogic PM5100, PM5300, PM5500',
  source:
    'Schneider Electric PM5560… public Modbus register list (FAQ FA234017, 10 August 2023), registers 50, 70, 130, 3000–3110, 3204, 3208 (function 3), numbered from 1; power is import where positive in the factory setting',
  kind: 'meter',
  capabilities: ['meter'],
  identify: { probes: [schneiderElectric, { ...modelName, startsWith: 'PM5' }] },
  control: 'none',
  points: block3000,
  commands: {},
};

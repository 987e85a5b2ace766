import type { Profile } from '../../src/profile.ts';
import { orderNumber, pacPoints, siemensAg } from './pac.ts';

export const pac2200: Profile = {
  name: 'siemens-pac2200',
  make: 'Siemens',
  model: 'SENTRON 7KM PAC2200',
  source:
    'Siemens SENTRON 7KM PAC2200 equipment manual L1V30415167B-03 (12/2019), appendix A.1, measured variables and table A-11; the same in OpenEMS MeterSiemensPac2200Impl and openWB siemens_sentron (frequency at 55)',
  kind: 'meter',
  capabilities: ['meter'],
  identify: { probes: [siemensAg, { ...orderNumber, startsWith: '7KM2200' }] },
  control: 'none',
  points: pacPoints,
  commands: {},
};

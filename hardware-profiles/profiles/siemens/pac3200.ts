import type { Profile } from '../../src/profile.ts';
import { orderNumber, pacPoints, siemensAg } from './pac.ts';

export const pac3200: Profile = {
  name: 'siemens-pac3200',
  make: 'Siemens',
  model: 'SENTRON PAC3200',
  source:
    'Siemens SENTRON PAC3200 manual A5E01168664B-04 (02/2008), 3.9 (Modbus measured variables, table 3-23 for the identification); offsets as in OpenEMS MeterSiemensPac2200Impl and openWB siemens_sentron',
  kind: 'meter',
  capabilities: ['meter'],
  identify: { probes: [siemensAg, { ...orderNumber, startsWith: '7KM2112' }] },
  control: 'none',
  points: pacPoints,
  commands: {},
};

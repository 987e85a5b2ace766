import type { Profile } from '../../src/profile.ts';
import { obis, obisState, obisText, telegramMark } from '../../src/telegram/registers.ts';

/**
 * The customer port of Dutch, Belgian and Luxembourg smart meters. They push; nothing can be asked or ordered. Meters before DSMR 5
 * renew their values every 10 s only, and none tells voltages to better than 0.1 V or currents to better than 1 A (eMUCS: 0.01 A).
 */
export const dsmrP1Meter: Profile = {
  name: 'dsmr-p1',
  make: 'DSMR',
  model: 'P1 companion standard 2.2 to 5.0, eMUCS-P1',
  source:
    'P1 Companion Standard 5.0.2 (Netbeheer Nederland), 6.12 representation of COSEM objects; eMUCS-P1 1.7.1 (Fluvius)',
  kind: 'meter',
  capabilities: ['meter'],
  port: 'p1',
  identify: { probes: [telegramMark] },
  control: 'none',
  points: {
    'identity:model': obisText('/'),
    'identity:serialNumber': obisText('0-0:96.1.1'),
    'identity:firmware': [obisText('1-3:0.2.8'), obisText('0-0:96.1.4')],
    voltageV: obis('1-0:32.7.0'),
    voltageAV: obis('1-0:32.7.0'),
    voltageBV: obis('1-0:52.7.0'),
    voltageCV: obis('1-0:72.7.0'),
    currentA: obis('1-0:31.7.0'),
    currentAA: obis('1-0:31.7.0'),
    currentBA: obis('1-0:51.7.0'),
    currentCA: obis('1-0:71.7.0'),
    activePowerW: { ...obis('1-0:16.7.0'), positive: 'import' },
    activePowerAW: { ...obis('1-0:36.7.0'), positive: 'import' },
    activePowerBW: { ...obis('1-0:56.7.0'), positive: 'import' },
    activePowerCW: { ...obis('1-0:76.7.0'), positive: 'import' },
    frequencyHz: obis('1-0:14.7.0'),
    importedEnergyWh: obis('1-0:1.8.0'),
    exportedEnergyWh: obis('1-0:2.8.0'),
    // 2 is "ready for reconnection": open until the customer presses the button.
    switchState: { ...obisState('0-0:96.3.10'), codes: { 0: 'open', 1: 'closed', 2: 'open' } },
  },
  // The port only tells. The switch behind it is the grid operator's, over another channel.
  commands: {},
};

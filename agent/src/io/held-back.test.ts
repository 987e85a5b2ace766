import type { FleetModeName } from '@tiepoint/protocol';
import { expect, test } from 'vitest';
import { parseConfiguration } from './configuration.ts';
import { HeldBack } from './held-back.ts';

const settings = parseConfiguration(
  JSON.stringify({
    gateway: { id: 'gw-1', dataDir: 'none' },
    mqtt: { url: 'mqtts://127.0.0.1' },
    buses: [{ name: 'bus', kind: 'tcp', host: '127.0.0.1' }],
    devices: [
      { id: 'plain', bus: 'bus', unit: 1, profile: 'ami-meter-200a' },
      { id: 'before-pv', bus: 'bus', unit: 2, profile: 'ami-meter-200a' },
      { id: 'pv', bus: 'bus', unit: 3, profile: 'sunspec-inverter', switchedBy: 'before-pv' },
      { id: 'feeder', bus: 'bus', unit: 4, profile: 'sel-751a' },
      { id: 'relay', bus: 'bus', unit: 5, profile: 'kmtronic-relay' },
    ],
  }),
  'gateway.yaml',
);

test.each<[FleetModeName, string[], readonly string[] | 'all']>([
  ['normal', [], []],
  ['storm', ['plain'], ['plain']],
  ['safe', ['plain', 'before-pv', 'pv', 'feeder', 'relay'], 'all'],
])('in %s: %j', (mode, held, devices) => {
  const back = new HeldBack(settings, () => mode);
  expect(settings.devices.flatMap(({ id }) => (back.has(id) ? [id] : []))).toEqual(held);
  expect(back.devices).toEqual(devices);
});

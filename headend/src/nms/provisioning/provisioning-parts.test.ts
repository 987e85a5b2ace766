import { expect, test } from 'vitest';
import { agentConfiguration } from './agent-configuration.ts';
import { parseConnection } from './connection.ts';
import { missedSeqs, Receptions } from './receptions.ts';
import type { Reception } from './receptions.ts';

const says = (text: string): unknown => expect.stringContaining(text);

test.each([
  ['tcp 192.0.2.7', { kind: 'tcp', host: '192.0.2.7', port: 502 }],
  ['TCP  meter.example:1502', { kind: 'tcp', host: 'meter.example', port: 1502 }],
  ['tcp [2001:db8::1]:502', { kind: 'tcp', host: '2001:db8::1', port: 502 }],
  ['rtu-tcp 192.0.2.7:4001', { kind: 'rtu-over-tcp', host: '192.0.2.7', port: 4001, baudRate: 9600 }],
  ['rtu-tcp 192.0.2.7:4001 19200', { kind: 'rtu-over-tcp', host: '192.0.2.7', port: 4001, baudRate: 19_200 }],
  [
    'rtu /dev/ttyUSB0 9600',
    { kind: 'rtu', path: '/dev/ttyUSB0', baudRate: 9600, dataBits: 8, parity: 'even', stopBits: 1 },
  ],
  [
    'rtu /dev/ttyUSB0 9600 7o2',
    { kind: 'rtu', path: '/dev/ttyUSB0', baudRate: 9600, dataBits: 7, parity: 'odd', stopBits: 2 },
  ],
  ['', says('is no connection')],
  ['tcp', says('is no host')],
  ['tcp a b', says('is no connection')],
  ['tcp a:0', says('0 is no port')],
  ['rtu-tcp a', says('names no port')],
  ['rtu /dev/ttyUSB0', says('no standard baud rate')],
  ['rtu /dev/ttyUSB0 9600 8X1', says('is no serial format')],
] as const)('the connection %s', (text, is) => {
  const read = parseConnection(text);
  expect(read.ok ? read.value : read.say).toEqual(is);
});

test('a gateway is given its file: devices on one wire share a bus; an unknown connection is left to the site', () => {
  const order = (deviceId: string, connection?: string) => ({
    key: `gw.${deviceId}`,
    siteId: 's',
    gatewayId: 'gw',
    deviceId,
    profile: 'p',
    unit: 1,
    ...(connection === undefined ? {} : { connection }),
  });
  const { text, open } = agentConfiguration({
    gatewayId: 'gw',
    mqttUrl: 'mqtts://head-end:8883',
    dataDir: '/var/lib/tiepoint',
    orders: [
      order('a', 'rtu /dev/ttyS0 9600 8N1'),
      { ...order('b', 'rtu /dev/ttyS0 9600 8N1'), unit: 2, switchedBy: 'a', ratedPowerW: 5_000, title: 'B: x' },
      order('c', 'tcp 192.0.2.7'),
      order('d'),
    ],
    profileFiles: [{ name: 'p', fileName: 'p.yaml', text: 'name: p', setAtMs: 0, setBy: 'x' }],
  });
  expect(text).toBe(`# Made by the head-end for gw.
gateway:
  id: gw
  dataDir: /var/lib/tiepoint
  readOnly: false
mqtt:
  url: mqtts://head-end:8883
profiles:
  - ./p.yaml
buses:
  - name: bus-1
    kind: rtu
    path: /dev/ttyS0
    baudRate: 9600
    dataBits: 8
    parity: none
    stopBits: 1
  - name: bus-2
    kind: tcp
    host: 192.0.2.7
    port: 502
devices:
  - id: a
    bus: bus-1
    unit: 1
    profile: p
  - id: b
    title: "B: x"
    bus: bus-1
    unit: 2
    profile: p
    limits:
      ratedPowerW: 5000
    switchedBy: a
  - id: c
    bus: bus-2
    unit: 1
    profile: p

# Ordered, and its connection is not known yet: add its bus above and this to the devices.
#   - id: d
#     bus: FILL IN
#     unit: 1
#     profile: p
`);
  expect(open).toEqual([expect.stringContaining('d: its connection is not known')]);
});

const reception = (seq: number, session = 1): Reception => ({ of: 'status', session, seq, sampleMs: 0, receivedMs: 0 });

test.each([
  { seqs: [], missed: [] },
  { seqs: [5], missed: [] },
  { seqs: [5, 6, 9, 8, 12], missed: [7, 10, 11] },
  { seqs: [1, 1_000_000], missed: [2, 3, 4] },
])('of $seqs are missed $missed', ({ seqs, missed }) => {
  expect(missedSeqs([...seqs.map((seq) => reception(seq)), reception(99, 2)], 1, 3)).toEqual(missed);
});

test('receptions are noted while somebody asks, and forgotten half an hour later', () => {
  const receptions = new Receptions();
  receptions.note('g.a', reception(1));
  expect(receptions.of('g.a')).toBeUndefined();
  receptions.watch('g.a', 1_000);
  receptions.note('g.a', reception(2));
  receptions.watch('g.a', 2_000);
  expect(receptions.of('g.a')).toMatchObject({ sinceMs: 1_000, receptions: [{ seq: 2 }] });
  for (let seq = 0; seq < 5_000; seq += 1) receptions.note('g.a', reception(seq));
  expect(receptions.of('g.a')?.receptions).toHaveLength(2_000);
  receptions.watch('g.b', 2_000 + 1_800_001);
  expect(receptions.of('g.a')).toBeUndefined();
});

import { expect, test } from 'vitest';
import { ConfigurationError, parseConfiguration } from './configuration.ts';

const good = `gateway:
  id: gw-1
  dataDir: ./data
mqtt:
  url: mqtts://127.0.0.1:8883
buses:
  - name: rs485
    kind: rtu
    path: /dev/serial/by-id/usb-1
    baudRate: 9600
devices:
  - id: meter-1
    bus: rs485
    unit: 1
    profile: eastron-sdm630
`;

function complaint(text: string): string {
  try {
    parseConfiguration(text, 'gateway.yaml');
    return 'good';
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
}

test('the defaults are those of the field', () => {
  const { devices, mqtt, buses } = parseConfiguration(good, 'gateway.yaml');
  expect(devices[0]).toMatchObject({
    periodMs: 4000,
    pollMs: 1000,
    reporting: 'periodic',
    thresholdsPct: [80],
    hysteresisPct: 2,
    readOnly: false,
  });
  expect(mqtt.keepaliveS).toBe(15);
  expect(buses[0]).toMatchObject({ parity: 'even', stopBits: 1, timeoutMs: 1000 });
});

test.each([
  {
    change: ['baudRate: 9600', 'baudRate: 9200'],
    says: /^gateway\.yaml:10 {2}buses\[0\]\.baudRate: 9200 is no standard rate; the nearest are 9600 and 4800/,
  },
  { change: ['unit: 1', 'unit: 300'], says: /^gateway\.yaml:14 {2}devices\[0\]\.unit: / },
  {
    change: ['unit: 1', 'unit: 1\n    intervalS: 1000'],
    says: /^gateway\.yaml:15 {2}devices\[0\]\.intervalS: 1000 is none of 300, 600, 900, 1200, 1800, 3600/,
  },
  { change: ['    unit: 1\n', ''], says: /^gateway\.yaml:12 {2}devices\[0\]\.unit: is missing/ },
  {
    change: ['bus: rs485', 'bus: rs484'],
    says: /^gateway\.yaml:13 {2}devices\[0\]\.bus: there is no bus 'rs484'; there is rs485/,
  },
  {
    change: ['profile: eastron-sdm630', 'profile: sdm'],
    says: /^gateway\.yaml:15 {2}devices\[0\]\.profile: there is no profile 'sdm'\. Did you mean .*eastron-sdm630/,
  },
  { change: ['id: meter-1', 'id: Meter 1'], says: /^gateway\.yaml:12 {2}devices\[0\]\.id: is no name/ },
  {
    change: ['unit: 1', 'unit: 1\n    periodms: 4000'],
    says: /devices\[0\]: 'periodms' is no setting; is it misspelt\?/,
  },
  {
    change: ['unit: 1', 'unit: 1\n    pollMs: 3000'],
    says: /^gateway\.yaml:15 {2}devices\[0\]\.pollMs: 3000 does not divide the period of 4000 ms/,
  },
  {
    change: ['url: mqtts://127.0.0.1:8883', 'url: broker'],
    says: /^gateway\.yaml:5 {2}mqtt\.url: is no broker address/,
  },
  {
    change: ['unit: 1', 'unit: 1\n    readOnly: yes'],
    says: /devices\[0\]\.readOnly: "yes" is no boolean \(true or false\)/,
  },
  {
    change: ['unit: 1', 'unit: 1\n    switchedBy: meter-1'],
    says: /devices\[0\]\.switchedBy: a device is not switched by itself/,
  },
  {
    change: ['baudRate: 9600', 'baudRate: 9600\n    parity: E'],
    says: /buses\[0\]\.parity: "E" is none of none, even, odd/,
  },
  {
    change: ['devices:', '  - { name: other, kind: rtu, path: /dev/serial/by-id/usb-1, baudRate: 19200 }\ndevices:'],
    says: /buses\[1\]\.path: .* is the port of bus 'rs485' already/,
  },
  { change: ['kind: rtu', 'kind: rtu2'], says: /^gateway\.yaml:8 {2}buses\[0\]\.kind: / },
  { change: ['gateway:\n  id', 'gateway: [\n  id'], says: /^gateway\.yaml:\d+ {2}/ },
])('$change', ({ change, says }) => {
  const [from, to] = change as [string, string];
  expect(good).toContain(from);
  expect(complaint(good.replace(from, to))).toMatch(says);
});

test.each([
  { first: 'sunspec-meter', second: 'sunspec-meter@2', says: /^good$/ },
  { first: 'sunspec-inverter', second: 'sunspec-meter', says: /^good$/ },
  { first: 'sunspec-meter@2', second: 'sunspec-meter@2', says: /unit 1 of bus 'rs485' is there already, as 'meter-1'/ },
  { first: 'eastron-sdm630', second: 'sunspec-meter@2', says: /is there already/ },
  { first: 'eastron-sdm630@2', second: 'sunspec-meter', says: /no profile 'eastron-sdm630@2'/ },
])('$first and $second behind one unit of a line: $says', ({ first, second, says }) => {
  const text = `${good.replace('eastron-sdm630', first)}  - { id: meter-2, bus: rs485, unit: 1, profile: '${second}' }\n`;
  expect(complaint(text)).toMatch(says);
});

test('a device that is there twice, and an empty file', () => {
  expect(complaint(`${good}  - { id: meter-1, bus: rs485, unit: 2, profile: eastron-sdm630 }\n`)).toMatch(
    /:16 {2}devices\[1\]\.id: 'meter-1' is there twice/,
  );
  expect(complaint('')).toMatch(/gateway\.yaml:1 {2}gateway: is missing/);
});

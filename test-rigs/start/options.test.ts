import { describe, expect, test } from 'vitest';
import { readOptions, type StartOptions } from './options.ts';

const options = (line: string): StartOptions => {
  const read = readOptions(line.split(' ').filter((word) => word !== ''));
  if (read.ok !== true) throw new Error(read.ok === 'help' ? 'help' : read.say);
  return read.options;
};
const tcp = (host: string, port: number) => ({ kind: 'tcp', host, port });
const rtu = (path: string, baudRate: number, parity: string) => ({ kind: 'rtu', path, baudRate, parity });

describe('real devices are named by where they are', () => {
  test.each([
    { line: '--tcp 192.0.2.1 --profile sunspec-inverter', bus: tcp('192.0.2.1', 502), unit: 1 },
    { line: '--tcp inverter.local:1502/126 --profile sunspec-inverter', bus: tcp('inverter.local', 1502), unit: 126 },
    { line: '--tcp [2001:db8::7]:502/3 --profile sunspec-inverter', bus: tcp('2001:db8::7', 502), unit: 3 },
    { line: '--serial /dev/ttyUSB0 --profile eastron-sdm630', bus: rtu('/dev/ttyUSB0', 9600, 'none'), unit: 1 },
    {
      line: '--serial /dev/ttyUSB0:19200/7 --profile eastron-sdm630',
      bus: rtu('/dev/ttyUSB0', 19_200, 'none'),
      unit: 7,
    },
    {
      line: '--serial /dev/serial/by-id/x:9600:even/7 --profile eastron-sdm630',
      bus: rtu('/dev/serial/by-id/x', 9600, 'even'),
      unit: 7,
    },
    // A path that exists is taken as it is, although it ends as a unit would.
    { line: '--serial /proc/1 --profile eastron-sdm630', bus: rtu('/proc/1', 9600, 'none'), unit: 1 },
  ])('$line', ({ line, bus, unit }) => {
    const { real, site } = options(line);
    expect(real.map(({ profile: _, ...rest }) => rest)).toEqual([{ bus, unit }]);
    expect(site).toBe(false);
  });

  test('several, each with its profile', () => {
    const { real } = options('--tcp a/1 --profile sunspec-der --tcp a/2 --profile sunspec-meter --read-only');
    expect(real.map(({ unit, profile }) => [unit, profile])).toEqual([
      [1, 'sunspec-der'],
      [2, 'sunspec-meter'],
    ]);
  });
});

describe('what makes no sense is told in a sentence', () => {
  test.each([
    { line: '--nonsense', say: '--nonsense: there is no such option' },
    { line: 'word', say: 'word: an option begins with two dashes' },
    { line: '--data', say: '--data needs a value' },
    { line: '--data --fresh', say: '--data needs a value' },
    { line: '--fresh=3', say: '--fresh takes no value' },
    { line: '--https-port -1', say: '--https-port -1: expected a whole number from 0 to 65535' },
    { line: '--for -5', say: '--for -5: expected a whole number from 1 to 86400' },
    { line: '--https-port 18282 --mqtt-port 18282', say: '--https-port and --mqtt-port were both given 18282' },
    { line: '--mqtt-port 18282 --field-port 18282', say: '--mqtt-port and --field-port were both given 18282' },
    { line: '--data=', say: '--data needs a folder' },
    { line: '--https-port many', say: '--https-port many: expected a whole number' },
    { line: '--mqtt-port 70000', say: 'from 0 to 65535' },
    { line: '--for 0', say: '--for 0' },
    { line: '--tcp a', say: '--tcp a needs --profile NAME' },
    { line: '--tcp a:b --profile sunspec-der', say: 'HOST[:PORT][/UNIT]' },
    { line: '--tcp a --profile nothing', say: "there is no profile 'nothing'" },
    { line: '--tcp a --profile sunspec-der --profile sunspec-meter', say: 'two profiles' },
    { line: '--profile sunspec-der', say: 'belongs after a --tcp or --serial' },
    { line: '--serial /dev/x:50 --profile sunspec-der', say: 'PATH[:BAUD[:PARITY]][/UNIT]' },
    { line: '--image /no/such/dump', say: '/no/such/dump: there is no such file' },
    { line: '--image-profile sunspec-der', say: 'needs --image' },
    { line: '--no-site', say: 'leaves nothing to read' },
  ])('$line', ({ line, say }) => {
    expect(() => options(line)).toThrow(say);
  });

  test('a free port for each is no conflict', () =>
    expect(options('--https-port 0 --mqtt-port 0 --field-port 0')).toMatchObject({
      httpsPort: 0,
      mqttPort: 0,
      fieldPort: 0,
    }));

  test('help is help', () => expect(readOptions(['--help'])).toEqual({ ok: 'help' }));
});

test('the town belongs to the demonstration', () => {
  expect(options('--town').town).toBe(true);
  expect(readOptions(['--town', '--no-site', '--image', 'package.json'])).toMatchObject({
    ok: false,
    say: expect.stringMatching(/^--town/) as string,
  });
});

test('without options: the emulated site, on the usual ports', () => {
  expect(options('')).toMatchObject({
    site: true,
    real: [],
    httpsPort: undefined,
    mqttPort: undefined,
    fieldPort: undefined,
    fresh: false,
    readOnly: false,
    build: true,
  });
});

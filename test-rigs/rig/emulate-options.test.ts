import { expect, test } from 'vitest';
import { readEmulateOptions } from './emulate-options.ts';

const read = (line: string) => readEmulateOptions(line.split(' '));

test('devices and what belongs to them', () => {
  const parsed = read(
    '--unit 7 --profile eastron-sdm630 --fault lateRepliesMs=900 --fault holes=input:70,input:72 --profile sunspec-der --models 1,701 ' +
      '--set operatingState=fault --id der --image x.hex --unit 20 --pty /tmp/bus --baud 19200 --page off --seed 9 --for 5',
  );
  if (!parsed.ok) throw new Error(parsed.say);
  expect(parsed.options).toMatchObject({
    port: { kind: 'rtu-pty', link: '/tmp/bus' },
    baudRate: 19_200,
    pagePort: undefined,
    seed: 9,
    forS: 5,
  });
  expect(parsed.options.devices).toMatchObject([
    { what: 'profile', unit: 7, id: 'unit-7', faults: { lateRepliesMs: 900, holes: ['input:70', 'input:72'] } },
    { what: 'profile', unit: 8, id: 'der', models: [1, 701], values: { operatingState: 'fault' } },
    { what: 'image', source: 'x.hex', unit: 20, id: 'unit-20' },
  ]);
});

test.each([
  { line: '--tcp 1502', port: { kind: 'tcp', host: '127.0.0.1', port: 1502 } },
  { line: '--tcp 0.0.0.0:1502', port: { kind: 'tcp', host: '0.0.0.0', port: 1502 } },
  { line: '--rtu-tcp 4001', port: { kind: 'rtu-over-tcp', host: '127.0.0.1', port: 4001 } },
  { line: '--serial /dev/ttyUSB0', port: { kind: 'rtu-path', path: '/dev/ttyUSB0' } },
])('$line', ({ line, port }) => {
  const parsed = read(`${line} --profile eastron-sdm630`);
  expect(parsed.ok && parsed.options.port).toEqual(port);
});

test.each([
  { line: '--tcp 1502', say: /Which device\?/ },
  { line: '--profile x', say: /On which port\?/ },
  { line: '--profile x --tcp 1 --pty /tmp/b', say: /one port a rig/ },
  { line: '--profile x --tcp host', say: /no \[HOST:\]PORT/ },
  { line: '--profile x --tcp 70000', say: /no \[HOST:\]PORT/ },
  { line: '--profile x --pty /tmp/b --unit 248', say: /from 1 to 247/ },
  { line: '--profile x --tcp 1 --unit one', say: /whole number/ },
  { line: '--profile x --tcp 1 --id Meter', say: /small letters/ },
  { line: '--profile x --tcp 1 --set voltageV', say: /POINT=VALUE/ },
  { line: '--profile x --tcp 1 --models 1,x', say: /numbers of SunSpec models/ },
  { line: '--profile x --tcp 1 --rated much', say: /takes watts/ },
  { line: '--profile x --serial y --parity mark', say: /none, even or odd/ },
  { line: '--profile x --tcp 1 --baut 9600', say: /--baut/ },
])('$line is refused with what would be right', ({ line, say }) => {
  const parsed = read(line);
  expect(parsed.ok ? '' : parsed.say).toMatch(say);
});

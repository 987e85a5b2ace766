import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fakeTerminal } from '@tiepoint/agent/field/testing/fake-terminal.ts';
import { runRig } from './rig-program.ts';

test.each([
  { args: ['help'], code: 0, say: /tiepoint-rig emulate/ },
  { args: ['emulate', '--help'], code: 0, say: /--pty PATH/ },
  { args: ['help', 'record'], code: 0, say: /--ranges TABLE:FROM-TO/ },
  { args: ['help', 'record'], code: 0, say: /--parity even\|odd\|none/ },
  { args: ['profiles'], code: 0, say: /eastron-sdm630/ },
  { args: ['emulat'], code: 2, say: /Did you mean emulate\?/ },
  { args: ['emulate'], code: 2, say: /On which port\?/ },
  { args: ['record', '--out', 'x'], code: 2, say: /Which device\?/ },
  { args: ['record', '--tcp', '127.0.0.1:1', '--ranges', 'holding'], code: 2, say: /is no range/ },
  { args: ['record', '--tcp', '127.0.0.1:1'], code: 2, say: /Which registers\?/ },
  { args: ['record', '--tcp', '127.0.0.1:1', '--ranges', 'holding:0-1'], code: 1, say: /127.0.0.1:1/ },
  { args: ['record', '--nonsense'], code: 2, say: /tiepoint-rig help record/ },
])('rig $args ends with $code', async ({ args, code, say }) => {
  const terminal = fakeTerminal();
  expect(await runRig(args, terminal)).toBe(code);
  const said = code === 0 ? terminal.printed : terminal.complaints;
  expect(said.join('\n')).toMatch(say);
  expect(code === 0 ? terminal.complaints : terminal.printed).toEqual([]);
});

test('tells where its devices are, and ends with Ctrl-C', async () => {
  const terminal = fakeTerminal();
  const running = runRig(
    ['emulate', '--profile', 'eastron-sdm630', '--profile', 'kmtronic-relay', '--rtu-tcp', '0', '--page', 'off'],
    terminal,
  );
  await expect.poll(() => terminal.printed.at(-1)).toBe('Ctrl-C ends it.');
  expect(terminal.printed.join('\n')).toMatch(
    /unit-1 +unit 1 +eastron-sdm630[^]*unit-2[^]*at (127\.0\.0\.1:\d+); for example: tiepoint-agent watch --rtu-tcp \1 --unit 1 --profile eastron-sdm630/,
  );
  terminal.interrupt();
  expect(await running).toBe(130);
});

const ownProfile = `name: my-meter
make: M
model: M1
source: made up
kind: meter
capabilities: [meter]
identify: { anonymous: true, probes: [{ source: { table: input, address: 0 }, type: float32, within: [90, 300] }] }
control: none
points:
  voltageV: { source: { table: input, address: 0 }, type: float32 }
  activePowerW: { source: { table: input, address: 2 }, type: float32, positive: import }
  importedEnergyWh: { source: { table: input, address: 4 }, type: float32 }
commands: {}
`;

test.each([
  { what: 'a profile of one’s own, by its file', option: '--profile', file: 'm.yaml', text: ownProfile, is: 'watch' },
  {
    what: 'an image, which needs no profile',
    option: '--image',
    file: 'm.hex',
    text: '@input 0\n4366 0000\n',
    is: 'identify',
  },
])('the example that it tells can be typed: $what', async ({ option, file, text, is }) => {
  const folder = mkdtempSync(join(tmpdir(), 'rig-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, file);
  writeFileSync(path, text);
  const terminal = fakeTerminal();
  expect(await runRig(['emulate', option, path, '--tcp', '0', '--page', 'off', '--for', '1'], terminal)).toBe(0);
  const [, example = ''] = /for example: tiepoint-agent (.*)/.exec(terminal.printed.join('\n')) ?? [];
  expect(example.startsWith(`${is} --tcp 127.0.0.1:`)).toBe(true);
  expect(example.endsWith(option === '--profile' ? `--profile ${path}` : '--unit 1')).toBe(true);
});

test('ends by itself where it was told when', async () => {
  const terminal = fakeTerminal();
  const line = ['emulate', '--profile', 'eastron-sdm630', '--tcp', '0', '--page', 'off', '--for', '1'];
  expect(await runRig(line, terminal)).toBe(0);
});

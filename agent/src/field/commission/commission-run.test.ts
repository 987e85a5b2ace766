import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fakeTerminal } from '../testing/fake-terminal.ts';
import { OwnAuthority } from '../testing/own-authority.ts';
import { runCommission } from './commission-run.ts';

test('without a person and without answers nothing is begun, and both are named', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tiepoint-commission-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const config = join(folder, 'gateway.yaml');
  writeFileSync(
    config,
    `gateway: { id: gw-1, dataDir: ${folder}/data }\nmqtt: { url: mqtts://127.0.0.1:1 }\nbuses: [{ name: b, kind: tcp, host: 127.0.0.1, port: 9 }]\ndevices: [{ id: meter-1, bus: b, unit: 1, profile: eastron-sdm630 }]\n`,
  );
  await new OwnAuthority().lay(join(folder, 'identity'), 'gw-1');
  const terminal = fakeTerminal();
  expect(await runCommission({ values: { config }, positionals: [] }, terminal)).toBe(2);
  expect(terminal.complaints.join()).toMatch(/person at a terminal.*--answers FILE/);
  expect(existsSync(join(folder, 'data'))).toBe(false);
});

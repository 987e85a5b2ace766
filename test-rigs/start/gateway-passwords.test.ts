import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { emulatedGateways } from './gateway-file.ts';
import { gatewayIds, gatewayPasswords, headendFile } from './gateway-passwords.ts';

function place(): string {
  const path = mkdtempSync(join(tmpdir(), 'tiepoint-passwords-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return join(path, 'passwords.json');
}

test('each gateway gets one of its own, which stays; only this user reads it', () => {
  const file = place();
  const first = gatewayPasswords(file, ['gw-a', 'gw-b']);
  if (!first.ok) throw new Error(first.say);
  expect(first.value['gw-a']).toMatch(/^[\w-]{24}$/);
  expect(first.value['gw-a']).not.toBe(first.value['gw-b']);
  chmodSync(file, 0o644);
  const second = gatewayPasswords(file, ['gw-b', 'gw-c']);
  expect(second).toMatchObject({ ok: true, value: first.value });
  expect(Object.keys(JSON.parse(readFileSync(file, 'utf8')) as object)).toEqual(['gw-a', 'gw-b', 'gw-c']);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test.each(['', '[]', '{"gw-a": 1}', 'null'])('a file that holds %j is refused and left', (text) => {
  const file = place();
  writeFileSync(file, text);
  expect(gatewayPasswords(file, ['gw-a'])).toMatchObject({ ok: false, say: expect.stringContaining(file) });
  expect(readFileSync(file, 'utf8')).toBe(text);
});

test('the head-end is told all of them', () => {
  expect(parse(headendFile({ 'gw-a': '12345678', 'gw-b': 'abcdefgh' }, false))).toEqual({
    demonstration: false,
    operators: { secondFactor: 'required' },
    gateways: [
      { id: 'gw-a', password: '12345678' },
      { id: 'gw-b', password: 'abcdefgh' },
    ],
  });
});

test('the gateways of the emulated site are those that get one', () => {
  const bus = { kind: 'tcp', host: '127.0.0.1', port: 502 } as const;
  const served = ['meter-1', 'battery-1'].map((id) => ({ id, unit: 1, bus }));
  const ids = emulatedGateways(served).map(({ id }) => id);
  expect(gatewayIds({ site: true, image: undefined, real: [] })).toEqual(ids);
  expect(gatewayIds({ site: false, image: { file: '', profile: '' }, real: [{ unit: 1, profile: '', bus }] })).toEqual([
    'gw-image',
    'gw-real',
  ]);
});

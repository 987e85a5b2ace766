import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { profileHash } from '@tiepoint/hardware-profiles';
import { expect, onTestFinished, test } from 'vitest';
import { ConfigurationError, profileOf, readConfiguration } from './configuration.ts';
import { loadProfile, parseProfile } from './profile-file.ts';

const good = `
name: my-meter
make: Acme
model: M1
source: label of the device
kind: meter
capabilities: []
identify:
  probes:
    - { source: { table: input, address: 0 }, type: uint16, equals: 4711 }
control: none
points:
  voltageV: { source: { table: input, address: 2 }, type: float32 }
commands: {}
`;

function folder(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'tiepoint-profile-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}

test('YAML and JSON of the same content are the same profile', () => {
  const yaml = parseProfile(good, 'm.yaml');
  if (!yaml.ok) throw new Error(yaml.errors.join('\n'));
  expect(yaml.profile).toMatchObject({ name: 'my-meter', points: { voltageV: { type: 'float32' } } });
  const json = parseProfile(JSON.stringify(yaml.profile, undefined, 2), 'm.json');
  expect(json.ok && json.hash).toBe(yaml.hash);
  expect(yaml.hash).toBe(profileHash(yaml.profile));
});

test.each([
  {
    name: 'a wrong type',
    text: good.replace('float32', 'flaot32'),
    error: /^m\.yaml:13 +points\.voltageV\.type: .*flaot32/,
  },
  { name: 'a missing part', text: good.replace('kind: meter\n', ''), error: /^m\.yaml:\d+ +kind: / },
  {
    name: 'an unknown point',
    text: good.replace('voltageV', 'voltagV'),
    error: /^m\.yaml:13 .*voltagV: is no point.*Did you mean voltageV\?/,
  },
  {
    name: 'the name of a built-in one',
    text: good.replace('my-meter', 'eastron-sdm630'),
    error: /^m\.yaml:2 +name: .*built in/,
  },
  { name: 'broken YAML', text: `${good}\n  x: [`, error: /^m\.yaml:\d+ +/ },
  { name: 'another document', text: '- 1\n- 2\n', error: /^m\.yaml:1 / },
  { name: 'nothing', text: '', error: /^m\.yaml:1 / },
  { name: 'no text at all', text: `"\u0001\u0002\u001B${'x'.repeat(5_000)}`, error: /^m\.yaml:\d+ +[ -~·…]{1,210}$/ },
])('$name is told with line and path', ({ text, error }) => {
  const parsed = parseProfile(text, 'm.yaml');
  expect(parsed.ok).toBe(false);
  expect(parsed.ok ? [] : parsed.errors).toContainEqual(expect.stringMatching(error));
});

test('a name, a file, or neither', () => {
  const directory = folder({ 'my.yaml': good });
  expect(loadProfile('eastron-sdm630')).toMatchObject({ ok: true, profile: { make: 'Eastron' } });
  expect(loadProfile(join(directory, 'my.yaml'))).toMatchObject({ ok: true, profile: { name: 'my-meter' } });
  expect(loadProfile(join(directory, 'no.yaml'))).toMatchObject({
    ok: false,
    errors: [expect.stringMatching(/no\.yaml: there is no such file$/)],
  });
  expect(loadProfile('nobody')).toMatchObject({
    ok: false,
    errors: [expect.stringMatching(/there is no profile 'nobody'/)],
  });
});

const gateway = (profiles: string) => `
gateway: { id: gw-1, dataDir: data }
mqtt: { url: 'mqtts://127.0.0.1' }
profiles: ${profiles}
buses: [{ name: b, kind: tcp, host: 127.0.0.1 }]
devices: [{ id: m, bus: b, unit: 1, profile: my-meter }]
`;

test("a gateway's configuration takes profiles from files beside it", () => {
  const directory = folder({ 'gw.yaml': gateway('[./my.yaml]'), 'my.yaml': good });
  const { settings } = readConfiguration(join(directory, 'gw.yaml'));
  expect(settings.profiles.map(({ name }) => name)).toEqual(['my-meter']);
  expect(profileOf(settings, 'my-meter')).toBe(settings.profiles[0]);
  expect(profileOf(settings, 'eastron-sdm630')?.make).toBe('Eastron');
});

test.each([
  {
    name: 'a file that is not there',
    profiles: '[./no.yaml]',
    error: /gw\.yaml:4 +profiles\[0\]: \.\/no\.yaml\n.*no such file/,
  },
  {
    name: 'a wrong file',
    profiles: '[./wrong.yaml]',
    error: /gw\.yaml:4 .*\n.*wrong\.yaml:13 +points\.voltageV\.type/,
  },
  { name: 'one twice', profiles: '[./my.yaml, ./my.yaml]', error: /profiles\[1\]: 'my-meter' is there twice/ },
  { name: 'none', profiles: '[]', error: /there is no profile 'my-meter'/ },
  { name: 'no list', profiles: '5', error: /gw\.yaml:4 +profiles: 5/ },
])('$name is told with its place', ({ profiles, error }) => {
  const wrong = good.replace('float32', 'flaot32');
  const directory = folder({ 'gw.yaml': gateway(profiles), 'my.yaml': good, 'wrong.yaml': wrong });
  expect(() => readConfiguration(join(directory, 'gw.yaml'))).toThrow(ConfigurationError);
  expect(() => readConfiguration(join(directory, 'gw.yaml'))).toThrow(error);
});

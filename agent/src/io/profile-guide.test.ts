import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadProfile } from './profile-file.ts';

const guide = readFileSync(join(import.meta.dirname, '../../../hardware-profiles/profiles/README.md'), 'utf8');
const examples = [...guide.matchAll(/```yaml\n(name: .*?)```/gs)].map(([, text]) => text ?? '');

test.each([
  { name: 'my-sdm230', commands: [] },
  { name: 'my-recloser', commands: ['disconnect', 'connect'] },
])('the profile $name of the guide "your device in 15 minutes" is good as it stands there', ({ name, commands }) => {
  const directory = mkdtempSync(join(tmpdir(), 'tiepoint-guide-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'my-device.yaml');
  writeFileSync(file, examples.find((text) => text.startsWith(`name: ${name}\n`)) ?? '');
  const loaded = loadProfile(file);
  expect(loaded.ok ? [] : loaded.errors).toEqual([]);
  expect(loaded).toMatchObject({ profile: { name, kind: 'meter' } });
  expect(loaded.ok ? Object.keys(loaded.profile.commands) : []).toEqual(commands);
});

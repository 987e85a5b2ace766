import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadProfile } from './profile-file.ts';

const guide = join(import.meta.dirname, '../../../hardware-profiles/profiles/README.md');

test('the profile in the guide "your device in 15 minutes" is good as it stands there', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tiepoint-guide-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'my-device.yaml');
  writeFileSync(file, /```yaml\n(name: .*?)```/s.exec(readFileSync(guide, 'utf8'))?.[1] ?? '');
  expect(loadProfile(file)).toMatchObject({ ok: true, profile: { name: 'my-sdm230', kind: 'meter' } });
});

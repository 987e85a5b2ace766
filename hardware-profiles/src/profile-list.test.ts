import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { layOut, profiles } from './index.ts';
import type { Profile } from './index.ts';
import { deviceModel } from './resolve-device.ts';

const readme = readFileSync(new URL('../profiles/README.md', import.meta.url), 'utf8');

/** Rows of the tables in the README. Of the last column only whether something tells the device apart: the words are for people. */
const listed = readme.split('\n').flatMap((line) => {
  const [name, device, commands, apart] = line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
  return /^`[\w-]+`$/.test(name ?? '')
    ? [{ name: name?.slice(1, -1), device, commands, named: apart !== 'nothing' }]
    : [];
});

test('the README lists every profile with what it can do', () => {
  const byName = (a: { name?: string | undefined }, b: { name?: string | undefined }): number =>
    (a.name ?? '').localeCompare(b.name ?? '');
  expect(listed.toSorted(byName)).toEqual(profiles.map(row).toSorted(byName));
});

test('the README counts them', () => {
  expect(readme).toContain(`\n${profiles.length} profiles. `);
});

function row(profile: Profile): (typeof listed)[number] {
  const { name, make, model, commands, identify } = profile;
  const withheld = withheldOf(profile);
  return {
    name,
    device: `${make} ${model}`,
    commands:
      Object.keys(commands)
        .map((kind) => (withheld.has(kind) ? `${kind}*` : kind))
        .join(', ') || 'reads only',
    named: !('anonymous' in identify),
  };
}

/** What a device that has all of its profile may not be told before its unconfirmed registers were checked. */
function withheldOf(profile: Profile): ReadonlySet<string> {
  const { model, image } = layOut(profile);
  const layout = { points: model.points, nameplate: model.nameplate };
  const { withheld } = deviceModel(profile, { chain: model.sunspecModels ?? [], layout, image }, {}, []);
  return new Set(withheld.map(({ kind }) => kind));
}

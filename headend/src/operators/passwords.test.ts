import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { drawOneTimePassword, drawRecoveryCode, passwordFault, PasswordHasher } from './passwords.ts';
import { Vault } from './vault.ts';

test.each([
  ['correct horse battery', 'no fault'],
  ['short one', 'at least 12'],
  ['aaaaaaaaaaaaaaaa', 'repeats'],
  ['the password of Ada', 'the name of its account'],
  ['Password-1234', 'guessed first'],
  [`${'long word '.repeat(40)}`, 'at most 256'],
])('%s: %s', (password, fault) => {
  expect(passwordFault(password, 'ada') ?? 'no fault').toContain(fault);
});

test('a hash fits its password alone, and only with the key beside the database', async () => {
  const hasher = new PasswordHasher(new Vault(randomBytes(32)));
  const made = await hasher.make('correct horse battery');
  if (made === 'busy') throw new Error('busy');
  expect(await hasher.fits('correct horse battery', made, true)).toBe(true);
  expect(await hasher.fits('correct horse batteries', made, true)).toBe(false);
  expect(await hasher.fits('correct horse battery', undefined, true)).toBe(false);
  // The same letters however they are composed.
  const composed = await hasher.make('caf\u00e9 au lait, please');
  expect(composed !== 'busy' && (await hasher.fits('cafe\u0301 au lait, please', composed, true))).toBe(true);
  expect(await new PasswordHasher(new Vault(randomBytes(32))).fits('correct horse battery', made, true)).toBe(false);
});

test('a flood is answered busy at once, those known go first, and nobody waits for ever', async () => {
  const hasher = new PasswordHasher(new Vault(randomBytes(32)));
  const order: string[] = [];
  const strangers = Array.from({ length: 100 }, async () => {
    const fits = await hasher.fits('a guess', undefined, false);
    if (fits !== 'busy') order.push('stranger');
    return fits;
  });
  const known = hasher.fits('a guess', undefined, true).then((fits) => {
    order.push('known');
    return fits;
  });
  const said = await Promise.all(strangers);
  expect(await known).toBe(false);
  expect(said.filter((fits) => fits === 'busy').length).toBe(82); // two at once, sixteen waiting
  expect(order.indexOf('known')).toBeLessThan(4);
});

test('what is drawn is long enough, and not twice the same', () => {
  const drawn = Array.from({ length: 200 }, drawOneTimePassword);
  expect(new Set(drawn).size).toBe(200);
  for (const each of drawn) expect(each).toMatch(/^([a-hj-km-np-z2-9]{5}-){3}[a-hj-km-np-z2-9]{5}$/);
  expect(drawRecoveryCode()).toMatch(/^[a-hj-km-np-z2-9]{6}-[a-hj-km-np-z2-9]{6}$/);
});

test('what is sealed opens with its key and name alone', () => {
  const [vault, other] = [new Vault(randomBytes(32)), new Vault(randomBytes(32))];
  const sealed = vault.seal('secret', 'ada');
  expect(vault.open(sealed, 'ada')).toBe('secret');
  expect(vault.open(sealed, 'bob')).toBeUndefined();
  expect(other.open(sealed, 'ada')).toBeUndefined();
  expect(vault.open(`${sealed.slice(0, -8)}AAAAAAA=`, 'ada')).toBeUndefined();
});

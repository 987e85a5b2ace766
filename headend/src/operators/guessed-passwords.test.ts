import { expect, test } from 'vitest';
import { isGuessedFirst } from './guessed-passwords.ts';

test.each([
  'password1234',
  'Passwort2026!',
  'P@ssw0rd!2024x',
  'qwertyuiop12',
  '1qaz2wsx3edc',
  '123456789012',
  '210987654321',
  'administrator',
  'AdminAdmin123',
  'Summer2026!Winter',
  'tiepoint-scada-1',
  'iloveyouiloveyou',
  'abcdefghijklm',
  'correct_horse_battery_staple',
])('%s is guessed first', (password) => expect(isGuessedFirst(password)).toBe(true));

test.each([
  'correct horse battery',
  'four words of one’s own',
  'the gateway in my grandmother’s kitchen',
  'x7#kd!93mfpq',
  'пароль из четырёх слов',
  '駅前の古い喫茶店で会う約束',
])('%s is not', (password) => expect(isGuessedFirst(password)).toBe(false));

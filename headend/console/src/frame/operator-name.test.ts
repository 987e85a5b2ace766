import { expect, test } from 'vitest';
import { checkName } from './operator-name.ts';

test.each([
  ['  Ana   Díaz ', 'Ana Díaz'],
  ['B. Müller (night shift)', 'B. Müller (night shift)'],
])('%s is kept as %s', (text, name) => expect(checkName(text)).toEqual({ ok: true, name }));

test.each(['', '   ', 'x'.repeat(121), '小林', 'a\u0000b', 'soft\u00adhyphen', 'Head-End', 'agent of g.m'])(
  '%j is refused with a sentence',
  (text) => {
    expect(checkName(text)).toMatchObject({ ok: false, say: expect.stringMatching(/\w{4}/) });
  },
);

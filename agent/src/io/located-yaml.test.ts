import { expect, test } from 'vitest';
import { parseYaml, whyUnread, whyUnwritable } from './located-yaml.ts';

test.each([
  { name: 'a program', text: '\x7FELF\0: %s\n', errors: [/^f\.yaml: is no text/] },
  { name: 'one fault', text: 'a: 1\nb: [', errors: [/^f\.yaml:2 {2}/] },
  {
    name: 'faults without end',
    text: 'a: "b" c\n'.repeat(30),
    errors: [...Array<RegExp>(10).fill(/^f\.yaml:\d+ {2}/), /^f\.yaml: and \d+ more$/],
  },
])('$name fills no screen', ({ text, errors }) => {
  const read = parseYaml(text, 'f.yaml');
  expect(read.ok ? [] : read.errors).toEqual(errors.map((each) => expect.stringMatching(each) as string));
});

test.each([
  { code: 'ENOENT', unread: 'there is no such file', unwritable: 'its folder is not there' },
  { code: 'EISDIR', unread: 'is a folder, and no file', unwritable: 'is a folder, and no file' },
  { code: 'EACCES', unread: 'cannot be read (EACCES: …)', unwritable: 'may not be written here' },
  { code: 'ENOSPC', unread: 'cannot be read (ENOSPC: …)', unwritable: 'cannot be written (ENOSPC: …)' },
])('$code in words', ({ code, unread, unwritable }) => {
  const error = Object.assign(new Error(`${code}: …`), { code });
  expect([whyUnread(error), whyUnwritable(error)]).toEqual([unread, unwritable]);
});

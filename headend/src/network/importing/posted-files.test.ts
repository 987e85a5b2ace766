import { expect, test } from 'vitest';
import { filesIn, postedFiles } from './posted-files.ts';

const posted = async (...parts: readonly (readonly [role: string, name: string, text: string])[]) => {
  const form = new FormData();
  for (const [role, name, text] of parts) form.append(role, name === '' ? text : new File([text], name));
  const response = new Response(form);
  return await postedFiles(new Uint8Array(await response.arrayBuffer()), response.headers.get('content-type') ?? '');
};

test('the files of a form, by what they are', async () => {
  const { files, ...named } = await posted(
    ['network', 'Master.dss', 'clear'],
    ['include', 'sub\\Lines.dss', 'new line.a'],
    ['customers', 'c.csv', 'customer'],
  );
  expect(named).toEqual({ file: 'Master.dss', customers: 'c.csv' });
  expect(files.read(files.join(files.folderOf('Master.dss'), 'SUB/lines.DSS'))).toBe('new line.a');
  expect([...files.chunks('c.csv')]).toEqual(['customer']);
  expect(() => [...files.chunks('d.csv')]).toThrow('d.csv did not come along');
});

test.each([
  ['without a beginning', [['include', 'a.dss', 'x']], /no part network/],
  ['with what nobody knows', [['picture', 'a.png', 'x']], /a part picture: it is network, include/],
  ['with a name over several lines', [['network', 'a\u2028\0b.dss', 'x']], /part network has no name of a file/],
  ['with a text', [['network', '', 'x']], /part network is no file/],
  [
    'with two beginnings',
    [
      ['network', 'a.dss', 'x'],
      ['network', 'b.dss', 'x'],
    ],
    /network is one file/,
  ],
  [
    'with one file twice',
    [
      ['network', 'a.dss', 'x'],
      ['include', 'A.dss', 'x'],
    ],
    /A\.dss came twice/,
  ],
  [
    'with too many',
    Array.from({ length: 202 }, (_, at) => ['include', `f${at}.dss`, 'x'] as const),
    /more than 200 files/,
  ],
] as const)('a form %s is refused', async (_, parts, say) => {
  await expect(posted(...parts)).rejects.toThrow(say);
});

test('what is no form is refused', async () => {
  await expect(postedFiles(new TextEncoder().encode('x'), 'multipart/form-data')).rejects.toThrow(/no form of files/);
});

const set = filesIn(
  new Map(['master.dss', 'lines.dss', 'a/loads.dss', 'b/loads.dss'].map((name) => [name, `text of ${name}`])),
);
test.each([
  ['.', 'Lines.dss', 'lines.dss'],
  ['.', '..\\..\\Lines.dss', 'lines.dss'],
  ['.', 'C:\\feeders\\Lines.dss', 'lines.dss'],
  ['.', '/etc/feeders/lines.dss', 'lines.dss'],
  ['a', 'loads.dss', 'a/loads.dss'],
  ['a', '../b/Loads.dss', 'b/loads.dss'],
  ['elsewhere', 'loads.dss', undefined], // of two nobody knows which
  ['.', '/etc/passwd', undefined],
  ['.', 'none.dss', undefined],
])('from %s, %s is %s', (folder, path, name) => {
  const joined = set.join(folder, path);
  expect(set.read(joined)).toBe(name === undefined ? undefined : `text of ${name}`);
  expect(name ?? joined).toBe(joined);
});

import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { formatImage, loadImageFile, parseImage, saveImageFile } from './image-file.ts';
import { RegisterImage, registerTables } from './register-image.ts';

const dump = path.resolve(import.meta.dirname, '../../../shared/data/devices/sma-sunnyboy-3.6-day.hex');

test.skipIf(!existsSync(dump))('the dump of a real inverter: SunS, its models, its name', async () => {
  const loaded = await loadImageFile(dump);
  if (!loaded.ok) throw new Error(loaded.say);
  expect(loaded.image.getWords('holding', 40_000, 4)).toEqual([0x5375, 0x6e53, 1, 66]);
  expect(modelIds(loaded.image)).toEqual(expect.arrayContaining([1, 11, 12, 101, 120, 122, 123]));
  expect(loaded.image.read('holding', 40_000, 125).ok).toBe(true);
});

function modelIds(image: RegisterImage): number[] {
  const ids: number[] = [];
  for (let at = 40_002; ids.length < 100;) {
    const [id = 0xffff, length = 0] = image.getWords('holding', at, 2) ?? [];
    if (id === 0xffff) break;
    ids.push(id);
    at += 2 + length;
  }
  return ids;
}

test('directives, comments and holes', () => {
  const parsed = parseImage(
    '# head\n5375 6e53 # tail\n@ 0x10\n0001 ---- 0003\n@input 5\nFFFF\n@ coil 2\n0001\n',
    'x.hex',
  );
  if (!parsed.ok) throw new Error(parsed.say);
  const { image } = parsed;
  expect(image.getWords('holding', 40_000, 2)).toEqual([0x5375, 0x6e53]);
  expect(image.read('holding', 16, 1)).toEqual({ ok: true, words: [1] });
  expect(image.read('holding', 17, 1)).toEqual({ ok: false, exception: 2 });
  expect(image.read('holding', 18, 1)).toEqual({ ok: true, words: [3] });
  expect(image.get('input', 5)).toBe(0xffff);
  expect(image.get('coil', 2)).toBe(1);
});

describe('errors name file and line', () => {
  test.each([
    { text: '0001\n53Z4', says: 'x.hex:2: "53Z4" is no register; write four hex digits, or ---- for a hole' },
    { text: '00001', says: 'x.hex:1: "00001" is no register; write four hex digits, or ---- for a hole' },
    {
      text: '@ 70000\n0001',
      says: 'x.hex:1: "@ 70000" is no address line; write for example "@ 40000" or "@input 0x10"',
    },
    { text: '@relay 0', says: 'x.hex:1: "@relay 0" is no address line; write for example "@ 40000" or "@input 0x10"' },
    { text: '@coil 0\n0002', says: 'x.hex:2: "0002" is no coil state; write 0000 or 0001' },
    { text: '@ 65535\n0001 0002', says: 'x.hex:2: "0002" would be at holding 65536; the last address is 65535' },
    {
      text: '@ 1\n0001\n@ 0\n0000 0001',
      says: 'x.hex:4: holding 1 was given in line 2 already; change one of the @ lines',
    },
    { text: '# nothing', says: 'x.hex: holds no registers; write hex words such as "5375 6E53"' },
  ])('$says', ({ text, says }) => {
    expect(parseImage(text, 'x.hex')).toMatchObject({ ok: false, reason: 'bad-image', errors: [says] });
  });
  test('several, and a bound', () => {
    const parsed = parseImage('zz\nyy\n', 'x.hex');
    expect(parsed).toMatchObject({
      ok: false,
      errors: [expect.stringMatching(/^x.hex:1/), expect.stringMatching(/^x.hex:2/)],
    });
    const many = parseImage('zz\n'.repeat(1000), 'x.hex');
    expect(many.ok ? 0 : many.errors.length).toBe(20);
  });
  test('a file that is not there', async () => {
    expect(await loadImageFile('/nowhere/x.hex')).toMatchObject({ ok: false, reason: 'unreadable-file' });
  });
});

test('what is written is read back the same', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'image-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const image = new RegisterImage();
  image.set('holding', 65_530, [1, 2, 3, 4, 5, 6]);
  image.makeHole('holding', 65_531);
  image.set(
    'input',
    0,
    Array.from({ length: 33 }, (_, i) => i * 1000),
  );
  await saveImageFile(path.join(folder, 'x.hex'), image);
  const loaded = await loadImageFile(path.join(folder, 'x.hex'));
  if (!loaded.ok) throw new Error(loaded.say);
  expect(formatImage(loaded.image)).toBe(formatImage(image));
  expect(loaded.image.getWords('input', 0, 33)).toEqual(image.getWords('input', 0, 33));
});

test('any image survives the file; any text is an image or errors', () => {
  const entry = fc.record({
    table: fc.constantFrom(...registerTables),
    address: fc.nat(0xffff),
    word: fc.nat(0xffff),
    hole: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 60 }), (entries) => {
      const image = new RegisterImage();
      for (const { table, address, word, hole } of entries) {
        if (hole) image.makeHole(table, address);
        else image.set(table, address, table === 'coil' || table === 'discrete' ? word & 1 : word);
      }
      const parsed = parseImage(formatImage(image), 'x.hex');
      if (!parsed.ok) throw new Error(parsed.say);
      for (const { table, address } of entries) {
        expect(parsed.image.read(table, address, 1)).toEqual(image.read(table, address, 1));
      }
    }),
  );
  fc.assert(fc.property(fc.string({ maxLength: 200 }), (text) => typeof parseImage(text, 'x.hex').ok === 'boolean'));
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { telegramImage } from './registers.ts';
import { readTelegram, TelegramSplitter } from './telegram.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const lines = (...all: string[]): string => all.map((line) => `${line}\r\n`).join('');

// The objects of the example in the P1 companion standard 5.0.2, chapter 6.13, with its CRC.
const dsmr5 = lines(
  '/ISk5\\2MT382-1000',
  '',
  '1-3:0.2.8(50)',
  '0-0:1.0.0(101209113020W)',
  '0-0:96.1.1(4B384547303034303436333935353037)',
  '1-0:1.8.1(123456.789*kWh)',
  '1-0:1.8.2(123456.789*kWh)',
  '1-0:2.8.1(123456.789*kWh)',
  '1-0:2.8.2(123456.789*kWh)',
  '0-0:96.14.0(0002)',
  '1-0:1.7.0(01.193*kW)',
  '1-0:2.7.0(00.000*kW)',
  '0-0:96.7.21(00004)',
  '0-0:96.7.9(00002)',
  '1-0:99.97.0(2)(0-0:96.7.19)(101208152415W)(0000000240*s)(101208151004W)(0000000301*s)',
  '1-0:32.32.0(00002)',
  '1-0:52.32.0(00001)',
  '1-0:72.32.0(00000)',
  '1-0:32.36.0(00000)',
  '1-0:52.36.0(00003)',
  '1-0:72.36.0(00000)',
  '0-0:96.13.0(303132333435363738393A3B3C3D3E3F303132333435363738393A3B3C3D3E3F303132333435363738393A3B3C3D3E3F303132333435363738393A3B3C3D3E3F303132333435363738393A3B3C3D3E3F)',
  '1-0:32.7.0(220.1*V)',
  '1-0:52.7.0(220.2*V)',
  '1-0:72.7.0(220.3*V)',
  '1-0:31.7.0(001*A)',
  '1-0:51.7.0(002*A)',
  '1-0:71.7.0(003*A)',
  '1-0:21.7.0(01.111*kW)',
  '1-0:41.7.0(02.222*kW)',
  '1-0:61.7.0(03.333*kW)',
  '1-0:22.7.0(04.444*kW)',
  '1-0:42.7.0(05.555*kW)',
  '1-0:62.7.0(06.666*kW)',
  '0-1:24.1.0(003)',
  '0-1:96.1.0(3232323241424344313233343536373839)',
  '0-1:24.2.1(101209112500W)(12785.123*m3)',
).concat('!E47C\r\n');

const read = (text: string, checksum: 'crc16' | 'none' = 'crc16') => {
  const telegram = readTelegram(bytes(text), checksum);
  if (!telegram.ok) throw new Error(telegram.say);
  return telegram.value;
};

describe('a telegram', () => {
  test.each([
    { code: '1-0:1.7.0', is: 1193 },
    { code: '1-0:16.7.0', is: 1193 },
    { code: '1-0:36.7.0', is: -3333 },
    { code: '1-0:1.8.0', is: 246_913_578 },
    { code: '1-0:72.7.0', is: 220.3 },
    { code: '1-0:71.7.0', is: 3 },
    { code: '0-0:96.3.10', is: undefined },
    { code: '0-1:24.2.1', is: undefined },
  ])('the example of the standard: $code is $is', ({ code, is }) => {
    expect(read(dsmr5).numbers.get(code)).toBe(is);
  });

  test('who it is', () => {
    const { identification, texts } = read(dsmr5);
    expect([identification, texts.get('0-0:96.1.1'), texts.get('1-3:0.2.8')]).toEqual([
      'ISk5\\2MT382-1000',
      'K8EG004046395507',
      '50',
    ]);
  });

  const old = lines(
    '/KMP5 KA6U001660297912',
    '',
    '1-0:1.7.0(0003.20*kW)',
    '1-0:2.7.0(0000.00*kW)',
    '0-0:96.3.10(1)',
    '!',
  );
  test.each([
    { what: 'a digit changed', text: dsmr5.replace('220.1*V', '221.1*V'), say: 'CRC is E47C, counted' },
    { what: 'an old meter where a CRC is due', text: old, say: 'checksum: none' },
    { what: 'no telegram', text: 'hello', say: 'begins with /' },
  ])('$what is refused', ({ text, say }) => {
    const refused = readTelegram(bytes(text), 'crc16');
    expect(!refused.ok && refused.say).toContain(say);
  });

  test('an old meter without CRC', () => {
    const { numbers } = read(old, 'none');
    expect([numbers.get('1-0:16.7.0'), numbers.get('0-0:96.3.10')]).toEqual([3200, 1]);
  });

  test.each([
    '1-0:1.7.0(1e9*kW)',
    '1-0:1.7.0(-1*kW)',
    '1-0:1.7.0(NaN*kW)',
    '1-0:1.7.0(1*MW)',
    '1-0:1.7.0()',
    '1-0:1.7.0',
  ])('what is no number is unknown: %s', (line) => {
    expect(read(lines('/X', line, '!'), 'none').numbers.get('1-0:1.7.0')).toBeUndefined();
  });

  test('random and changed bytes never throw, and no changed telegram passes for a right one', () => {
    const good = bytes(dsmr5);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (noise) => {
        readTelegram(noise, 'none');
        for (const each of new TelegramSplitter().take(noise)) readTelegram(each, 'crc16');
      }),
    );
    fc.assert(
      fc.property(fc.nat(good.length - 8), fc.integer({ min: 1, max: 127 }), (at, flip) => {
        const changed = good.map((byte, index) => (index === at ? byte ^ flip : byte));
        expect(readTelegram(changed, 'crc16').ok).toBe(false);
      }),
    );
  });
});

describe('a stream', () => {
  test.each([
    { what: 'begins in the middle', stream: dsmr5.slice(200) + dsmr5, whole: 1 },
    { what: 'two in a row', stream: dsmr5 + dsmr5, whole: 2 },
    { what: 'one cut short by the next', stream: dsmr5.slice(0, 300) + '\r\n' + dsmr5, whole: 1 },
    { what: 'endless noise', stream: `/${'x'.repeat(100_000)}\n${dsmr5}`, whole: 1 },
  ])('$what: $whole whole, however it is cut', ({ stream, whole }) => {
    for (const size of [1, 7, 64, stream.length]) {
      const splitter = new TelegramSplitter();
      const found: Uint8Array[] = [];
      for (let at = 0; at < stream.length; at += size) found.push(...splitter.take(bytes(stream.slice(at, at + size))));
      expect(found.filter((each) => readTelegram(each, 'crc16').ok)).toHaveLength(whole);
    }
  });
});

test('laid out as registers: what was sent, and not a number where nothing was', () => {
  const image = telegramImage(read(dsmr5));
  const at = (address: number) => image.words({ table: 'input', address, words: 4 });
  expect(at(0)).toEqual([0x4092, 0xa400, 0, 0]);
  // The frequency, which this meter does not tell, is the 19th; the state of its switch the first of the states.
  expect(at(72)).toEqual([0x7ff8, 0, 0, 0]);
  expect(image.get('input', 900)).toBe(0xffff);
});

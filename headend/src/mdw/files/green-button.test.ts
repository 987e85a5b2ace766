import { expect, test } from 'vitest';
import { readGreenButton } from './green-button.ts';

const point = '/espi/1_1/resource/RetailCustomer/9/UsagePoint/5446AF3F';
const startS = Date.parse('2026-03-31T00:00:00-07:00') / 1_000;

const entry = (self: string, links: readonly string[], content: string): string =>
  `<entry><link rel="self" href="${self}"/>${links.join('')}<content>${content}</content></entry>`;
const related = (href: string): string => `<link rel="related" href="${href}"/>`;
const up = (href: string): string => `<link rel="up" href="${href}"/>`;
const type = (id: string, values: Record<string, number>): string =>
  entry(
    `/espi/ReadingType/${id}`,
    [],
    `<ReadingType xmlns="http://naesb.org/espi">${Object.entries({
      accumulationBehaviour: 4,
      flowDirection: 1,
      powerOfTenMultiplier: 0,
      uom: 72,
      ...values,
    })
      .map(([name, value]) => `<${name}>${value}</${name}>`)
      .join('')}</ReadingType>`,
  );
const reading = (id: string, typeId: string): string =>
  entry(
    `${point}/MeterReading/${id}`,
    [
      up(`${point}/MeterReading`),
      related(`${point}/MeterReading/${id}/IntervalBlock`),
      related(`/espi/ReadingType/${typeId}`),
    ],
    '<MeterReading xmlns="http://naesb.org/espi"/>',
  );
type Reading = { readonly value?: number; readonly quality?: number; readonly atS?: number; readonly lengthS?: number };
const block = (id: string, readings: readonly Reading[], dayS = startS): string =>
  entry(
    `${point}/MeterReading/${id}/IntervalBlock/1`,
    [up(`${point}/MeterReading/${id}/IntervalBlock`)],
    `<IntervalBlock xmlns="http://naesb.org/espi"><interval><duration>86400</duration><start>${dayS}</start></interval>
${readings
  .map(
    ({ value, quality, lengthS = 900, atS = dayS }, index) =>
      `<IntervalReading>${quality === undefined ? '' : `<ReadingQuality><quality>${quality}</quality></ReadingQuality>`}<timePeriod><duration>${lengthS}</duration><start>${atS + index * lengthS}</start></timePeriod>${value === undefined ? '' : `<value>${value}</value>`}</IntervalReading>`,
  )
  .join('\n')}</IntervalBlock>`,
  );
const usage = (kind = 0): string =>
  entry(
    point,
    [related(`${point}/MeterReading`)],
    `<UsagePoint xmlns="http://naesb.org/espi"><ServiceCategory><kind>${kind}</kind></ServiceCategory></UsagePoint>`,
  );
const local = (offsetS: number): string =>
  entry(
    '/l',
    [],
    `<LocalTimeParameters xmlns="http://naesb.org/espi"><tzOffset>${offsetS}</tzOffset></LocalTimeParameters>`,
  );
const feed = (...entries: readonly string[]): string =>
  `<?xml version="1.0"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n${entries.join('\n')}\n</feed>`;
const read = (text: string, more = {}) => readGreenButton('f.xml', text, { timeZone: 'America/Los_Angeles', ...more });
const told = (text: string, more = {}): readonly string[] => read(text, more).findings.map(({ say }) => say);
const values = (text: string) => read(text).intervals.map(({ importWh, exportWh }) => [importWh, exportWh]);

test.each([false, true])('an instant that no calendar has is told; local as UTC: %s', (isLocalAsUtc) => {
  const text = feed(reading('01', '07'), type('07', {}), usage(), block('01', [{ value: 1, atS: 9e14 }]));
  expect(told(text, { isLocalAsUtc })).toContain('begins at 900000000000000 s since 1970, which is no time');
});

test('readings of import and export of one meter become one interval each, in whatever order entries come', () => {
  const text = feed(
    block('01', [{ value: 282, quality: 8 }, { value: 323, quality: 17 }, {}]),
    block('02', [{ value: 5 }]),
    reading('01', '07'),
    reading('02', '08'),
    type('07', {}),
    type('08', { flowDirection: 19, powerOfTenMultiplier: 3 }),
    usage(),
    local(-28_800),
  );
  expect(read(text).findings).toEqual([]);
  expect(read(text).intervals).toMatchObject([
    { meter: '5446AF3F', startS, lengthS: 900, importWh: 282, exportWh: 5_000, isEstimate: true },
    { meter: '5446AF3F', startS: startS + 900, lengthS: 900, importWh: 323 },
  ]);
  expect(read(text, { meter: 'M-1' }).intervals[0]?.meter).toBe('M-1');
});

test.each([
  [{ powerOfTenMultiplier: -3 }, 1_500, [[1.5, undefined]]],
  [{ powerOfTenMultiplier: 3 }, 2, [[2_000, undefined]]],
  [{ flowDirection: 4 }, -7, [[0, 7]]],
  [{ flowDirection: 4 }, 7, [[7, 0]]],
  [{ uom: 38, accumulationBehaviour: 6, powerOfTenMultiplier: 3 }, 4, [[1_000, undefined]]],
])('%o makes of %i …', (kind, value, expected) => {
  expect(values(feed(usage(), reading('01', '07'), type('07', kind), block('01', [{ value }])))).toEqual(expected);
});

test('without links the only ones of the file belong together', () => {
  const bare = feed(usage(), type('07', {}), block('01', [{ value: 3 }]));
  expect(read(bare).findings).toEqual([]);
  expect(values(bare)).toEqual([[3, undefined]]);
});

test.each([
  [{ accumulationBehaviour: 3 }, { value: 1 }, /accumulationBehaviour 3 is not deltaData/],
  [{ uom: 169 }, { value: 1 }, /uom 169 is neither Wh/],
  [{ uom: 38 }, { value: 1 }, /not said to be the mean/],
  [{ flowDirection: 3 }, { value: 1 }, /flowDirection 3/],
  [{}, { value: -1 }, /below zero/],
  [{}, { value: 1, lengthS: 86_400 }, /of 1440 minutes/],
  [{}, { value: 1, atS: startS + 60 }, /not aligned/],
])('%o with %o is left out and told', (kind, one, say) => {
  const text = feed(usage(), reading('01', '07'), type('07', kind), block('01', [one]));
  expect(told(text)[0]).toMatch(say);
  expect(read(text).intervals).toEqual([]);
});

test('gas is no electricity', () => {
  expect(values(feed(usage(1), reading('01', '07'), type('07', {}), block('01', [{ value: 3 }])))).toEqual([]);
});

test('local time written as UTC is suspected, and read where it is said', () => {
  const dayS = Date.parse('2026-03-31T00:00:00Z') / 1_000;
  const text = feed(usage(), reading('01', '07'), type('07', {}), local(-28_800), block('01', [{ value: 3 }], dayS));
  expect(told(text)[0]).toMatch(/midnight UTC though the offset is -8 h/);
  const asLocal = read(text, { isLocalAsUtc: true });
  expect([asLocal.findings, asLocal.intervals[0]?.startS]).toEqual([[], startS]);
});

test.each([
  ['<feed xmlns="http://www.w3.org/2005/Atom">', /is no XML/],
  ['<rss/>', /begins with rss/],
  ['<!DOCTYPE feed [<!ENTITY a "b">]><feed xmlns="http://www.w3.org/2005/Atom">&a;</feed>', /document type/],
  [feed(usage()), /no IntervalBlock/],
])('%s is told', (text, say) => {
  expect(told(text)[0]).toMatch(say);
});

import { expect, test } from 'vitest';
import { contractFields, deviceFields, recordOf, siteFields, textsOf } from './record-fields.ts';

test.each([
  { fields: siteFields, record: { title: 'Home', latitude: -34.5, feeder: 'Elm 12 kV' } },
  { fields: deviceFields, record: { profile: 'sdm630', unit: 3, ratedPowerW: 6_600.5 } },
  { fields: contractFields, record: { fromDay: '2026-01-01', operators: ['Ann', 'Bob Ray'], maxPowerW: 70 } },
])('what is shown of $record reads back as it was', ({ fields, record }) => {
  expect(recordOf(fields, textsOf(fields, record))).toEqual({ ok: true, value: record });
});

test.each([
  { texts: { title: '' }, says: 'Title is empty.' },
  { texts: { title: 'x', latitude: '34,5' }, says: "Latitude: '34,5' is no number" },
])('$texts cannot be read', ({ texts, says }) => {
  expect(recordOf(siteFields, texts)).toMatchObject({ ok: false, say: expect.stringContaining(says) });
});

import { expect, test } from 'vitest';
import { contractFields, deviceFields, recordOf, saidOf, siteFields, textsOf } from './record-fields.ts';

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

test.each([
  { say: 'latitude: must be at most 90', path: 'body.latitude', shown: 'Latitude: must be at most 90' },
  {
    say: 'commands: must be one of connect, disconnect',
    path: 'body.commands.0',
    shown: 'Commands: must be one of connect, disconnect',
  },
  { say: 'gateway: gw-1 is at site home', path: 'body.gatewayId', shown: 'Gateway: gw-1 is at site home' },
  { say: 'It is under way: wait.', shown: 'It is under way: wait.' },
  { say: 'Not at this site.', path: 'body.area', shown: 'Not at this site.' },
])('$say is told by the label of its field', ({ shown, ...answer }) => {
  const names = [{ name: 'gateway', label: 'Gateway' }];
  expect(saidOf(answer, [...names, ...siteFields, ...contractFields])).toBe(shown);
});

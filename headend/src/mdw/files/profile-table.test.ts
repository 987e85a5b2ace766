import { expect, test } from 'vitest';
import { readProfiles } from './profile-table.ts';

const heading = 'profile,hour,weekday,saturday,sunday';
const lines = (name = 'school'): string[] => Array.from({ length: 24 }, (_, hour) => `${name},${hour},${hour},1.5,0`);

test('profiles of 24 hours each, in any order', () => {
  const { profiles, findings } = readProfiles(
    'p.csv',
    [heading, ...lines().toReversed(), ...lines('bakery')].join('\n'),
  );
  expect(findings).toEqual([]);
  expect(profiles.map(({ name }) => name)).toEqual(['school', 'bakery']);
  expect(profiles[0]?.shape.weekday).toEqual(Array.from({ length: 24 }, (_, hour) => hour));
  expect(new Set(profiles[0]?.shape.saturday)).toEqual(new Set([1.5]));
});

test.each([
  [[heading, ...lines().slice(0, 23)], /^2 school lacks the hours 23$/],
  [[heading, ...lines(), 'school,5,1,1,1'], /^26 hour 5 of school is in line 7 already/],
  [[heading, ...lines(), 'school,24,1,1,1'], /^26 hour '24' is none/],
  [[heading, ...lines().with(3, 'school,3,-1,1,1')], /^5 weekday '-1' is no size/],
  [[heading, ...lines().with(3, 'school,3,1,"1,5",1')], /^5 saturday '1,5' is no size/],
  [[heading, ...lines().map((line) => line.replace(/,\d+,1.5,0$/, ',0,0,0'))], /^2 school is 0 in every hour/],
  [['profile,hour,weekday', 'x,0,1'], /^1 there is no column saturday, nor sunday/],
])('%# is told by line', (text, say) => {
  const [first] = readProfiles('p.csv', text.join('\n')).findings;
  expect(`${first?.place?.line ?? 0} ${first?.say ?? ''}`).toMatch(say);
});

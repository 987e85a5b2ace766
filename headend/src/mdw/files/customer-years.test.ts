import { expect, test } from 'vitest';
import { readCustomerYears } from './customer-years.ts';

const profiles = ['residential', 'commercial', 'public', 'school', 'School holidays'];

test('customers with what they take a year, and the profile that they follow where it is told', () => {
  expect(
    readCustomerYears(
      'f.csv',
      'service point;annual kWh;class\nA;1200.5;Commercial\nB;90;\nC;8;r\nD;7;school',
      profiles,
    ),
  ).toEqual({
    years: [
      { meter: 'A', line: 2, yearWh: 1_200_500, profile: 'commercial' },
      { meter: 'B', line: 3, yearWh: 90_000 },
      { meter: 'C', line: 4, yearWh: 8_000, profile: 'residential' },
      { meter: 'D', line: 5, yearWh: 7_000, profile: 'school' },
    ],
    findings: [],
  });
});

test.each([
  ['meter,annual_kwh\nA,"1,200"', /^2 annual_kwh '1,200' is no energy/],
  ['meter,annual_kwh\nA,-5', /^2 annual_kwh '-5'/],
  ['meter,annual_kwh\nA,5\nA,6', /^3 meter A is in line 2 already/],
  ['meter,annual_kwh,class\nA,5,palace', /^2 there is no profile 'palace' \(these are: residential, commercial/],
  ['meter,annual_kwh,profile\nA,5,scool', /^2 there is no profile 'scool'; is school meant\?/],
  ['meter\nA', /^1 there is no column annual_kwh/],
])('%o is told', (text, say) => {
  const { findings, years } = readCustomerYears('f.csv', text, profiles);
  expect(`${findings[0]?.place?.line ?? 0} ${findings[0]?.say ?? ''}`).toMatch(say);
  expect(years.length).toBe(text.includes('A,6') ? 1 : 0);
});

import { expect, test } from 'vitest';
import { readCustomerYears } from './customer-years.ts';

test('customers with what they take a year, and their class where it is told', () => {
  expect(readCustomerYears('f.csv', 'service point;annual kWh;class\nA;1200.5;Commercial\nB;90;\nC;8;r')).toEqual({
    years: [
      { meter: 'A', yearWh: 1_200_500, customerClass: 'commercial' },
      { meter: 'B', yearWh: 90_000 },
      { meter: 'C', yearWh: 8_000, customerClass: 'residential' },
    ],
    findings: [],
  });
});

test.each([
  ['meter,annual_kwh\nA,"1,200"', /^2 annual_kwh '1,200' is no energy/],
  ['meter,annual_kwh\nA,-5', /^2 annual_kwh '-5'/],
  ['meter,annual_kwh\nA,5\nA,6', /^3 meter A is in line 2 already/],
  ['meter,annual_kwh,class\nA,5,palace', /^2 class 'palace' is none of residential/],
  ['meter\nA', /^1 there is no column annual_kwh/],
])('%o is told', (text, say) => {
  const { findings, years } = readCustomerYears('f.csv', text);
  expect(`${findings[0]?.place?.line ?? 0} ${findings[0]?.say ?? ''}`).toMatch(say);
  expect(years.length).toBe(text.includes('A,6') ? 1 : 0);
});

import { expect, test } from 'vitest';
import { fakeTerminal } from '../testing/fake-terminal.ts';
import { askHeader } from './header-questions.ts';
import type { Progress } from './progress-file.ts';

const progress = { siteTitle: 'Barn', technician: { name: 'A. Fitter' } } as Progress;
const header = (typed: readonly string[]): { got: Promise<unknown>; complaints: readonly string[] } => {
  const terminal = fakeTerminal({ answers: typed });
  return {
    got: askHeader(progress, { answers: undefined, site: undefined, terminal }),
    complaints: terminal.complaints,
  };
};

test.each<{ typed: readonly string[]; instrument: object; complaints: readonly string[] }>([
  {
    typed: ['Fluke 435', '77', '2026-05-31', '0,5'],
    instrument: { name: 'Fluke 435', serialNumber: '77', calibratedOn: '2026-05-31', accuracyPct: 0.5 },
    complaints: [],
  },
  { typed: ['Fluke 435', '', '', ''], instrument: { name: 'Fluke 435', accuracyPct: 1 }, complaints: [] },
  {
    typed: ['Fluke 435', '', '5 May', '2026-02-30', '2026-05-05', '2026-05-31', '25', '2'],
    instrument: { name: 'Fluke 435', calibratedOn: '2026-05-05', accuracyPct: 2 },
    complaints: [
      '5 May is no day such as 2026-05-31.',
      '2026-02-30 is no day such as 2026-05-31.',
      '2026-05-31: a number from 0 to 20.',
      '25: a number from 0 to 20.',
    ],
  },
])('of an instrument stands in the report what was typed: $typed', async ({ typed, instrument, complaints }) => {
  const asked = header(typed);
  expect(await asked.got).toEqual({ ...progress, instrument });
  expect(asked.complaints).toEqual(complaints);
});

test('no instrument, and an interruption', async () => {
  expect(await header(['']).got).toEqual(progress);
  expect(await header(['Fluke 435', '', 'yesterday']).got).toBeUndefined();
});

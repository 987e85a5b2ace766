import { expect, test } from 'vitest';
import {
  aSwitch,
  line,
  networkOf,
  poleTransformer,
  source,
} from '../../network/connectivity/sample-network.fixture.ts';
import { runLoadEngine } from '../requests.ts';
import { drawn, historyOf, LoadStore } from '../worker/load-store.fixture.ts';
import { elementDuration, elementEnergy, elementProfile } from './shape-results.ts';

const lane = networkOf(
  [source('s', 'bus'), aSwitch('b', 'bus', 'a'), line('l', 'a', 'm'), poleTransformer('t', 'm', 'A', 'x')],
  (draft) => {
    draft.put({ kind: 'Circuit', id: 'c', name: 'c', head: { equipment: 'b', terminal: 1 } });
    draft.put({ kind: 'UsagePoint', id: 'h', name: 'h', node: 'x', phases: ['s1', 's2'] });
  },
);
const dayS = Date.parse('2026-03-30T00:00:00Z') / 1_000;
const hours = 4 * 24;
const asked = { kind: 'transformer', id: 't', fromS: dayS, toS: dayS + hours * 3_600 } as const;

test('duration, profile and energy are those of the hours that stand', async () => {
  const store = await LoadStore.start({ timeZone: 'UTC', nowMs: () => (dayS + (hours + 2) * 3_600) * 1_000 });
  await store.tell(historyOf(drawn(lane)), 0, (dayS + hours * 3_600) * 1_000);
  await store.land(
    Array.from({ length: hours }, (_, hour) => ({
      meter: 'h',
      startS: dayS + hour * 3_600,
      importWh: hour * 10,
      exportWh: 1,
    })),
  );
  await store.store.ask(runLoadEngine, { keepDays: 1_000 });

  const duration = await store.store.ask(elementDuration, asked);
  expect(duration).toMatchObject({ element: { id: 't' }, knownHours: hours });
  expect([duration?.activeW[0], duration?.activeW.at(-1)]).toEqual([949, -1]);

  const calendar = { hemisphere: 'northern', holidays: ['04-01'] } as const;
  const profile = await store.store.ask(elementProfile, { ...asked, calendar });
  expect(profile?.groups.map(({ dayType, activeW }) => [dayType, activeW.mean[0]])).toEqual([
    ['weekday', (0 + 240 + 720) / 3 - 1],
    ['holiday', 479],
  ]);
  expect(profile?.holidays).toEqual(['2026-04-01']);

  expect(await store.store.ask(elementEnergy, { kind: 'circuit', id: 'c' })).toMatchObject({
    sinceDay: '2026-03-30',
    untilDay: '2026-04-02',
    importWh: (hours * (hours - 1) * 10) / 2,
    exportWh: hours,
    countedShare: 1,
    months: [
      { month: '2026-03', days: 2, exportWh: 48 },
      { month: '2026-04', days: 2, exportWh: 48 },
    ],
  });
  expect(await store.store.ask(elementEnergy, { kind: 'circuit', id: 'none' })).toBeUndefined();
});

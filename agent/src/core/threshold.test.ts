import { expect, test } from 'vitest';
import { followThreshold, followThresholds } from './threshold.ts';

test.each([
  { before: false, valuePct: 79.9, after: false, says: [] },
  { before: false, valuePct: 80, after: true, says: ['up'] },
  { before: true, valuePct: 79, after: true, says: [] }, // inside the hysteresis
  { before: true, valuePct: 77.9, after: false, says: ['down'] },
  { before: true, valuePct: undefined, after: true, says: [] },
  { before: undefined, valuePct: 95, after: true, says: [] }, // the first value tells where it stands
  { before: undefined, valuePct: 10, after: false, says: [] },
  { before: undefined, valuePct: undefined, after: undefined, says: [] },
])('$before at $valuePct', ({ before, valuePct, after, says }) => {
  const { state, effects } = followThreshold({ above: before }, valuePct, { thresholdPct: 80, hysteresisPct: 2 });
  expect(state.above).toBe(after);
  expect(effects.map(({ direction }) => direction)).toEqual(says);
});

test('a plant idling on the threshold is told once', () => {
  let state: { above: boolean | undefined } = { above: false };
  let told = 0;
  for (let i = 0; i < 1000; i++) {
    const step = followThreshold(state, 80 + Math.sin(i) * 0.9, { thresholdPct: 80, hysteresisPct: 2 });
    state = step.state;
    told += step.effects.length;
  }
  expect(told).toBe(1);
});

test.each([
  { activePowerW: 900, ratedPowerW: 1_000, says: [80] },
  { activePowerW: 1_000, ratedPowerW: 1_000, says: [80, 95] },
  { activePowerW: 1_000, ratedPowerW: undefined, says: [] },
  { activePowerW: 1_000, ratedPowerW: 0, says: [] },
  { activePowerW: undefined, ratedPowerW: 1_000, says: [] },
])('$activePowerW W of $ratedPowerW W crosses $says %', ({ activePowerW, ratedPowerW, says }) => {
  const settings = { thresholdsPct: [80, 95], hysteresisPct: 2 };
  const { states } = followThresholds([], { activePowerW: 100, ratedPowerW: 1_000 }, settings);
  const { effects } = followThresholds(states, { activePowerW, ratedPowerW }, settings);
  expect(effects.map(({ thresholdPct }) => thresholdPct)).toEqual(says);
});

import { describe, expect, test } from 'vitest';
import {
  buildWrite,
  decodePoints,
  encodePoint,
  evaluate,
  findProfile,
  layOut,
  planFor,
  profiles,
  readsForConditions,
  readsForStep,
} from './index.ts';
import type { Condition, DeviceModel, Profile, WordImage, WriteStep } from './index.ts';

const device = (name: string) => layOut(findProfile(name)!);
const hold = (model: DeviceModel, image: WordImage, values: Record<string, number | string>): void => {
  for (const [name, value] of Object.entries(values)) {
    const point = model.points.find((one) => one.name === name)!;
    expect([name, encodePoint(point, value, image)]).toEqual([name, true]);
  }
};
const writesOf = (
  model: DeviceModel,
  image: WordImage,
  kind: Parameters<typeof planFor>[1],
  parameters: Parameters<typeof planFor>[2],
) => {
  const plan = planFor(model, kind, parameters);
  if (!plan.ok) return plan;
  return plan.value.steps
    .filter((step): step is WriteStep => step.do === 'write')
    .map((step) => buildWrite(model, step, parameters, image));
};
const written = (address: number, words: readonly number[]) => ({
  ok: true,
  value: { table: 'holding', address, words },
});
const skipped = { ok: true, value: undefined };

describe('what a command writes', () => {
  test('limit of a legacy inverter: value before enable, scale factor applied, timers only where it has them', () => {
    const { image, model } = device('sunspec-inverter');
    const address = (name: string) => model.points.find((point) => point.name === name)!.sources[0]!.address;
    hold(model, image, { 'set:limitPct': 100, 'set:limitEnabled': 'off' });
    expect(writesOf(model, image, 'limit-power', { limitPct: 62.5 })).toEqual([
      skipped,
      skipped,
      written(address('set:limitPct'), [625]),
      written(address('set:limitEnabled'), [1]),
    ]);
    hold(model, image, { 'set:limitRevertS': 0 });
    expect(writesOf(model, image, 'limit-power', { limitPct: 0 })).toEqual([
      skipped,
      written(address('set:limitRevertS'), [3600]),
      written(address('set:limitPct'), [0]),
      written(address('set:limitEnabled'), [1]),
    ]);
  });

  test('an inverter whose Conn is not implemented refuses before anything else is written', () => {
    const { image, model } = device('sunspec-inverter');
    expect(writesOf(model, image, 'disconnect', {})).toEqual([
      skipped,
      skipped,
      expect.objectContaining({ ok: false, reason: 'not-capable' }),
    ]);
  });

  test('without a scale factor that was read nothing is written', () => {
    const { image, model } = device('sunspec-inverter');
    hold(model, image, { 'set:limitPct': 100, 'set:limitEnabled': 'off' });
    image.forget(
      'holding',
      model.points.find(({ name }) => name === 'set:limitPct')!.sources[0]!.scaleFactorAddress,
      1,
    );
    expect(writesOf(model, image, 'limit-power', { limitPct: 50 })).toContainEqual(
      expect.objectContaining({ ok: false, reason: 'measurement-failed' }),
    );
  });

  test('stale words count as not read', () => {
    const { image, model } = device('sunspec-inverter');
    hold(model, image, { 'set:limitPct': 100 });
    const step: WriteStep = { do: 'write', point: 'set:limitPct', value: 50 };
    expect(buildWrite(model, step, {}, image, { newerThanMs: 1 })).toMatchObject({
      ok: false,
      reason: 'measurement-failed',
    });
    expect(buildWrite(model, step, {}, image, { newerThanMs: 0 })).toMatchObject({ ok: true });
  });

  test.each([
    { value: 7000, reason: 'out-of-limits' },
    { value: -1, reason: 'out-of-limits' },
    { value: 6553.5, reason: 'out-of-limits' }, // 0xFFFF, which says not implemented
    { value: { parameter: 'to' } as const, reason: 'invalid' },
  ])('$value does not fit: $reason', ({ value, reason }) => {
    const { image, model } = device('sunspec-inverter');
    hold(model, image, { 'set:limitPct': 100 });
    expect(buildWrite(model, { do: 'write', point: 'set:limitPct', value }, {}, image)).toMatchObject({
      ok: false,
      reason,
    });
  });

  test.each([
    { relay: 1, to: 'on', address: 0, words: [1] },
    { relay: 4, to: 'off', address: 3, words: [0] },
  ] as const)('relay $relay $to', ({ relay, to, address, words }) => {
    const { image, model } = device('kmtronic-relay');
    expect(writesOf(model, image, 'switch-relay', { relay, to })).toEqual([
      { ok: true, value: { table: 'coil', address, words, single: true } },
    ]);
    const plan = planFor(model, 'switch-relay', { relay, to });
    expect(plan.ok && plan.value.proof).toEqual([{ point: `relay${relay}`, is: { parameter: 'to' } }]);
  });

  test('parameters for which nothing is to be done are refused', () => {
    expect(planFor(device('kmtronic-relay').model, 'switch-relay', { to: 'on' })).toMatchObject({
      ok: false,
      reason: 'invalid',
    });
    expect(planFor(device('eastron-sdm630').model, 'disconnect', {})).toMatchObject({
      ok: false,
      reason: 'not-capable',
    });
  });

  test('the keys of a genset go with their complement in one transaction', () => {
    const { image, model } = device('deepsea-genset');
    expect(writesOf(model, image, 'start-generation', {})).toEqual([
      written(4104, [35702, 29833]),
      written(4104, [35705, 29830]),
    ]);
    expect(writesOf(model, image, 'activate-synchronization', {})).toEqual([written(4104, [35708, 29827])]);
    expect(writesOf(model, image, 'disconnect', {})).toEqual([
      written(4104, [35702, 29833]),
      written(4104, [35709, 29826]),
    ]);
  });

  test('one bit is changed in a word that was read, and the others are kept', () => {
    const profile: Profile = {
      ...findProfile('ami-meter-200a')!,
      points: {
        ...findProfile('ami-meter-200a')!.points,
        'set:bit': { source: { table: 'holding', address: 9 }, bit: 3 },
      },
      commands: {
        connect: {
          steps: [{ do: 'write', point: 'set:bit', value: 1 }],
          proof: [{ point: 'switchState', is: 'closed' }],
          withinMs: 1,
        },
      },
    };
    const { image, model } = layOut(profile);
    const step: WriteStep = { do: 'write', point: 'set:bit', value: 1 };
    image.set('holding', 9, [0x8001], 5);
    expect(buildWrite(model, step, {}, image)).toEqual(written(9, [0x8009]));
    expect(buildWrite(model, { ...step, value: 2 }, {}, image)).toMatchObject({ ok: false, reason: 'out-of-limits' });
    image.forget('holding', 9, 1);
    expect(buildWrite(model, step, {}, image)).toMatchObject({ ok: false, reason: 'measurement-failed' });
  });

  test('all that a step or proof looks at can be read beforehand', () => {
    for (const profile of profiles) {
      const { model } = layOut(profile);
      for (const plan of Object.values(model.plans)) {
        for (const condition of plan.proof)
          expect(readsForConditions(model, [condition]).length > 0 || condition.point === 'control').toBe(true);
        for (const step of plan.steps) {
          const isOrder = step.do === 'write' && typeof step.value === 'object' && 'order' in step.value;
          expect(readsForStep(model, step).length > 0).toBe(!isOrder);
        }
      }
    }
  });
});

describe('evaluate', () => {
  const limits = { ratedPowerW: 100_000 };
  const power = (activePowerW: number | undefined) => ({
    measured: { activePowerW },
    setpoints: { 'set:maxPowerW': 50_000, 'set:mode': 'manual' },
  });
  const below: Condition = { point: 'activePowerW', below: 50, orBelowRated: 0.01 };
  const share: Condition = {
    point: 'activePowerW',
    belowPct: { parameter: 'limitPct' },
    of: 'set:maxPowerW',
    tolerance: 2,
  };

  test.each([
    { watts: 999, conditions: [below], met: 'yes' },
    { watts: -999, conditions: [below], met: 'yes' },
    { watts: 1000, conditions: [below], met: 'no' },
    { watts: -1001, conditions: [below], met: 'no' },
    { watts: undefined, conditions: [below], met: 'unknown' },
    { watts: 11_000, conditions: [share], met: 'yes' },
    { watts: 11_001, conditions: [share], met: 'no' },
    { watts: 5, conditions: [], met: 'unknown' },
    { watts: undefined, conditions: [below, { point: 'set:mode', is: 'auto' }], met: 'no' },
    { watts: 5, conditions: [below, { point: 'set:mode', is: ['auto', 'manual'] }], met: 'yes' },
    { watts: 5, conditions: [{ point: 'activePowerW', above: 5 }], met: 'no' },
    { watts: -6, conditions: [{ point: 'activePowerW', above: 5 }], met: 'yes' },
    { watts: -6, conditions: [{ point: 'activePowerW', near: 6, tolerance: 1 }], met: 'no' },
    {
      watts: 19.9,
      conditions: [{ point: 'activePowerW', near: { parameter: 'limitPct' }, tolerance: 0.1 }],
      met: 'yes',
    },
    { watts: 5, conditions: [{ point: 'activePowerW', near: { parameter: 'relay' }, tolerance: 1 }], met: 'unknown' },
    { watts: 5, conditions: [below, { point: 'breakerState', is: 'open' }], met: 'unknown' },
    {
      watts: 5,
      conditions: [below, { point: 'breakerState', is: 'open', when: { parameter: 'relay', is: 2 } }],
      met: 'yes',
    },
  ] satisfies { watts: number | undefined; conditions: Condition[]; met: string }[])(
    '$watts W, $conditions: $met',
    ({ watts, conditions, met }) => {
      expect(evaluate(conditions, power(watts), { limitPct: 20 }, limits).met).toBe(met);
    },
  );

  test('says what was seen and what was expected', () => {
    expect(evaluate([below, { point: 'breakerState', is: 'open' }], power(1200), {}, limits).measurements).toEqual([
      { point: 'activePowerW', value: 1200, unit: 'W', expected: 'below 1000 W', met: 'no' },
      { point: 'breakerState', expected: 'open', met: 'unknown' },
    ]);
  });

  test.each([
    { condition: { point: 'currentA', below: 0.5 }, expected: 'below 0.5 A' },
    { condition: { point: 'frequencyHz', above: 45 }, expected: 'above 45 Hz' },
    { condition: { point: 'set:limitPct', near: { parameter: 'limitPct' }, tolerance: 0.5 }, expected: '20 ± 0.5 %' },
    { condition: { point: 'set:limitEnabled', is: 'enabled' }, expected: 'enabled' },
    {
      condition: { point: 'activePowerW', belowPct: 20, of: 'set:maxPowerW', tolerance: 2 },
      expected: 'not above 2200 W',
    },
  ] satisfies { condition: Condition; expected: string }[])('expects $expected', ({ condition, expected }) => {
    const decoded = { ...power(1200), setpoints: { 'set:maxPowerW': 10_000 } };
    const [measurement] = evaluate([condition], decoded, { limitPct: 20 }, {}).measurements;
    expect(measurement?.expected).toBe(expected);
  });
});

describe('the proof of a disconnect', () => {
  const proven = (name: string, values: Record<string, number | string>) => {
    const { image, model } = device(name);
    hold(model, image, values);
    return evaluate(
      model.plans.disconnect!.proof,
      decodePoints(model, image),
      {},
      { ratedPowerW: 500_000, ratedCurrentA: 900 },
    ).met;
  };

  test.each([
    { name: 'ami-meter-200a', values: { switchState: 'open', currentA: 0, loadSideVoltageV: 2.1 }, met: 'yes' },
    { name: 'ami-meter-200a', values: { switchState: 'open', currentA: 0, loadSideVoltageV: 118 }, met: 'no' },
    { name: 'ami-meter-200a', values: { switchState: 'open', currentA: 0, loadSideVoltageV: 25 }, met: 'unknown' },
    { name: 'ami-meter-200a', values: { switchState: 'open', currentA: 12, loadSideVoltageV: 0 }, met: 'no' },
    { name: 'ami-meter-200a', values: { switchState: 'open', loadSideVoltageV: 0 }, met: 'unknown' },
    { name: 'sunspec-inverter', values: { connection: 'disconnected', activePowerW: 0, currentA: 0.2 }, met: 'yes' },
    // A set-point of 0 proves nothing.
    {
      name: 'sunspec-inverter',
      values: { 'set:connect': 0, connection: 'connected', activePowerW: 40_000, currentA: 60 },
      met: 'no',
    },
    { name: 'sunspec-der', values: { connection: 'disconnected', activePowerW: 30 }, met: 'yes' },
    { name: 'sunspec-der', values: { 'set:enterService': 0, activePowerW: 0 }, met: 'unknown' },
    { name: 'deepsea-genset', values: { breakerState: 'open', currentA: 0, activePowerW: 0 }, met: 'yes' },
    { name: 'deepsea-genset', values: { breakerState: 'open', currentA: 120, activePowerW: 0 }, met: 'no' },
  ])('$name $values: $met', ({ name, values, met }) =>
    expect(proven(name, values as Record<string, number | string>)).toBe(met),
  );
});

test('a 7xx battery in LOCAL is told by its own point', () => {
  const { image, model } = device('sunspec-der');
  hold(model, image, { control: 'local' });
  expect(decodePoints(model, image).measured.control).toBe('local');
});

test('alarms of several registers are joined, and a genset that tells none has none only if it tells', () => {
  const { image, model } = device('deepsea-genset');
  const alarms = model.points.find(({ name }) => name === 'alarms')!;
  expect(decodePoints(model, image).measured.alarms).toBeUndefined();
  image.set('holding', 39_425, [0x3121, 0x1131], 0);
  expect(decodePoints(model, image).measured.alarms).toEqual(
    ['emergency-stop', 'fail-to-start', 'high-coolant-temperature'].toSorted(byAlarm),
  );
  expect(encodePoint(alarms, [], image)).toBe(true);
  expect(decodePoints(model, image).measured.alarms).toEqual([]);
});

const order = ['emergency-stop', 'high-coolant-temperature', 'fail-to-start'];
const byAlarm = (a: string, b: string): number => order.indexOf(a) - order.indexOf(b);

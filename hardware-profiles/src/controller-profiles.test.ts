import { describe, expect, test } from 'vitest';
import {
  profiles,
  buildWrite,
  decodePoints,
  drive,
  encodePoint,
  evaluate,
  findProfile,
  identify,
  layOut,
  planFor,
  readImage,
  readsForStep,
} from './index.ts';
import type { DeviceModel, FixedSource, WordImage } from './index.ts';

type Words = readonly (readonly [FixedSource['table'], number, readonly number[]])[];

function deviceHolding(name: string, words: Words): { model: DeviceModel; image: WordImage } {
  const { model, image } = layOut(findProfile(name)!);
  for (const [table, address, held] of words) image.set(table, address, held, 0);
  return { model, image };
}

// Words as the manuals lay them out, and what they say.
test.each<{ name: string; words: Words; tells: Record<string, unknown>; set?: Record<string, unknown> }>([
  {
    name: 'comap-inteligen',
    words: [
      ['holding', 248, [231, 230, 232]],
      ['holding', 255, [500]],
      ['holding', 263, [0xffec]],
      ['holding', 162, [8]],
      ['holding', 163, [4]],
      ['holding', 167, [1]],
      ['holding', 287, [229, 230, 231]],
      ['holding', 406, [0x2400]],
    ],
    tells: {
      voltageBV: 230,
      frequencyHz: 50,
      activePowerW: -20_000,
      operatingState: 'running',
      connection: 'connected',
      breakerState: 'closed',
      synchroniser: 'enabled',
      busVoltageV: 229,
    },
    set: { 'set:mode': 'manual', 'set:mainsBreaker': 'closed' },
  },
  {
    name: 'comap-inteligen',
    words: [['holding', 406, [0x4400]]],
    tells: { breakerState: 'open', synchroniser: 'synchronising' },
    set: { 'set:mainsBreaker': 'closed' },
  },
  {
    name: 'deif-gc-1f-2',
    words: [
      ['input', 504, [231, 232, 233, 5001]],
      ['input', 513, [120, 118, 119, 27, 26, 27, 80, 0, 0, 0, 10]],
      ['input', 536, [1, 2]],
      ['input', 542, [0]],
      ['input', 1000, [0x0800, 0, 0, 0, 0, 0x0020]],
      ['input', 1010, [0x1000]],
      ['input', 1018, [0x0150, 0x0002]],
    ],
    tells: {
      voltageCV: 233,
      frequencyHz: 50.01,
      currentBA: 118,
      activePowerAW: 27_000,
      activePowerW: 80_000,
      reactivePowerVar: 10_000,
      exportedEnergyWh: 65_538_000,
      busVoltageV: 0,
      operatingState: 'running',
      breakerState: 'closed',
      alarms: ['over-voltage', 'breaker-failure', 'emergency-stop'],
    },
    set: { 'set:mode': 'manual', 'set:mainsBreaker': 'open' },
  },
  // A unit that tells tenths of a hertz, at rest in AUTO.
  {
    name: 'deif-gc-1f-2',
    words: [
      ['input', 507, [500]],
      ['input', 1018, [0x0002, 0x0008]],
    ],
    tells: { frequencyHz: 50, operatingState: 'off', breakerState: 'open' },
    set: { 'set:mode': 'automatic', 'set:mainsBreaker': 'closed' },
  },
  {
    name: 'deif-agc-150',
    words: [
      ['input', 507, [4998]],
      ['input', 519, [0xfff6]],
      // Options H2/H9: 501 U L1-L2, 504 U L1-N, 539 bus U L1-L2.
      ['input', 501, [399]],
      ['input', 504, [230]],
      ['input', 539, [401]],
      ['input', 1018, [0x0050, 0x0002]],
    ],
    tells: {
      frequencyHz: 49.98,
      activePowerW: -10_000,
      voltageV: 399,
      voltageAV: 230,
      busVoltageV: 401,
      breakerState: 'closed',
      synchroniser: 'enabled',
    },
    set: { 'set:mode': 'semi-auto' },
  },
  {
    name: 'basler-dgc-2020hd',
    words: [
      ['holding', 4783, [0xff9c, 0xffff]],
      ['holding', 4755, [277, 0]],
      ['holding', 4789, [0x0000, 0x4270]],
      ['holding', 4831, [0x2000, 0x0084]],
      ['holding', 5593, [0, 0x1100]],
      ['holding', 4847, [2, 1]],
    ],
    tells: {
      activePowerW: -100_000,
      voltageV: 277,
      frequencyHz: 60,
      operatingState: 'running',
      breakerState: 'closed',
      synchroniser: 'in-window',
      health: 'ok',
      exportedEnergyWh: 65_538_000,
    },
  },
  {
    name: 'sel-751a',
    words: [
      ['holding', 650, [301, 0, 299, 0, 302, 0, 0, 0, 0, 0, 300]],
      ['holding', 664, [7190]],
      ['holding', 667, [12_470]],
      ['holding', 685, [0xfe0c]],
      ['holding', 689, [6001, 1, 2]],
      ['holding', 1805, [0x80, 0x01]],
      ['holding', 1817, [0x01, 0x00]],
    ],
    tells: {
      currentAA: 301,
      currentA: 300,
      loadSideVoltageV: 7190,
      loadSideVoltage: 'present',
      busVoltageV: 12_470,
      activePowerW: -500_000,
      frequencyHz: 60.01,
      importedEnergyWh: 65_538_000,
      breakerState: 'closed',
      health: 'ok',
      alarms: ['breaker-failure'],
    },
  },
  {
    name: 'sel-751a',
    words: [['holding', 1805, [0x40, 0x0c]]],
    tells: { breakerState: 'open', health: 'fault', alarms: ['device-alarm', 'over-current'] },
  },
  // Without shots it never recloses; with shots only its own logic knows. Slip in thousandths, both angles in degrees.
  {
    name: 'sel-751a',
    words: [
      ['holding', 486, [0]],
      ['holding', 525, [1, 10_500, 13_000, 200, 25, 40]],
    ],
    tells: { reclosing: 'blocked' },
    set: { 'set:syncCheck': 'on', 'set:syncFrequencyHz': 0.2, 'set:syncAngleDeg': 25, 'set:syncAngle2Deg': 40 },
  },
  {
    name: 'schneider-sepam-s20',
    words: [['holding', 0x0105, [2, 1234, 1230, 1235]]],
    tells: { breakerState: 'closed', currentAA: 123.4, currentBA: 123, currentCA: 123.5 },
  },
  {
    name: 'siemens-reyrolle-7sr12',
    words: [
      ['coil', 154, [0, 0, 1, 0]],
      ['coil', 179, [1, 0]],
    ],
    tells: { control: 'local', breakerState: 'open' },
  },
  {
    name: 'waveshare-rtu-relay-8ch',
    words: [['coil', 0, [1, 0, 1, 0]]],
    tells: { relay1: 'on', relay2: 'off', relay3: 'on' },
  },
  { name: 'advantech-adam-4056so', words: [['coil', 16, [0, 1, 0, 0]]], tells: { relay1: 'off', relay2: 'on' } },
  { name: 'moxa-iologik-e1214', words: [['coil', 0, [0, 0, 0, 1]]], tells: { relay1: 'off', relay4: 'on' } },
  { name: 'wellpro-wp8025', words: [['coil', 0, [1, 1, 0, 0]]], tells: { relay1: 'on', relay3: 'off' } },
  {
    name: 'deepsea-genset-73xx',
    words: [
      ['holding', 1031, [601]],
      ['holding', 1032, [0, 2771]],
      ['holding', 1060, [0, 0]],
      ['holding', 1408, [3]],
      ['holding', 772, [2]],
    ],
    tells: { frequencyHz: 60.1, voltageV: 277.1, busVoltageV: 0, operatingState: 'running' },
    set: { 'set:mode': 'manual' },
  },
])('$name reads $tells', ({ name, words, tells, set = {} }) => {
  const { model, image } = deviceHolding(name, words);
  const { measured, setpoints } = decodePoints(model, image);
  expect(measured).toMatchObject(tells);
  expect(setpoints).toMatchObject(set);
});

test('a feeder relay with shots to reclose does not tell by that whether it is ready', () => {
  const { model, image } = deviceHolding('sel-751a', [['holding', 486, [3]]]);
  expect(decodePoints(model, image).measured.reclosing).toBeUndefined();
});

// What goes over the wire, in its order; conditions left out.
test.each([
  ['comap-inteligen', 'start-generation', {}, [['holding', 6358, [0x01fe, 0, 1], undefined]]],
  ['comap-inteligen', 'connect', {}, [['holding', 6358, [0x11ef, 0, 2], undefined]]],
  ['comap-inteligen', 'disconnect', {}, [['holding', 6358, [0x11f0, 0, 2], undefined]]],
  [
    'deif-gc-1f-2',
    'connect',
    {},
    [
      ['coil', 28, [1], false],
      ['coil', 2, [1], false],
    ],
  ],
  ['deif-agc-150', 'stop-generation', {}, [['coil', 4, [1], undefined]]],
  ['basler-dgc-2020hd', 'start-generation', {}, [['holding', 3509, [1, 0], undefined]]],
  ['basler-dgc-2020hd', 'stop-generation', {}, [['holding', 3507, [1, 0], undefined]]],
  ['sel-751a', 'connect', {}, [['holding', 0x2000, [1], true]]],
  ['sel-751a', 'disconnect', {}, [['holding', 0x2000, [2], true]]],
  ['schneider-sepam-s20', 'disconnect', {}, [['holding', 0x01f0, [1], undefined]]],
  ['siemens-reyrolle-7sr12', 'disconnect', {}, [['coil', 108, [0], undefined]]],
  ['advantech-adam-4056so', 'switch-relay', { relay: 3, to: 'on' }, [['coil', 18, [1], true]]],
  ['moxa-iologik-e1214', 'switch-relay', { relay: 1, to: 'off' }, [['coil', 0, [0], true]]],
] as const)('%s, %s %o writes %o', (name, kind, parameters, expected) => {
  const { model, image } = deviceHolding(name, []);
  const plan = planFor(model, kind, parameters);
  const steps = plan.ok ? plan.value.steps : [];
  const writes = steps
    .filter((step) => step.do === 'write')
    .map((step) => buildWrite(model, step, parameters, image))
    .map((write) => (write.ok ? write.value : write));
  expect(writes).toEqual(
    expected.map(([table, address, words, single]) => ({
      table,
      address,
      words: [...words],
      ...(single === undefined ? {} : { single }),
    })),
  );
});

describe('orders', () => {
  test('are never read from a device, but an emulated one tells which came', () => {
    const { model, image } = deviceHolding('comap-inteligen', []);
    const command = model.points.find(({ name }) => name === 'set:command')!;
    expect(command.reads).toEqual([]);
    expect(readsForStep(model, { do: 'write', point: 'set:command', value: { order: 'start' } })).toEqual([]);
    expect(decodePoints(model, image).setpoints['set:command']).toBeUndefined();
    expect(encodePoint(command, 'open-generator-breaker', image)).toBe(true);
    expect(image.words({ table: 'holding', address: 6358, words: 3 })).toEqual([0x11f0, 0, 2]);
    expect(decodePoints(model, image).setpoints['set:command']).toBe('open-generator-breaker');
    expect(encodePoint(command, 'toggle', image)).toBe(false);
  });

  test('that a point does not take are not written', () => {
    const { model, image } = deviceHolding('comap-inteligen', []);
    for (const value of [{ order: 'toggle' }, 1] as const)
      expect(buildWrite(model, { do: 'write', point: 'set:command', value }, {}, image)).toMatchObject({
        ok: false,
        reason: 'out-of-limits',
      });
  });
});

// Nothing that no source confirms may move a breaker before somebody watched it on site.
test.each([
  ['comap-inteligen', []],
  ['deif-gc-1f-2', ['disconnect', 'start-generation', 'stop-generation']],
  ['deif-agc-150', []],
  ['basler-dgc-2020hd', ['start-generation', 'stop-generation']],
  ['deepsea-genset-73xx', ['start-generation', 'stop-generation']],
  ['sel-751a', []],
  ['schneider-sepam-s20', []],
  ['siemens-reyrolle-7sr12', []],
  ['waveshare-rtu-relay-8ch', ['switch-relay']],
])('%s, with nothing checked on site, takes %j', (name, commands) => {
  const { image } = layOut(findProfile(name)!);
  const found = drive(identify(findProfile(name)!), (request) => readImage(image, request));
  expect(found.ok && [...found.value.commands].toSorted()).toEqual(commands);
});

// With one phase of the mains still live, nothing is changed over.
test.each([
  { name: 'deif-gc-1f-2', mains: [0, 0, 0], met: 'yes' },
  { name: 'deif-gc-1f-2', mains: [0, 229, 0], met: 'no' },
  { name: 'deif-gc-1f-2', mains: [229, 229, 229], met: 'no' },
  { name: 'deepsea-genset-73xx', mains: [0, 0, 0], met: 'yes' },
  { name: 'deepsea-genset-73xx', mains: [0, 0, 231], met: 'no' },
])('$name closes onto a mains of $mains V: $met', ({ name, mains, met }) => {
  const { model, image } = deviceHolding(name, []);
  ['busVoltageV', 'set:mainsVoltageBV', 'set:mainsVoltageCV'].forEach((phase, index) => {
    const point = model.points.find((each) => each.name === phase)!;
    expect(encodePoint(point, mains[index], image)).toBe(true);
  });
  const dead = model.plans.connect!.steps.find((step) => step.do === 'require' && step.reason === 'load-side-live');
  const conditions = dead?.do === 'require' ? dead.that : [];
  expect(evaluate(conditions, decodePoints(model, image), {}, {}).met).toBe(met);
});

// Whoever waits between looking and closing must look again.
test.each(profiles.filter(({ capabilities: has }) => has.includes('breaker') && !has.includes('synchroniser')))(
  'what $name closes onto is measured dead by the last step before it closes',
  ({ commands: { connect } }) => {
    if (connect === undefined) return;
    const before = connect.steps.at(-2);
    expect(connect.steps.at(-1)?.do).toBe('write');
    expect(before?.do === 'require' && before.reason).toBe('load-side-live');
  },
);

describe('closing a feeder breaker', () => {
  const { model, image } = deviceHolding('sel-751a', [['holding', 1806, [0]]]);
  const requires = model.plans.connect!.steps.flatMap((step) => (step.do === 'require' ? step.that : []));
  test.each([
    { volts: 3, met: 'yes' },
    { volts: 25, met: 'unknown' },
    { volts: 7200, met: 'no' },
  ])('onto a line of $volts V: $met', ({ volts, met }) => {
    image.set('holding', 664, [volts], 0);
    expect(evaluate(requires, decodePoints(model, image), {}, {}).met).toBe(met);
  });
});

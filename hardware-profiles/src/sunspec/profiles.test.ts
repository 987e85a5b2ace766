import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  buildWrite,
  decodePoints,
  drive,
  encodePoint,
  evaluate,
  findProfile,
  identify,
  layOut,
  planFor,
  profiles,
  readImage,
  validateProfile,
  WordImage,
} from '../index.ts';
import type { DeviceModel, LayOut, ReadRequest, WriteStep } from '../index.ts';
import { recognise } from '../recognise.ts';

type Device = { readonly image: WordImage; readonly model: DeviceModel };
const device = (name: string, options: LayOut = {}): Device => layOut(findProfile(name)!, options);

function hold({ image, model }: Device, values: Readonly<Record<string, number | string | readonly string[]>>): void {
  for (const [name, value] of Object.entries(values)) {
    const point = [...model.points, ...model.nameplate].find((one) => one.name === name);
    if (point === undefined) throw new Error(`no ${name} in this device`);
    expect([name, encodePoint(point, value, image)]).toEqual([name, true]);
  }
}

/** By the name of the point, the words that a command writes; a refusal in its place. */
function written({ image, model }: Device, kind: Parameters<typeof planFor>[1], parameters = {}): object {
  const plan = planFor(model, kind, parameters);
  if (!plan.ok) return plan;
  const steps = plan.value.steps.filter((step): step is WriteStep => step.do === 'write');
  return Object.fromEntries(
    steps.map((step) => {
      const write = buildWrite(model, step, parameters, image);
      return [step.point, write.ok ? write.value?.words : write.reason];
    }),
  );
}

describe('the family of IEEE 1547-2018', () => {
  // IEEE 1547-2018 cl. 4.10.2.
  const defaults = {
    'set:enterService': 1,
    'set:enterServiceVoltageHighPct': 105,
    'set:enterServiceVoltageLowPct': 91.7,
    'set:enterServiceFrequencyHighHz': 60.1,
    'set:enterServiceFrequencyLowHz': 59.5,
    'set:enterServiceDelayS': 300,
    'set:enterServiceRampS': 300,
  };

  test('tells its enter-service settings, in percent of nominal, hertz and seconds', () => {
    const der = device('sunspec-der');
    expect(decodePoints(der.model, der.image).setpoints).toEqual({});
    hold(der, defaults);
    expect(decodePoints(der.model, der.image).setpoints).toEqual(defaults);
  });

  test.each([
    { repetitions: {}, there: true },
    { repetitions: { 707: { NCrvSet: 3, NPt: 5 } }, there: true },
    { repetitions: { 707: { NCrvSet: 1, NPt: 2 } }, there: true },
    { repetitions: { 707: { NCrvSet: 1, NPt: 1 } }, there: false }, // has no second point
    { repetitions: { 707: { NCrvSet: 0 } }, there: false },
  ])('tells the second point of its trip curve, wherever it lies: $repetitions', ({ repetitions, there }) => {
    const der = device('sunspec-der', { repetitions });
    const name = 'set:tripLowVoltage2Pct';
    const point = der.model.points.find((one) => one.name === name);
    expect(point !== undefined).toBe(there);
    if (point === undefined) return;
    hold(der, { [name]: 50, 'set:tripLowVoltage2S': 2 });
    const again = drive(identify(findProfile('sunspec-der')!), (request) => readImage(der.image, request));
    if (!again.ok) throw new Error(again.say);
    expect(again.value.points).toEqual(der.model.points);
    expect(decodePoints(again.value, der.image).setpoints).toEqual({ [name]: 50, 'set:tripLowVoltage2S': 2 });
    // 707 begins with its head, Ena, AdptCrvReq, AdptCrvRslt, NPt, NCrvSet, V_SF, Tms_SF; then ReadOnly, ActPt, V, Tms.
    const { address } = der.model.sunspecModels!.find(({ id }) => id === 707)!;
    expect(point.sources[0]?.address).toBe(address + 2 + 7 + 1 + 1 + 3);
  });

  test('a count that contradicts the length, or cannot be read, leaves no curve', () => {
    const { image, model } = device('sunspec-der');
    const { address } = model.sunspecModels!.find(({ id }) => id === 707)!;
    const trips = (): boolean => {
      const found = drive(identify(findProfile('sunspec-der')!), (request) => readImage(image, request));
      return found.ok && found.value.points.some(({ name }) => name === 'set:tripLowVoltage1Pct');
    };
    expect(trips()).toBe(true);
    image.set('holding', address + 5, [7], 0);
    expect(trips()).toBe(false);
    image.set('holding', address + 5, [0xffff], 0);
    expect(trips()).toBe(false);
    image.forget('holding', address + 5, 1);
    expect(trips()).toBe(false);
  });

  test('InvSt counts from 0 where St of the older family counts from 1', () => {
    for (const [name, register] of [
      ['sunspec-der', 3],
      ['sunspec-inverter', 4],
    ] as const) {
      const one = device(name);
      const source = one.model.points.find((point) => point.name === 'operatingState')!.sources[0]!;
      one.image.set('holding', source.address, [register], 0);
      expect(decodePoints(one.model, one.image).measured.operatingState).toBe('running');
    }
  });

  test('without storage models it is the same profile, with all commands', () => {
    const pv = device('sunspec-der', { models: [1, 701, 702, 703, 704, 714, 715] });
    expect(pv.model.capabilities).toEqual(['generation']);
    expect(pv.model.commands).toEqual(['connect', 'disconnect', 'start-generation', 'stop-generation', 'limit-power']);
  });

  test('a limit takes its way back with it: after an hour the device lifts it itself', () => {
    const der = device('sunspec-der');
    hold(der, {
      'set:limitPct': 100,
      'set:limitEnabled': 'off',
      'set:limitRevertEnabled': 'off',
      'set:limitRevertS': 0,
    });
    const writes = written(der, 'limit-power', { limitPct: 40 });
    expect(writes).toEqual({
      'set:limitRevertEnabled': [0],
      'set:limitRevertS': [0, 3600],
      'set:limitPct': [400],
      'set:limitEnabled': [1],
    });
    // The time counts from the enabling.
    expect(Object.keys(writes).at(-1)).toBe('set:limitEnabled');
  });

  test.each([
    { control: 'local', met: 'no' },
    { control: 'remote', met: 'yes' },
    { control: undefined, met: 'unknown' },
  ])('LOCAL is asked for before any command writes: $control', ({ control, met }) => {
    for (const name of ['sunspec-der', 'sunspec-battery']) {
      const one = device(name);
      if (control !== undefined) hold(one, { control });
      for (const kind of one.model.commands) {
        const plan = planFor(one.model, kind, { limitPct: 50 });
        const [first] = plan.ok ? plan.value.steps : [];
        if (first?.do !== 'require') throw new Error(`${name} ${kind} does not begin with a condition`);
        expect(evaluate(first.that, decodePoints(one.model, one.image), {}, {}).met).toBe(met);
      }
    }
  });

  test('ports and storage in trouble are alarms', () => {
    const { image, model } = device('sunspec-der');
    const at = (id: number, offset: number) => model.sunspecModels!.find((found) => found.id === id)!.address + offset;
    image.set('holding', at(701, 6), [0, 0], 0);
    image.set('holding', at(714, 2), [0, 0b10], 0);
    expect(decodePoints(model, image).measured.alarms).toEqual(['dc-fault']);
    image.set('holding', at(713, 6), [2], 0);
    expect(decodePoints(model, image).measured.alarms).toEqual(['device-alarm', 'dc-fault']);
  });
});

test.each([
  { name: 'sunspec-der', model: 713, length: 6, point: 'stateOfChargePct', raw: 50, read: undefined }, // ends before its scale factor
  { name: 'sunspec-der', model: 713, length: 6, point: 'storedEnergyWh', raw: 50, read: 5000 },
  { name: 'sunspec-der', model: 713, length: 7, point: 'stateOfChargePct', raw: 50, read: 5 },
  { name: 'sunspec-inverter', model: 122, length: 4, point: 'connection', raw: 1, read: 'connected' }, // cut off behind it
  { name: 'sunspec-inverter', model: 122, length: 2, point: 'connection', raw: 1, read: undefined },
])('$point of model $model with $length registers reads $read', ({ name, model, length, point, raw, read }) => {
  const profile = findProfile(name)!;
  const whole = device(name).model.sunspecModels!.map(({ id }) => id);
  const one = layOut(profile, { models: whole.map((id) => (id === model ? { id, length } : id)) });
  const offsets = { stateOfChargePct: 4, storedEnergyWh: 3, connection: 4 };
  const { address } = one.model.sunspecModels!.find(({ id }) => id === model)!;
  if (offsets[point as keyof typeof offsets] < length + 2)
    one.image.set('holding', address + offsets[point as keyof typeof offsets], [raw], 0);
  expect(decodePoints(one.model, one.image).measured[point as 'connection']).toBe(read);
});

test.each([
  { model: 123, length: 23, commands: [] },
  { model: 123, length: 24, commands: ['connect', 'disconnect', 'limit-power'] },
  // Of a longer layout nobody knows what its end means to what is written.
  { model: 123, length: 26, commands: [] },
])('model $model of $length registers is written by $commands', ({ model, length, commands }) => {
  const one = device('sunspec-inverter', { models: [1, 103, 120, 121, 122, { id: model, length }] });
  expect(one.model.commands).toEqual(commands);
});

describe('storage of the older family', () => {
  test.each([
    { before: 0b00, after: 0b10 },
    { before: 0b01, after: 0b11 },
    { before: 0b10, after: 0b10 },
  ])('a limit sets the bit of discharge and keeps that of charge: $before becomes $after', ({ before, after }) => {
    const one = device('sunspec-storage');
    const { address } = one.model.points.find(({ name }) => name === 'set:dischargeLimited')!.sources[0]!;
    one.image.set('holding', address, [before], 0);
    hold(one, { 'set:dischargeLimitPct': 100, 'set:rateRevertS': 0 });
    expect(written(one, 'limit-power', { limitPct: 25 })).toEqual({
      'set:rateWindowS': undefined,
      'set:rateRevertS': [3600],
      'set:dischargeLimitPct': [250],
      'set:dischargeLimited': [after],
      'set:limitWindowS': undefined,
      'set:limitRevertS': undefined,
      'set:limitPct': undefined,
      'set:limitEnabled': undefined,
    });
  });

  test('a StorCtl_Mod that is not implemented is not written', () => {
    const one = device('sunspec-storage');
    hold(one, { 'set:dischargeLimitPct': 100 });
    expect(written(one, 'limit-power', { limitPct: 25 })).toMatchObject({ 'set:dischargeLimited': 'not-capable' });
  });
});

// Model 802, SetInvState: "Set the current state of the inverter. Information needed by battery for some operations."
test.each(['sunspec-battery', 'sunspec-storage'])('%s never tells a battery what its inverter does', (name) => {
  const steps = Object.values(findProfile(name)!.commands).flatMap((plan) => plan.steps);
  const written = steps.flatMap((step) => (step.do === 'write' ? [step.point] : []));
  expect(written).not.toContain('set:inverterState');
  expect(Object.keys(findProfile(name)!.commands)).not.toContain('start-generation');
});

describe('a battery', () => {
  test.each([
    { kind: 'connect', point: 'set:operation', words: [1] },
    { kind: 'disconnect', point: 'set:operation', words: [2] },
  ] as const)('$kind writes $words to $point', ({ kind, point, words }) => {
    const one = device('sunspec-battery');
    hold(one, { 'set:operation': 'connect', 'set:inverterState': 'standby' });
    expect(written(one, kind)).toEqual({ [point]: words });
  });

  // Model 802, State: 1 disconnected, 2 initialising, 3 connected, 4 standby, 6 suspending, 99 fault.
  test.each([
    { state: 1, connection: 'disconnected', operatingState: 'off' },
    { state: 3, connection: 'connected', operatingState: undefined },
    { state: 4, connection: undefined, operatingState: 'standby' },
    { state: 99, connection: undefined, operatingState: 'fault' },
  ])('in state $state is $connection and $operatingState', ({ state, connection, operatingState }) => {
    const { image, model } = device('sunspec-battery');
    image.set('holding', model.points.find(({ name }) => name === 'connection')!.sources[0]!.address, [state], 0);
    const { measured } = decodePoints(model, image);
    expect([measured.connection, measured.operatingState]).toEqual([connection, operatingState]);
  });

  test.each([0, 1, 4])('joins the alarms of its %i strings', (strings) => {
    const { image, model } = device('sunspec-battery', { repetitions: { 803: { NStr: strings } } });
    const { address } = model.sunspecModels!.find(({ id }) => id === 803)!;
    hold({ image, model }, { alarms: [] });
    if (strings > 0) image.set('holding', address + 28 + 32 * (strings - 1) + 20, [0, 0b10], 0);
    expect(decodePoints(model, image).measured.alarms).toEqual(strings > 0 ? ['over-temperature'] : []);
  });
});

test.each([
  { name: 'alarms', point: { source: { models: [803], point: 'string[*].StrEvt1' }, alarmBits: {} }, says: undefined },
  { name: 'set:x', point: { source: { models: [803], point: 'string[2].StrSoC' } }, says: undefined },
  { name: 'set:x', point: { source: { models: [803], point: 'string[*].StrSoC' } }, says: /every repetition/ },
  { name: 'set:x', point: { source: { models: [803], point: 'string[0].StrSoC' } }, says: /has a point/ },
  { name: 'set:x', point: { source: { models: [803], point: 'string.StrSoC' } }, says: /has a point/ },
  { name: 'activePowerW', point: { source: { models: [714], point: 'Prt[1].DCV' } }, says: /in W, but/ },
])('a profile that has $point.source.point as $name: $says', ({ name, point, says }) => {
  const battery = findProfile('sunspec-battery')!;
  const verdict = validateProfile({ ...battery, points: { ...battery.points, [name]: point } });
  const said = verdict.ok ? '' : verdict.mistakes.map(({ say }) => say).join('; ');
  expect(said).toMatch(says ?? /^$/);
});

describe('which profile', () => {
  const named = (image: WordImage): string | undefined => {
    const result = drive(recognise(profiles), (request: ReadRequest) => readImage(image, request));
    if (!result.ok) throw new Error(result.say);
    return result.value.named?.profile.name;
  };

  test.each([
    { what: 'an inverter', by: 'sunspec-inverter', models: [1, 103, 120, 121, 122, 123], named: 'sunspec-inverter' },
    { what: 'one in floats', by: 'sunspec-inverter', models: [1, 113, 120, 121, 122, 123], named: 'sunspec-inverter' },
    { what: 'one with a meter', by: 'sunspec-inverter', models: [1, 103, 1, 203], named: 'sunspec-inverter' },
    {
      what: 'one with model 124 and nothing in it',
      by: 'sunspec-inverter',
      models: [1, 103, 120, 121, 122, 123, 124],
      named: 'sunspec-inverter',
    },
    { what: 'a storage inverter', by: 'sunspec-storage', models: undefined, named: 'sunspec-storage' },
    { what: 'a DER', by: 'sunspec-der', models: undefined, named: 'sunspec-der' },
    {
      what: 'a DER that speaks the older family too',
      by: 'sunspec-der',
      models: [1, 103, 701, 702, 703, 715],
      named: 'sunspec-der',
    },
    { what: 'a battery', by: 'sunspec-battery', models: undefined, named: 'sunspec-battery' },
    { what: 'a meter', by: 'sunspec-meter', models: [1, 203], named: 'sunspec-meter' },
  ])('$what is $named', ({ by, models, named: expected }) => {
    const one = device(by, models === undefined ? {} : { models });
    hold(one, { activePowerW: 1500, voltageV: 240, ...(by === 'sunspec-battery' ? {} : { frequencyHz: 60 }) });
    expect(named(one.image)).toBe(expected);
  });

  const dumpFile = join(import.meta.dirname, '../../../../shared/data/devices/sma-sunnyboy-3.6-day.hex');
  test.skipIf(!existsSync(dumpFile))('a real inverter with an empty model 124 is an inverter', () => {
    const lines = readFileSync(dumpFile, 'utf8').split('\n');
    const words = lines.flatMap((line) => line.replace(/#.*/, '').match(/[0-9A-Fa-f]{4}/g) ?? []);
    const image = new WordImage();
    image.set(
      'holding',
      40_000,
      words.map((each) => Number.parseInt(each, 16)),
      0,
    );
    expect(named(image)).toBe('sunspec-inverter');
  });
});

import { expect, test } from 'vitest';
import { findProfile, validateProfile } from './index.ts';
import type { CommandPlan, Point, Profile, ProfileVerdict } from './index.ts';

const meter = findProfile('ami-meter-200a')!;
const inverter = findProfile('sunspec-inverter')!;
const point = (name: string, given: Point | undefined, profile = meter): Profile => ({
  ...profile,
  points: { ...profile.points, [name]: given ?? [] },
});
const without = (name: string): Profile => ({
  ...meter,
  points: Object.fromEntries(Object.entries(meter.points).filter(([key]) => key !== name)),
});
const disconnect = (change: Partial<CommandPlan>): Profile => ({
  ...meter,
  commands: { disconnect: { ...meter.commands.disconnect!, ...change } },
});
const told = (verdict: ProfileVerdict): readonly string[] =>
  verdict.ok ? [] : verdict.mistakes.map(({ path, say }) => `${path.join('.')}: ${say}`);
const input = { table: 'input', address: 5 } as const;

const bare = meter.commands.connect!.steps.filter(
  (step) => step.do === 'write' || (step.do === 'require' && step.that[0]?.point === 'control'),
);
const closingBy = (kind: 'disconnect' | 'limit-power' | 'start-generation'): Profile => ({
  ...meter,
  commands: { ...meter.commands, [kind]: { ...meter.commands.connect!, steps: bare } },
});
const dead = findProfile('deif-gc-1f-2')!;
const deadBelow = (below: number): Profile => {
  const connect = structuredClone(dead.commands.connect!) as unknown as {
    steps: { that?: { point: string; below?: number }[] }[];
  };
  for (const { that = [] } of connect.steps) for (const each of that) if (each.below !== undefined) each.below = below;
  return { ...dead, commands: { ...dead.commands, connect: connect as unknown as CommandPlan } };
};

test('what is wrong in meaning is told beside what is wrong in shape, but for what hangs on a broken part', () => {
  const broken = {
    ...meter,
    model: ' ',
    kind: 'meterr',
    unconfirmed: ['nobody'],
    points: {
      ...meter.points,
      frequencyHz: { source: { table: 'input', address: 65_535 }, type: 'float32' },
      currentA: 7,
    },
    commands: { disconnect: { ...meter.commands.disconnect!, proof: [] } },
  };
  const says = told(validateProfile(broken));
  expect(says.map((each) => each.split(': ')[0])).toEqual([
    'kind',
    'points.currentA',
    'model',
    'unconfirmed.0',
    'points.frequencyHz',
  ]);
  expect(told(validateProfile({ ...broken, kind: 'meter' }))).toContainEqual(
    expect.stringMatching(/^commands\.disconnect\.proof: has no proof/),
  );
  const both = [expect.stringMatching(/^points: is 7/), expect.stringMatching(/^name: must be/)];
  expect(told(validateProfile({ points: 7, name: 'No' }))).toEqual(expect.arrayContaining(both));
});

test.each([
  {
    what: 'a disconnect that closes',
    profile: closingBy('disconnect'),
    says: /^commands\.disconnect\.steps: writes all that connect writes/,
  },
  {
    what: 'a limit that closes',
    profile: closingBy('limit-power'),
    says: /^commands\.limit-power\.steps\.1: writes what connect writes/,
  },
  {
    what: 'a start that closes',
    profile: closingBy('start-generation'),
    says: /^commands\.start-generation\.steps\.1: writes what connect writes/,
  },
  {
    what: 'closing without the capability that brings the precondition',
    profile: {
      ...meter,
      capabilities: ['meter'] as const,
      commands: { connect: { ...meter.commands.connect!, steps: bare } },
    },
    says: /^commands\.connect: closes something that no capability tells of/,
  },
  {
    what: 'a load side that could only be dead',
    profile: point('loadSideVoltage', { source: input, type: 'uint16', codes: { 0: 'absent', 1: 'absent' } }),
    says: /loadSideVoltage could never read as present/,
  },
  {
    what: 'a bus that is called dead at any voltage',
    profile: deadBelow(1e9),
    says: /^commands\.connect\.steps: must require a dead side/,
  },
  {
    what: 'a command without proof',
    profile: disconnect({ proof: [] }),
    says: /^commands\.disconnect\.proof: has no proof/,
  },
  {
    what: 'a proof by set-point',
    profile: disconnect({ proof: [{ point: 'set:switchOrder', near: 2, tolerance: 0 }] }),
    says: /^commands\.disconnect\.proof: is proven by set-points only/,
  },
  {
    what: 'a proof by a point not there',
    profile: disconnect({ proof: [{ point: 'breakerState', is: 'open' }] }),
    says: /^commands\.disconnect: needs the point breakerState/,
  },
  {
    what: 'a command that writes nothing',
    profile: disconnect({ steps: [] }),
    says: /^commands\.disconnect\.steps: writes nothing/,
  },
  {
    what: 'an endless wait',
    profile: disconnect({ withinMs: Number.POSITIVE_INFINITY }),
    says: /^commands\.disconnect\.withinMs: is Infinity, and must be a number/,
  },
  {
    what: 'a wait of hours',
    profile: disconnect({ withinMs: 3_600_001 }),
    says: /^commands\.disconnect\.withinMs: is 3600001, which is not within 15 minutes/,
  },
  {
    what: 'a parameter of another command',
    profile: disconnect({ steps: [{ do: 'write', point: 'set:switchOrder', value: { parameter: 'limitPct' } }] }),
    says: /uses the parameter limitPct/,
  },
  {
    what: 'closing on an unmeasured load side',
    profile: {
      ...meter,
      commands: {
        connect: {
          ...meter.commands.connect!,
          steps: meter.commands.connect!.steps.filter((step) => step.do === 'write'),
        },
      },
    },
    says: /^commands\.connect\.steps: must require a dead load side/,
  },
  {
    what: 'a point that is not known',
    profile: point('activePowerKw', { source: input }),
    says: /^points\.activePowerKw: is no point/,
  },
  { what: 'a point without source', profile: point('voltageV', undefined), says: /voltageV: has no source/ },
  { what: 'a word point without codes', profile: point('health', { source: input }), says: /health: needs codes/ },
  {
    what: 'a word that is none of the point',
    profile: point('health', { source: input, codes: { 0: 'fine' } }),
    says: /health: fine is none of/,
  },
  {
    what: 'a number as text',
    profile: point('voltageV', { source: input, type: 'text', length: 2 }),
    says: /voltageV: is a number, and has type text/,
  },
  {
    what: 'a bit in a register table',
    profile: point('voltageV', { source: input, type: 'bit' }),
    says: /voltageV: type bit does not lie in the input table/,
  },
  {
    what: 'a bit outside of its register',
    profile: point('alarms', { source: input, bit: 14, bitCount: 4, alarmCodes: {} }),
    says: /alarms: bit 14 is outside/,
  },
  {
    what: 'an address outside of the table',
    profile: point('voltageV', { source: { table: 'input', address: 65_535 }, type: 'uint32' }),
    says: /voltageV: address 65535/,
  },
  {
    what: 'a written input register',
    profile: point('set:switchOrder', { source: input }),
    says: /set:switchOrder: is written, but the input table cannot be/,
  },
  { what: 'alarms without alarms', profile: point('alarms', { source: input }), says: /alarms: needs alarmBits/ },
  { what: 'LOCAL/REMOTE promised and missing', profile: without('control'), says: /control: is to be a point/ },
  {
    what: 'a service switch without its state',
    profile: without('switchState'),
    says: /^capabilities\.1: service-switch needs the point switchState/,
  },
  {
    what: 'a service switch without load side',
    profile: without('loadSideVoltageV'),
    says: /^capabilities\.1: service-switch needs the point loadSideVoltage or loadSideVoltageV/,
  },
  {
    what: 'a profile that takes every device',
    profile: { ...meter, identify: { probes: [] } },
    says: /^identify\.probes: has no probe/,
  },
  {
    what: 'an unconfirmed point that is not there',
    profile: { ...meter, unconfirmed: ['busVoltageV'] as const },
    says: /^unconfirmed\.0: names busVoltageV/,
  },
  { what: 'too many registers', profile: { ...meter, maxRegisters: 126 }, says: /^maxRegisters: is 126/ },
  {
    what: 'the wrong unit',
    profile: point('voltageV', { source: { models: [103], point: 'W' } }, inverter),
    says: /voltageV: is in V, but W in W/,
  },
  {
    what: 'a SunSpec point that is not there',
    profile: point('voltageV', { source: { models: [103], point: 'Volts' } }, inverter),
    says: /voltageV: no model of 103 has a point Volts/,
  },
  {
    what: 'a model that is not known',
    profile: point('voltageV', { source: { models: [9999], point: 'V' } }, inverter),
    says: /voltageV: model 9999 is not known/,
  },
  {
    what: 'a number from an enumeration',
    profile: point('powerLimitPct', { source: { models: [103], point: 'St' } }, inverter),
    says: /powerLimitPct: is a number, but St is enum16/,
  },
  {
    what: 'writing what is read only',
    profile: point('set:connect', { source: { models: [122], point: 'ECPConn' } }, inverter),
    says: /set:connect: is written, but ECPConn is read only/,
  },
  {
    what: 'a SunSpec point with a type of its own',
    profile: point('voltageV', { source: { models: [103], point: 'PhVphA' }, type: 'int16' }, inverter),
    says: /voltageV: takes type/,
  },
  {
    what: 'a SunSpec point without a chain',
    profile: point('voltageV', { source: { models: [103], point: 'PhVphA' } }),
    says: /voltageV: is a SunSpec point of a profile that does not/,
  },
])('$what', ({ profile, says }) => {
  expect(told(validateProfile(profile))).toContainEqual(expect.stringMatching(says));
});

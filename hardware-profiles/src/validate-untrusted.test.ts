import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { decodePoints, findProfile, layOut, profileHash, profiles, validateProfile } from './index.ts';
import type { ProfileVerdict } from './index.ts';

const seed = 20_261;

const told = (verdict: ProfileVerdict): readonly string[] =>
  verdict.ok ? [] : verdict.mistakes.map(({ path, say }) => `${path.join('.')}: ${say}`);

const isLine = (line: string, says: string | RegExp): boolean =>
  typeof says === 'string' ? line === says : says.test(line);

/** A copy as it comes out of a file, with one place changed; `undefined` takes the place away. */
function changed(name: string, path: readonly (string | number)[], value: unknown): unknown {
  const copy = JSON.parse(JSON.stringify(findProfile(name))) as Record<string, unknown>;
  let at: Record<string | number, unknown> = copy;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string | number, unknown>;
  if (value === undefined) delete at[path.at(-1)!];
  else at[path.at(-1)!] = value;
  return copy;
}

const meter = 'ami-meter-200a';
const feeder = 'sel-751a';
const genset = 'comap-inteligen';
const word = (address: number, rest: object = {}) => ({ source: { table: 'holding', address }, ...rest });

test.each([
  ['nothing', undefined, ': is undefined, and must be a profile: a map'],
  ['a list', [], ': is a list, and must be a profile: a map'],
  ['a text', 'profile', ": is 'profile', and must be a profile: a map"],
  ['an empty file', null, ': is empty, and must be a profile: a map'],
  ['an empty map', {}, 'points: is missing in a profile'],
  ['no source', changed(meter, ['source'], undefined), 'source: is missing in a profile'],
  ['an empty source', changed(meter, ['source'], ' '), 'source: is empty'],
  ['a property misspelt', changed(meter, ['maxRegister'], 20), /^maxRegister: is no property of a profile; there are/],
  ['a kind that is none', changed(meter, ['kind'], 'recloser'), /^kind: is 'recloser', and must be one of/],
  ['a capability that is none', changed(meter, ['capabilities', 0], 'fly'), /^capabilities.0: is 'fly'/],
  ['more registers than a read has', changed(meter, ['maxRegisters'], 0), /^maxRegisters: is 0/],
  ['points as a list', changed(meter, ['points'], []), 'points: is a list, and must be a map'],
  [
    'a point that is a number',
    changed(meter, ['points', 'voltageV'], 14),
    'points.voltageV: is 14, and must be a point: a map',
  ],
  [
    'a point without source',
    changed(meter, ['points', 'voltageV'], {}),
    'points.voltageV.source: is missing in a point',
  ],
  [
    'an address beyond all',
    changed(meter, ['points', 'voltageV'], word(65_536)),
    /^points.voltageV.source.address: is 65536/,
  ],
  ['half an address', changed(meter, ['points', 'voltageV'], word(1.5)), /^points.voltageV.source.address: is 1.5/],
  ['a table that is none', changed(meter, ['points', 'voltageV', 'source', 'table'], 'inputs'), /table: is 'inputs'/],
  ['a type that is none', changed(meter, ['points', 'voltageV', 'type'], 'float'), /^points.voltageV.type: is 'float'/],
  ['scale 0', changed(meter, ['points', 'voltageV', 'scale'], 0), 'points.voltageV: scale 0 makes every value 0'],
  ['a scale in words', changed(meter, ['points', 'voltageV', 'scale'], '0.1'), /^points.voltageV.scale: is '0.1'/],
  [
    'a text without length',
    changed(meter, ['points', 'identity:firmware'], word(9, { type: 'text' })),
    /firmware: is a text without length/,
  ],
  [
    'a length without text',
    changed(meter, ['points', 'voltageV', 'length'], 2),
    /voltageV: has a length, which only a text has/,
  ],
  [
    'a limit that is none',
    changed(meter, ['points', 'limit:ratedPower'], word(9)),
    /limit:ratedPower: is no point that Tiepoint knows/,
  ],
  ['an identity that is none', changed(meter, ['points', 'identity:serial'], word(9)), /identity:serial: is no point/],
  ['half a raw value', changed(meter, ['points', 'voltageV', 'notImplemented'], 0.5), /notImplemented: is 0.5/],
  [
    'a code that is no number',
    changed(meter, ['points', 'health', 'codes', 'one'], 'ok'),
    /codes.one: must be a whole number/,
  ],
  [
    'a code wider than its bits',
    changed(meter, ['points', 'health', 'codes', 70_000], 'ok'),
    /health: code 70000 does not fit into 16 bits/,
  ],
  [
    'an alarm bit outside of its register',
    changed(meter, ['points', 'alarms', 'alarmBits', 16], 'tamper'),
    /alarms: alarm bit 16 is outside/,
  ],
  [
    'an alarm that is none',
    changed(meter, ['points', 'alarms', 'alarmBits', 9], 'smoke'),
    /alarms: alarm smoke is not known/,
  ],
  [
    'what is plausible the wrong way round',
    changed(meter, ['points', 'voltageV', 'plausible'], [300, 90]),
    /voltageV: is plausible from 300 to 90/,
  ],
  [
    'registers cut in two',
    changed(meter, ['points', 'currentAA', 'source', 'address'], 21),
    /current[A-C]A: shares registers or bits with current[A-C]A/,
  ],
  [
    'an unconfirmed name twice',
    changed(meter, ['unconfirmed'], ['health', 'health']),
    'unconfirmed.1: names health twice',
  ],
  ['a limit below 0', changed(meter, ['limits', 'switchRatingA'], -1), /^limits.switchRatingA: is -1/],
  [
    'a probe that every register meets',
    changed(
      meter,
      ['identify', 'probes'],
      [{ source: { table: 'input', address: 0 }, type: 'uint16', within: [0, 65_535] }],
    ),
    /^identify.probes: cannot fail/,
  ],
  [
    'a probe that nothing meets',
    changed(meter, ['identify', 'probes', 0], {
      source: { table: 'input', address: 0 },
      type: 'uint16',
      within: [2, 1],
    }),
    /^identify.probes.0: is to be within 2 to 1, which nothing is/,
  ],
  [
    'a probe for a number in a text',
    changed(meter, ['identify', 'probes', 0], {
      source: { table: 'input', address: 0 },
      type: 'text',
      length: 2,
      equals: 5,
    }),
    /^identify.probes.0: 5 is never read as text/,
  ],
  [
    'a probe for more than a register holds',
    changed(meter, ['identify', 'probes', 0], {
      source: { table: 'input', address: 0 },
      type: 'uint16',
      equals: 70_000,
    }),
    /^identify.probes.0: 70000 is never read as uint16/,
  ],
  [
    'probes that contradict one another',
    changed(meter, ['identify', 'probes', 1], {
      source: { table: 'input', address: 0 },
      type: 'uint16',
      equals: 7,
    }),
    /^identify: no device could ever be recognised: /,
  ],
  [
    'a probe with two wishes',
    changed(meter, ['identify', 'probes', 0, 'within'], [1, 2]),
    /^identify.probes.0: has within and equals of/,
  ],
  [
    'a command that is none',
    changed(meter, ['commands', 'close'], {}),
    /^commands.close: is 'close', and must be one of/,
  ],
  [
    'a command without proof',
    changed(meter, ['commands', 'connect', 'proof'], undefined),
    'commands.connect.proof: is missing in a command',
  ],
  [
    'a step that is none',
    changed(meter, ['commands', 'connect', 'steps', 0], { do: 'wait' }),
    /^commands.connect.steps.0.do: is 'wait'/,
  ],
  [
    'a condition that asks nothing',
    changed(meter, ['commands', 'connect', 'proof', 0], { point: 'switchState' }),
    /^commands.connect.proof.0: has none of is, above/,
  ],
  [
    'a word that a point never has',
    changed(meter, ['commands', 'connect', 'proof', 0, 'is'], 'shut'),
    /^commands.connect.proof.0.is: switchState is never shut/,
  ],
  [
    'a word compared with a number',
    changed(meter, ['commands', 'connect', 'proof', 0], { point: 'switchState', above: 1 }),
    /proof.0.point: switchState is a word/,
  ],
  [
    'nothing said to the operator',
    changed(meter, ['commands', 'connect', 'steps', 0, 'say'], ''),
    /steps.0.say: is empty/,
  ],
  [
    'LOCAL not looked at',
    changed(meter, ['commands', 'disconnect', 'steps', 0, 'that', 0], { point: 'switchState', is: 'closed' }),
    /^commands.disconnect.steps: must require control to be remote/,
  ],
  [
    'a breaker closed onto anything',
    changed(feeder, ['commands', 'connect', 'steps', 1, 'that', 0], { point: 'busVoltageV', above: 100 }),
    /^commands.connect.steps: must require a dead side/,
  ],
  [
    'a synchroniser let close a closed breaker',
    changed(genset, ['commands', 'connect', 'steps', 1, 'that', 0], { point: 'breakerState', is: 'closed' }),
    /^commands.connect.steps: must require an open breaker/,
  ],
  [
    'an opening that proves no flow',
    changed(feeder, ['commands', 'disconnect', 'proof'], [{ point: 'breakerState', is: 'open' }]),
    /^commands.disconnect.proof: must prove by current or power/,
  ],
  [
    'an order that is none',
    changed(feeder, ['commands', 'connect', 'steps', 2, 'value', 'order'], 'shut'),
    /value: set:breakerOrder has no order shut; there are close, open/,
  ],
  [
    'a number where an order is taken',
    changed(feeder, ['commands', 'connect', 'steps', 2, 'value'], 1),
    /value: set:breakerOrder takes an order: close, open/,
  ],
  [
    'an order where a number is taken',
    changed(meter, ['commands', 'connect', 'steps', 3, 'value'], { order: 'close' }),
    /value: set:switchOrder takes no orders/,
  ],
  [
    'an order that is proven by itself',
    changed(feeder, ['commands', 'connect', 'proof', 0], { point: 'set:breakerOrder', is: 'close' }),
    /proof.0.point: set:breakerOrder takes orders, and is never read/,
  ],
  [
    'orders of different lengths',
    changed(feeder, ['points', 'set:breakerOrder', 'orders', 'open'], [2, 0]),
    /set:breakerOrder: has orders of different lengths/,
  ],
  [
    'orders with a scale',
    changed(feeder, ['points', 'set:breakerOrder', 'scale'], 2),
    /set:breakerOrder: has orders, beside which scale means nothing/,
  ],
  [
    'orders that nobody gives',
    changed(meter, ['points', 'set:key'], word(9, { orders: { press: [1] } })),
    /set:key: has orders, and no command writes it/,
  ],
  [
    'a measured point that is written',
    changed(meter, ['commands', 'connect', 'steps', 3, 'point'], 'voltageV'),
    /steps.3.point: is voltageV: only a set-point is written/,
  ],
] as const)('%s', (_, candidate, says) => {
  expect(told(validateProfile(candidate)).filter((line) => isLine(line, says))).not.toEqual([]);
});

test('all mistakes are told at once, and what hangs on a spoilt point is not blamed for it', () => {
  const candidate = changed(feeder, ['points', 'breakerState', 'type'], 'word') as Record<string, unknown>;
  candidate['name'] = 'SEL 751A';
  (candidate['points'] as Record<string, unknown>)['voltageKv'] = word(7);
  expect(told(validateProfile(candidate))).toEqual([
    expect.stringMatching(/^points.breakerState.type: is 'word'/),
    'name: must be 1 to 64 of a–z, 0–9 and -',
    'points.voltageKv: is no point that Tiepoint knows',
  ]);
});

test('a flood of mistakes is cut', () => {
  const points = Object.fromEntries(Array.from({ length: 900 }, (_, index) => [`point${index}`, word(index)]));
  const verdict = validateProfile(changed(meter, ['points'], points));
  expect(!verdict.ok && verdict.mistakes.length).toBe(201);
  expect(told(verdict).at(-1)).toMatch(/^: has \d+ more mistakes$/);
});

test.each(profiles.map(({ name }) => ({ name })))('$name, read back from a file, is the same profile', ({ name }) => {
  const copy: unknown = JSON.parse(JSON.stringify(findProfile(name)));
  const verdict = validateProfile(copy);
  expect(told(verdict)).toEqual([]);
  expect(verdict.ok && profileHash(verdict.value)).toBe(profileHash(findProfile(name)!));
});

describe('whatever it is given', () => {
  const anything = fc.anything({
    withBigInt: true,
    withNullPrototype: true,
    withSparseArray: true,
    withDate: true,
    withMap: true,
  });
  const keys =
    'name make model source kind capabilities identify points control commands limits unconfirmed maxRegisters'.split(
      ' ',
    );

  test('it tells mistakes and does not crash', () => {
    fc.assert(
      fc.property(fc.oneof(anything, fc.dictionary(fc.constantFrom(...keys), anything)), (candidate) => {
        expect(told(validateProfile(candidate))).not.toEqual([]);
      }),
      { seed, numRuns: 500 },
    );
  });

  /** Every place of a profile: the way to it, for taking it away or putting something else there. */
  function placesOf(
    value: unknown,
    path: readonly (string | number)[] = [],
  ): readonly (readonly (string | number)[])[] {
    if (typeof value !== 'object' || value === null) return [path];
    const inside = Object.entries(value).flatMap(([key, member]) =>
      placesOf(member, [...path, Array.isArray(value) ? Number(key) : key]),
    );
    return path.length === 0 ? inside : [path, ...inside];
  }

  const instead = fc.oneof(
    anything,
    fc.constantFrom<unknown>(undefined, null, 0, -1, 1.5, 65_535, 65_536, Number.NaN, Infinity, '', 'x', [], {}, true),
    fc.constantFrom('open', 'closed', 'set:mode', 'breakerState', 'uint32', 'text', 'holding', 'coil', 'absent'),
  );

  test.each(profiles.map(({ name }) => ({ name })))(
    '$name, changed anywhere, is refused with a path, or can be laid out and read',
    ({ name }) => {
      const places = placesOf(JSON.parse(JSON.stringify(findProfile(name))));
      fc.assert(
        fc.property(fc.constantFrom(...places), instead, (path, value) => {
          const verdict = validateProfile(changed(name, path, value));
          const { model, image } = layOut(verdict.ok ? verdict.value : findProfile(name)!);
          const { measured } = decodePoints(model, image);
          const numbers = Object.values(measured).filter((each) => typeof each === 'number');
          expect(numbers.every(Number.isFinite)).toBe(true);
          expect(
            verdict.ok || verdict.mistakes.every(({ path: where, say }) => Array.isArray(where) && say !== ''),
          ).toBe(true);
        }),
        { seed, numRuns: 150 },
      );
    },
  );

  test('a map that holds itself is looked at to its depth and no further', () => {
    const loop: Record<string, unknown> = changed(meter, ['points', 'voltageV'], {}) as Record<string, unknown>;
    (loop['points'] as Record<string, unknown>)['voltageV'] = loop;
    loop['identify'] = { probes: [loop] };
    expect(told(validateProfile(loop))).toContainEqual(expect.stringMatching(/^points.voltageV.source: /));
  });
});

import { describe, expect, test } from 'vitest';
import { IntervalWorld, hourMs, minuteMs, tenMs } from './interval-world.fixture.ts';
import type { ClosedInterval } from './intervals.ts';

/** `11 1000 flags`: the hour in which it ends, what was imported, and what is to be known of it. */
const words = (list: readonly ClosedInterval[]): string[] =>
  list.map(({ endMs, importedWh, flags }) =>
    [new Date(endMs).toISOString().slice(11, 16), importedWh, ...flags].join(' '),
  );

test('a meter of 1 kW counts 1000 Wh an hour, from the first whole one on', () => {
  const world = new IntervalWorld();
  world.look();
  world.watch(3 * hourMs);
  expect(words(world.list)).toEqual(['11:00 1000', '12:00 1000', '13:00 1000']);
  expect(world.list[1]).toMatchObject({
    lengthS: 3_600,
    exportedWh: 0,
    reactiveVarh: 500,
    voltageV: 230,
    importedRegisterWh: 7_000,
    exportedRegisterWh: 70,
  });
});

test('the first interval counts from where the gateway came', () => {
  const world = new IntervalWorld({ startMs: tenMs + 30 * minuteMs });
  world.look();
  world.watch(90 * minuteMs);
  expect(words(world.list)).toEqual(['11:00 500 partial', '12:00 1000']);
});

describe('silences', () => {
  test.each<[string, (world: IntervalWorld) => void, string[]]>([
    ['a restart within an hour', (world) => world.restart(10 * minuteMs), ['11:00 1000', '12:00 1000']],
    ['a kill within an hour', (world) => world.restart(10 * minuteMs, { killed: true }), ['11:00 1000', '12:00 1000']],
    [
      'a device that is silent within an hour',
      (world) => (world.pass(20 * minuteMs), world.look()),
      ['11:00 1000', '12:00 1000'],
    ],
    [
      'a restart over a boundary',
      (world) => world.restart(40 * minuteMs),
      ['11:00 1000 interpolated', '12:00 1000 interpolated'],
    ],
    [
      'an hour and a half',
      (world) => world.restart(90 * minuteMs),
      ['11:00 1000 interpolated', '12:00 1000 interpolated', '13:00 1000 interpolated'],
    ],
    ['three hours', (world) => world.restart(3 * hourMs), ['11:00 500 partial', '14:00 500 partial', '15:00 1000']],
  ])('%s', (_, happens, expected) => {
    const world = new IntervalWorld();
    world.look();
    world.watch(30 * minuteMs);
    happens(world);
    world.watch(expected.length * hourMs + hourMs / 2);
    expect(words(world.list).slice(0, expected.length)).toEqual(expected);
  });

  test('over three hours in which the register did not move, all is known: it counted nothing', () => {
    let isOn = true;
    const world = new IntervalWorld({ powerW: () => (isOn ? 1_000 : 0) });
    world.look();
    world.watch(30 * minuteMs);
    isOn = false;
    world.watch(minuteMs);
    world.restart(3 * hourMs);
    isOn = true;
    world.watch(29 * minuteMs + hourMs);
    expect(words(world.list)).toEqual([
      '11:00 500 interpolated',
      '12:00 0 interpolated',
      '13:00 0 interpolated',
      '14:00 483 interpolated',
      '15:00 1000',
    ]);
  });

  test('a load that changes within a silence: the boundary is taken from the straight line, and the sum is right', () => {
    const world = new IntervalWorld({ powerW: (atMs) => (atMs < hourMs ? 3_000 : 0) });
    world.look();
    world.watch(50 * minuteMs);
    world.restart(20 * minuteMs);
    world.watch(50 * minuteMs);
    expect(words(world.list)).toEqual(['11:00 2750 interpolated', '12:00 250 interpolated']);
  });
});

describe('registers', () => {
  test('that began anew count what is known, and nothing negative', () => {
    const world = new IntervalWorld();
    world.look();
    world.watch(30 * minuteMs);
    world.registerOffsetWh = -400;
    world.watch(90 * minuteMs);
    // What was used in the minute between the two readings is known to nobody.
    expect(words(world.list)).toEqual(['11:00 983 partial register-reset', '12:00 1000']);
    expect(world.list[0]?.importedRegisterWh).toBe(600);
  });

  test('that began anew over a boundary', () => {
    const world = new IntervalWorld();
    world.look();
    world.watch(50 * minuteMs);
    world.registerOffsetWh = -400;
    world.restart(20 * minuteMs);
    world.watch(110 * minuteMs);
    expect(words(world.list)).toEqual([
      '11:00 833 partial register-reset',
      '12:00 833 partial register-reset',
      '13:00 1000',
    ]);
  });

  test('of another meter, though it shows more', () => {
    const world = new IntervalWorld();
    world.look();
    world.watch(30 * minuteMs);
    world.serialNumber = 'S-2';
    world.registerOffsetWh = 9_000;
    world.watch(90 * minuteMs);
    expect(words(world.list)).toEqual(['11:00 983 partial register-reset', '12:00 1000']);
  });

  test('of a value that was read wrongly once', () => {
    const world = new IntervalWorld({ highestW: 50_000 });
    world.look();
    world.watch(30 * minuteMs);
    world.registerOffsetWh += 65_536;
    world.watch(minuteMs);
    world.registerOffsetWh -= 65_536;
    world.watch(89 * minuteMs);
    expect(words(world.list)).toEqual(['11:00 967 partial register-reset', '12:00 1000']);
  });

  test('that are silent for hours: power is summed up, and the registers go on when they speak again', () => {
    const world = new IntervalWorld();
    world.look();
    world.watch(30 * minuteMs);
    world.readable = false;
    world.watch(4 * hourMs);
    world.readable = true;
    world.watch(90 * minuteMs);
    expect(words(world.list)).toEqual([
      '11:00 1000 from-power',
      '12:00 1000 from-power',
      '13:00 1000 from-power',
      '14:00 1000 from-power',
      '15:00 497 partial',
      '16:00 1000',
    ]);
  });
});

describe('a meter without registers', () => {
  const sold = (atMs: number): number => (atMs < hourMs / 2 ? 2_000 : -1_000);

  test('is summed up from power, each direction by itself', () => {
    const world = new IntervalWorld({ hasRegisters: false, powerW: sold });
    world.look();
    world.watch(2 * hourMs);
    expect(words(world.list)).toEqual(['11:00 996 from-power', '12:00 0 from-power']);
    expect(world.list.map(({ exportedWh }) => exportedWh)).toEqual([500, 1_000]);
  });

  test('tells holes', () => {
    const world = new IntervalWorld({ hasRegisters: false });
    world.look();
    world.watch(30 * minuteMs);
    world.restart(15 * minuteMs);
    world.watch(75 * minuteMs);
    expect(words(world.list)).toEqual(['11:00 750 partial from-power', '12:00 1000 from-power']);
  });
});

test('an outage is told where the voltage was measured absent, and only there', () => {
  const world = new IntervalWorld();
  world.look();
  world.watch(20 * minuteMs);
  world.voltageV = undefined;
  world.watch(hourMs);
  world.voltageV = 3;
  world.watch(10 * minuteMs);
  world.voltageV = 228;
  world.watch(100 * minuteMs);
  expect(words(world.list)).toEqual(['11:00 1000', '12:00 1000 power-outage', '13:00 1000']);
  expect(world.list.map(({ voltageV }) => voltageV)).toEqual([230, 228, 228]);
});

describe('a clock that is set', () => {
  test.each<[string, (world: IntervalWorld) => void, string[]]>([
    [
      'forward within the interval',
      (world) => world.setClock(10 * minuteMs),
      ['11:00 833 clock-set', '12:00 1000', '13:00 1000'],
    ],
    [
      'forward over hours: what it leapt over is missing, and nothing is counted twice',
      (world) => world.setClock(3 * hourMs),
      ['11:00 500 clock-set', '14:00 500 clock-set', '15:00 1000'],
    ],
    ['back within the interval', (world) => world.setClock(-20 * minuteMs), ['11:00 1333 clock-set', '12:00 1000']],
    [
      'back behind what is closed: the interval under way goes on',
      (world) => {
        world.watch(hourMs);
        world.setClock(-hourMs);
      },
      ['11:00 1000', '12:00 2000 clock-set', '13:00 1000'],
    ],
    [
      'back by a day, and nobody knows whether it is right: it waits, and goes on when it was set again',
      (world) => {
        world.watch(hourMs);
        world.clockIsRight = false;
        world.setClock(-24 * hourMs);
        world.watch(hourMs);
        world.setClock(24 * hourMs);
        world.clockIsRight = true;
        world.watch(hourMs);
      },
      ['11:00 1000', '12:00 1500 clock-set', '13:00 500 clock-set', '14:00 1000'],
    ],
    [
      'back while the gateway was off',
      (world) => {
        world.watch(hourMs);
        world.setClock(-45 * minuteMs);
        world.restart(minuteMs);
      },
      ['11:00 1000', '12:00 1750 clock-set', '13:00 1000'],
    ],
    [
      'by a second now and then',
      (world) => {
        for (let i = 0; i < 20; i++) {
          world.setClock(i % 2 === 0 ? 1_000 : -1_000);
          world.watch(10_000);
        }
      },
      ['11:00 1000', '12:00 1000'],
    ],
  ])('%s', (_, happens, expected) => {
    const world = new IntervalWorld();
    world.look();
    world.watch(30 * minuteMs);
    happens(world);
    world.watch(expected.length * hourMs);
    expect(words(world.list).slice(0, expected.length)).toEqual(expected);
  });

  test('back by years, and known to be right now: it was astray before, and what it counted then is forgotten', () => {
    const world = new IntervalWorld({ startMs: Date.UTC(2031, 5, 1, 10) });
    world.clockIsRight = false;
    world.look();
    world.watch(2.5 * hourMs);
    expect(words(world.list)).toHaveLength(2);
    world.setClock(tenMs - Date.UTC(2031, 5, 1, 10));
    world.watch(minuteMs);
    expect(words(world.list)).toHaveLength(2);
    world.clockIsRight = true;
    world.watch(100 * minuteMs);
    expect(words(world.list)).toEqual(['13:00 483 partial clock-unsynchronised clock-set', '14:00 1000']);
  });

  test('to 1970 by a restart without a battery: the intervals of before are kept', () => {
    const world = new IntervalWorld();
    world.look();
    world.watch(1.5 * hourMs);
    world.clockIsRight = false;
    world.setClock(-world.wallMs);
    world.restart(minuteMs);
    world.watch(9 * minuteMs);
    world.setClock(tenMs + world.nowMs - world.wallMs);
    world.clockIsRight = true;
    world.watch(80 * minuteMs);
    expect(words(world.list)).toEqual(['11:00 1000', '12:00 1000 clock-set', '13:00 1000']);
  });
});

test('a clock that nobody vouches for is told at both ends that it set', () => {
  const world = new IntervalWorld();
  world.look();
  world.watch(90 * minuteMs);
  world.clockIsRight = false;
  world.watch(hourMs);
  world.clockIsRight = true;
  world.watch(2.5 * hourMs);
  expect(words(world.list)).toEqual([
    '11:00 1000',
    '12:00 1000 clock-unsynchronised',
    '13:00 1000 clock-unsynchronised',
    '14:00 1000',
    '15:00 1000',
  ]);
});

test('another length begins with the next full hour, and nothing is lost', () => {
  const world = new IntervalWorld();
  world.look();
  world.watch(20 * minuteMs);
  world.lengthS = 900;
  world.watch(70 * minuteMs);
  world.lengthS = 1_800;
  world.watch(hourMs);
  expect(words(world.list)).toEqual(['11:00 1000', '11:15 250', '11:30 250', '11:45 250', '12:00 250', '12:30 500']);
});

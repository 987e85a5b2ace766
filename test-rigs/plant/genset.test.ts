import { describe, expect, test } from 'vitest';
import { seededRandom } from '../devices/seeded-random.ts';
import { dieselSettings, syncLimitsFor, type GensetSettings } from './genset-settings.ts';
import { genset, orderGenset, stepGenset, type Genset, type GensetFaults, type GensetOrder } from './genset.ts';
import { dead, gridSupply, type GridDisturbance, type Supply } from './supply.ts';

const settings = dieselSettings;
type Run = {
  faults?: GensetFaults;
  grid?: (clockS: number) => Supply;
  settings?: GensetSettings;
  clockS?: number;
  dtS?: number;
  each?: (now: Genset, before: Genset) => void;
};
const calm = (clockS: number): Supply => gridSupply({ seed: 11, nominalHz: 60 }, clockS);

function run(
  start: Genset,
  seconds: number,
  { faults = {}, grid = calm, settings: used = settings, clockS = 0, dtS = 0.1, each = () => {} }: Run = {},
): Genset {
  let state = start;
  for (let step = 1; step <= Math.round(seconds / dtS); step++) {
    const nowS = clockS + step * dtS;
    const before = state;
    state = stepGenset(before, { dtS, clockS: nowS, grid: grid(nowS), settings: used, faults });
    each(state, before);
  }
  return state;
}
const told = (state: Genset, ...orders: GensetOrder[]): Genset => orders.reduce(orderGenset, state);
const started = (options?: Run): Genset => run(told(genset(settings), 'start'), 40, options);
const onGrid = (options?: Run): Genset => run(told(started(options), 'synchronise-and-close'), 60, options);

describe('a diesel set', () => {
  test('cranks, runs up, warms up and runs with voltage at nominal frequency', () => {
    const passed = new Set<string>();
    const end = run(told(genset(settings), 'start'), 40, { each: ({ engine }) => passed.add(engine) });
    expect([...passed]).toEqual(['cranking', 'run-up', 'running']);
    expect(end.frequencyHz).toBeCloseTo(60, 1);
    expect(end.voltageV).toBeCloseTo(277, 0);
    expect(end).toMatchObject({ activePowerW: 0, currentA: 0, breaker: { position: 'open' }, alarms: [] });
  });

  test('gives up after its cranks when it does not fire, and tells it until it is reset', () => {
    const end = run(told(genset(settings), 'start'), 60, { faults: { noFuel: true } });
    expect(end).toMatchObject({ engine: 'stopped', cranks: settings.crankAttempts, alarms: ['fail-to-start'] });
    expect(told(end, 'start').engine).toBe('stopped');
    expect(told(end, 'reset-alarms', 'start').engine).toBe('cranking');
  });

  test('synchronises, closes and takes its load over; power, current and energy agree', () => {
    let joules = 0;
    const before = started();
    const end = run(told(before, 'synchronise-and-close'), 120, {
      each: (now) => {
        joules += Math.max(0, now.activePowerW) * 0.1;
        expect(3 * now.voltageV * now.currentA).toBeCloseTo(Math.hypot(now.activePowerW, now.reactivePowerVar), 3);
      },
    });
    expect(end.breaker.position).toBe('closed');
    expect(end.activePowerW / (settings.baseLoadPu * settings.ratedW)).toBeCloseTo(1, 1);
    expect(end.frequencyHz).toBeCloseTo(calm(120).frequencyHz, 1);
    // Energy is integrated in finer pieces than it is looked at here.
    expect((3600 * (end.producedWh - before.producedWh)) / joules).toBeCloseTo(1, 2);
    expect(end.fuelL).toBeLessThan(before.fuelL);
  });

  test('armed, it matches and never closes', () => {
    const end = run(told(started(), 'arm-synchroniser'), 200, {
      each: ({ breaker }) => expect(breaker.position).toBe('open'),
    });
    expect(Math.abs(end.frequencyHz - calm(200).frequencyHz - settings.slipTargetHz)).toBeLessThan(0.03);
  });

  test('told to open it takes its load off first; told to stop it cools down, then rests', () => {
    const loaded = onGrid();
    const ramping = run(told(loaded, 'open-breaker'), 3);
    expect(ramping.breaker.position).toBe('closed');
    expect(ramping.activePowerW).toBeLessThan(loaded.activePowerW);
    const open = run(ramping, 30);
    expect(open).toMatchObject({ engine: 'running', breaker: { position: 'open' }, activePowerW: 0, currentA: 0 });
    const passed = new Set<string>();
    const rest = run(told(open, 'stop'), 90, { each: ({ engine }) => passed.add(engine) });
    expect([...passed]).toEqual(['cooling', 'stopping', 'stopped']);
    expect(rest).toMatchObject({ frequencyHz: 0, voltageV: 0, activePowerW: 0 });
  });

  test('told to stop at once it opens under load and does not cool', () => {
    const passed = new Set<string>();
    const rest = run(told(onGrid(), 'stop-at-once'), 60, { each: ({ engine }) => passed.add(engine) });
    expect([...passed]).toEqual(['stopping', 'stopped']);
    expect(rest).toMatchObject({ breaker: { position: 'open' }, voltageV: 0, currentA: 0 });
  });

  test('a breaker that does not open stays on the grid, gives nothing, and is told as failed', () => {
    const end = run(told(onGrid(), 'open-breaker'), 60, { faults: { breaker: { stuck: true } } });
    expect(end).toMatchObject({ breaker: { position: 'closed' }, alarms: ['breaker-failure'] });
    expect(Math.abs(end.activePowerW)).toBeLessThan(0.05 * settings.ratedW);
  });

  test('a breaker that does not close is given up after some orders', () => {
    const end = run(told(started(), 'synchronise-and-close'), 89, { faults: { breaker: { stuck: true } } });
    expect(end).toMatchObject({
      breaker: { position: 'open' },
      synchroniser: { mode: 'given-up', cause: 'breaker-failure' },
      alarms: ['breaker-failure'],
    });
  });

  test('a dead grid opens its breaker', () => {
    const end = run(onGrid(), 1, { grid: () => dead });
    expect(end).toMatchObject({
      breaker: { position: 'open' },
      activePowerW: 0,
      currentA: 0,
      alarms: ['loss-of-mains'],
    });
  });
});

describe('the synchroniser never closes outside of its window', () => {
  const cases: readonly {
    name: string;
    faults?: GensetFaults;
    disturbance?: GridDisturbance;
    closes: boolean | 'either';
  }[] = [
    { name: 'nothing is wrong', closes: true },
    { name: 'the slip is too high', faults: { governorOffsetHz: 0.4 }, closes: false },
    { name: 'the slip is too high the other way', faults: { governorOffsetHz: -0.5 }, closes: false },
    // It may close if it happens to stall in the window.
    { name: 'the slip is near zero', faults: { governorOffsetHz: -0.1 }, closes: 'either' },
    { name: 'the voltage does not match', faults: { regulatorOffsetPu: 0.08 }, closes: false },
    { name: 'the voltage does not match the other way', faults: { regulatorOffsetPu: -0.08 }, closes: false },
    { name: 'the grid is dead', disturbance: { dead: true }, closes: false },
    { name: 'the grid is far from its frequency', disturbance: { frequencyOffsetHz: -2 }, closes: false },
    { name: 'the breaker is a little slow', faults: { breaker: { extraTravelS: 0.1 } }, closes: true },
    { name: 'the breaker is too slow', faults: { breaker: { extraTravelS: 1.5 } }, closes: false },
    { name: 'the breaker does not move', faults: { breaker: { stuck: true } }, closes: false },
  ];
  const seeds = Array.from({ length: 6 }, (_, index) => 101 + index);

  /** What was wrong at the instant of contact, seen from outside: machine and grid of the step before. */
  function closingsOutside(now: Genset, before: Genset): string[] {
    if (now.breaker.position === before.breaker.position || now.breaker.position === 'open') return [];
    const { machine, supply } = before;
    const { slipHz, voltagePu, angleDeg } = settings.sync;
    const slip = machine.speedPu * settings.nominalHz - supply.frequencyHz;
    const volts = machine.voltagePu - supply.voltagePu;
    const wrong = [
      supply.voltagePu < 0.5 ? 'the grid was dead' : '',
      Math.abs(slip) > slipHz ? `slip ${slip} Hz` : '',
      Math.abs(volts) > voltagePu ? `voltage off by ${volts}` : '',
      Math.abs(machine.angleDeg) > angleDeg ? `angle ${machine.angleDeg}` : '',
    ];
    return wrong.filter((each) => each !== '');
  }

  test.each(cases)('$name', ({ faults = {}, disturbance = {}, closes }) => {
    const outcomes = seeds.map((seed) => {
      const random = seededRandom(seed);
      const outside: string[] = [];
      const grid = (clockS: number): Supply => gridSupply({ seed, nominalHz: 60 }, clockS, disturbance);
      const options: Run = {
        faults,
        grid,
        settings: { ...settings, seed },
        clockS: random.below(10_000),
        dtS: 0.005,
        each: (now, before) => outside.push(...closingsOutside(now, before)),
      };
      const running = run(told(genset(settings), 'start'), 30 + random.next() * 10, { ...options, faults: {} });
      // What is wrong is so before it may close.
      const spoilt = run(told(running, 'arm-synchroniser'), 20, options);
      const end = run(told(spoilt, 'synchronise-and-close'), settings.syncTimeoutS + 5, options);
      const closed = end.lastClosing !== undefined;
      return { seed, outside, closed, toldWhyNot: closed || end.alarms.length > 0 };
    });
    const wanted = outcomes.map(({ seed, closed }) => ({
      seed,
      outside: [],
      closed: closes === 'either' ? closed : closes,
      toldWhyNot: true,
    }));
    expect(outcomes).toEqual(wanted);
  });

  test.each([
    { ratedVa: 500_000, slipHz: 0.3 },
    { ratedVa: 625_000, slipHz: 0.2 },
    { ratedVa: 2_000_000, slipHz: 0.1 },
  ])('$ratedVa VA: at most $slipHz Hz', ({ ratedVa, slipHz }) => {
    expect(syncLimitsFor(ratedVa).slipHz).toBe(slipHz);
  });
});

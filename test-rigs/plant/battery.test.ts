import { describe, expect, test } from 'vitest';
import { battery, siteBatterySettings, stepBattery, storedWh, type Battery } from './battery.ts';
import { dead, type Supply } from './supply.ts';

const settings = { ...siteBatterySettings, enterServiceDelayS: 5 };
const good: Supply = { voltagePu: 1.01, frequencyHz: 60 };
const run = (start: Battery, seconds: number, supply: Supply = good): Battery => {
  let state = start;
  for (let step = 0; step < Math.round(seconds * 10); step++)
    state = stepBattery(state, { dtS: 0.1, supply, settings });
  return state;
};
const running = (): Battery => run(battery(60), 20);

describe('a battery', () => {
  test('enters service after its delay and gives what its schedule says', () => {
    expect(run(battery(60), 4.5)).toMatchObject({ phase: 'starting', activePowerW: 0 });
    expect(running()).toMatchObject({ phase: 'running', activePowerW: settings.scheduledW });
  });

  test.each([
    { name: 'the permission is taken', change: { permitted: false }, phase: 'standby' },
    { name: 'it is stopped', change: { started: false }, phase: 'off' },
  ] as const)('no power flows when $name', ({ change, phase }) => {
    expect(run({ ...running(), ...change }, 0.1)).toMatchObject({ phase, activePowerW: 0, currentA: 0 });
  });

  test('no power flows without a grid, and it waits anew', () => {
    expect(run(running(), 1, dead)).toMatchObject({ phase: 'standby', activePowerW: 0, voltageV: 0, currentA: 0 });
    expect(run(run(running(), 1, dead), 3).phase).toBe('starting');
  });

  test.each([
    { change: { setEnabled: true, setW: -80_000 }, powerW: -80_000 },
    { change: { setEnabled: true, setW: 250_000 }, powerW: 100_000 },
    { change: { limitEnabled: true, limitPct: 10 }, powerW: 10_000 },
    { change: { setEnabled: true, setW: 50_000, setRevertsInS: 5 }, powerW: 40_000 },
  ])('$change ends at $powerW W', ({ change, powerW }) => {
    expect(run({ ...running(), ...change }, 30).activePowerW).toBeCloseTo(powerW, 6);
  });

  test('what leaves the cells is what is given and lost', () => {
    const before = running();
    const after = run({ ...before, setEnabled: true, setW: 60_000 }, 600);
    const givenWh = after.dischargedWh - before.dischargedWh;
    expect(storedWh(before, settings) - storedWh(after, settings)).toBeCloseTo(givenWh / settings.efficiency, 3);
    expect(3 * after.voltageV * after.currentA).toBeCloseTo(after.activePowerW, 6);
  });

  test.each([
    { chargePct: 10.01, setW: 100_000 },
    { chargePct: 94.99, setW: -100_000 },
  ])('an empty or full one takes its power back ($chargePct %)', ({ chargePct, setW }) => {
    const after = run({ ...running(), chargePct, setEnabled: true, setW }, 120);
    expect(after.activePowerW).toBe(0);
    expect(after.chargePct).toBeCloseTo(chargePct, 0);
  });
});

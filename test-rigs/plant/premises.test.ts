import { describe, expect, test } from 'vitest';
import { homeInverterSettings, inverter, stepInverter, type Inverter } from './inverter.ts';
import {
  homeSettings,
  orderServiceSwitch,
  premises,
  stepLoad,
  stepServiceSwitch,
  type Premises,
  type PremisesFaults,
} from './premises.ts';
import { dead, gridSupply } from './supply.ts';

const pvSettings = { ...homeInverterSettings, enterServiceDelayS: 5, enterServiceRampS: 10 };
type Home = { clockS: number; home: Premises; pv: Inverter };
const noonS = 12 * 3600;

/** Runs home and PV in steps of 0.1 s; `each` sees every step. */
function run(
  start: Home,
  seconds: number,
  {
    faults = {},
    gridDead = false,
    each = () => {},
  }: { faults?: PremisesFaults; gridDead?: boolean; each?: (now: Home) => void } = {},
): Home {
  let { clockS, home, pv } = start;
  for (let step = 0; step < Math.round(seconds * 10); step++) {
    clockS += 0.1;
    const supply = gridDead ? dead : gridSupply({ seed: 9, nominalHz: 60 }, clockS);
    home = stepServiceSwitch(home, { dtS: 0.1, supply, settings: homeSettings, faults });
    pv = stepInverter(pv, { dtS: 0.1, clockS, supply: home.loadSide, settings: pvSettings });
    home = stepLoad(home, { dtS: 0.1, clockS, generationW: pv.activePowerW, settings: homeSettings });
    each({ clockS, home, pv });
  }
  return { clockS, home, pv };
}
const atNoon = (): Home => run({ clockS: noonS, home: premises(), pv: inverter() }, 30);

describe('a home with PV behind its meter', () => {
  test('volts times amperes are what active and reactive power say, and energy is their integral', () => {
    let importedJ = 0;
    let exportedJ = 0;
    const start: Home = { clockS: 17 * 3600, home: premises(), pv: inverter() };
    const end = run(start, 3600, {
      each: ({ home, pv }) => {
        expect(home.supplyV * home.currentA).toBeCloseTo(Math.hypot(home.activePowerW, home.reactivePowerVar), 6);
        expect(home.activePowerW).toBeCloseTo(home.loadW - pv.activePowerW, 6);
        importedJ += Math.max(0, home.activePowerW) * 0.1;
        exportedJ += Math.max(0, -home.activePowerW) * 0.1;
      },
    });
    expect(end.home.importedWh).toBeCloseTo(importedJ / 3600, 3);
    expect(end.home.exportedWh).toBeCloseTo(exportedJ / 3600, 3);
    expect(end.home.importedWh).toBeGreaterThan(0);
  });

  test('opening the switch takes current, load-side voltage and the PV away; closing brings them back after the delay', () => {
    const before = atNoon();
    expect(before.pv.phase).toBe('running');
    expect(before.home.currentA).toBeGreaterThan(1);
    const opened = run({ ...before, home: orderServiceSwitch(before.home, 'open') }, 0.5);
    expect(opened.home).toMatchObject({ currentA: 0, activePowerW: 0, loadSideV: 0, loadW: 0 });
    expect(opened.home.supplyV).toBeGreaterThan(230);
    expect(opened.pv).toMatchObject({ phase: 'waiting', activePowerW: 0, currentA: 0, voltageV: 0 });
    const closed = run({ ...opened, home: orderServiceSwitch(opened.home, 'closed') }, 4);
    expect(closed.home.loadSideV).toBeGreaterThan(230);
    expect(closed.pv.phase).toBe('waiting');
    expect(run(closed, 3).pv.phase).toBe('running');
  });

  test('the PV trips when the grid dies, and nothing is counted meanwhile', () => {
    const before = atNoon();
    const after = run(before, 60, { gridDead: true });
    expect(after.pv).toMatchObject({ phase: 'waiting', activePowerW: 0 });
    expect(after.home).toMatchObject({ supplyV: 0, currentA: 0, importedWh: before.home.importedWh });
  });

  test.each([
    { faults: { stuck: true }, position: 'closed', loadSideLive: true, flows: true },
    { faults: { backFeed: true }, position: 'open', loadSideLive: true, flows: false },
    { faults: { extraTravelS: 5 }, position: 'closed', loadSideLive: true, flows: true },
  ] as const)('told to open with $faults', ({ faults, position, loadSideLive, flows }) => {
    const before = atNoon();
    const { home } = run({ ...before, home: orderServiceSwitch(before.home, 'open') }, 2, { faults });
    expect(home.serviceSwitch.position).toBe(position);
    expect(home.loadSideV > 100).toBe(loadSideLive);
    expect(home.currentA > 0).toBe(flows);
  });
});

describe('an inverter', () => {
  const supply = { voltagePu: 1, frequencyHz: 60 };
  const pvFor = (start: Inverter, seconds: number, clockS = noonS, settings = pvSettings): Inverter => {
    let pv = start;
    for (let step = 0; step < seconds * 10; step++)
      pv = stepInverter(pv, { dtS: 0.1, clockS: clockS + step / 10, supply, settings });
    return pv;
  };

  test('waits 300 s before it connects, unless it is told another delay', () => {
    expect(pvFor(inverter(), 299, noonS, homeInverterSettings).phase).toBe('waiting');
    expect(pvFor(inverter(), 301, noonS, homeInverterSettings).phase).toBe('running');
  });

  test('gives no more than sun and limit allow, ramps up, and sleeps at night', () => {
    const running = pvFor(inverter(), 60);
    expect(running.activePowerW).toBeLessThanOrEqual(running.sunW);
    expect(pvFor(inverter(), 7).activePowerW).toBeLessThan(0.3 * pvSettings.ratedW);
    const limited = pvFor({ ...running, limitEnabled: true, limitPct: 10 }, 10);
    expect(limited.activePowerW).toBeLessThanOrEqual(600 + 1e-9);
    expect(pvFor(running, 1, 2 * 3600)).toMatchObject({ phase: 'sleeping', activePowerW: 0 });
  });

  test('a limit and an order to disconnect end by themselves when their time is over', () => {
    const running = pvFor(inverter(), 60);
    const off = pvFor({ ...running, connectWanted: false, connectRevertsInS: 3 }, 2);
    expect(off).toMatchObject({ phase: 'stopped', activePowerW: 0 });
    expect(pvFor(off, 8).phase).toBe('running');
    const limited = pvFor({ ...running, limitEnabled: true, limitPct: 5, limitRevertsInS: 3 }, 2);
    expect(limited.limitEnabled).toBe(true);
    expect(pvFor(limited, 2).limitEnabled).toBe(false);
  });
});

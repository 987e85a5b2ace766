import { describe, expect, test } from 'vitest';
import { findProfile } from '@tiepoint/hardware-profiles';
import { FaultPlan } from '../faults.ts';
import { BehavingDevice } from './behaving-device.ts';
import type { DeviceFaults } from './device-faults.ts';
import { ProfiledBehaviour } from './profiled-behaviour.ts';
import { commanded, seen } from './seen-by-agent.ts';

/** A device of this profile alone, with a clock that the test moves. */
function emulated(name: string, faults: DeviceFaults = {}) {
  const profile = findProfile(name);
  if (profile === undefined) throw new Error(`there is no profile ${name}`);
  const behaviour = new ProfiledBehaviour({ profile, seed: 4 });
  const device = new BehavingDevice({
    id: 'one',
    unit: 1,
    profile,
    behaviour,
    wire: new FaultPlan({ seed: 4 }),
    nameplate: behaviour.nameplate('one'),
    advance: (nowMs) => behaviour.advance(nowMs),
  });
  device.prepare();
  expect(device.change(faults).ok).toBe(true);
  let nowMs = 0;
  const run = (seconds: number): void => {
    for (let tick = 0; tick < Math.round(seconds * 10); tick++) device.step((nowMs += 100));
  };
  run(1);
  return { behaviour, device, run, now: () => seen(device).measured, set: () => seen(device).setpoints };
}

describe('a service switch', () => {
  test('opens after its time, and says so on the way', () => {
    const { device, now, run } = emulated('ami-meter-200a');
    expect(now()).toMatchObject({ switchState: 'closed', loadSideVoltage: 'present', control: 'remote' });
    expect(commanded(device, 'disconnect')).toEqual([{ ok: true }]);
    run(0.3);
    expect(now().switchState).toBe('moving');
    run(1);
    expect(now()).toMatchObject({ switchState: 'open', currentA: 0, activePowerW: 0, loadSideVoltage: 'absent' });
  });

  test.each([
    { title: 'slow', faults: { slowSwitchS: 5 }, afterS: 4, switchState: 'moving', loadSideVoltage: 'present' },
    {
      title: 'slow, and there in the end',
      faults: { slowSwitchS: 5 },
      afterS: 7,
      switchState: 'open',
      loadSideVoltage: 'absent',
    },
    { title: 'stuck', faults: { stuckSwitch: true }, afterS: 30, switchState: 'closed', loadSideVoltage: 'present' },
    {
      title: 'fed from behind',
      faults: { backFeed: true },
      afterS: 2,
      switchState: 'open',
      loadSideVoltage: 'present',
    },
    {
      title: 'untold',
      faults: { unknownPoints: ['switchState'] },
      afterS: 2,
      switchState: undefined,
      loadSideVoltage: 'absent',
    },
  ])('$title: $switchState after $afterS s', ({ faults, afterS, switchState, loadSideVoltage }) => {
    const { device, now, run } = emulated('ami-meter-200a', faults);
    expect(commanded(device, 'disconnect')).toEqual([{ ok: true }]);
    run(afterS);
    expect(now().switchState).toBe(switchState);
    expect(now().loadSideVoltage).toBe(loadSideVoltage);
  });

  test('words that are no order are refused, and so is a register beside it', () => {
    const { device, now, run } = emulated('ami-meter-200a');
    expect(device.image.write('holding', 0, [7])).toEqual({ ok: false, exception: 3 });
    expect(device.image.write('holding', 1, [2])).toEqual({ ok: false, exception: 2 });
    run(5);
    expect(now().switchState).toBe('closed');
  });
});

describe('orders in several steps', () => {
  const pressed = (key: number): number[] => [key, 65_535 - key];

  test('a start key without manual mode starts nothing; after it, it does', () => {
    const { behaviour, device, now, run } = emulated('deepsea-genset');
    behaviour.prepareFor('start-generation');
    run(1);
    expect(device.image.write('holding', 4104, pressed(35_705))).toEqual({ ok: true });
    run(20);
    expect(now().operatingState).toBe('off');
    expect(device.image.write('holding', 4104, pressed(35_702))).toEqual({ ok: true });
    run(2);
    expect(now().operatingState).toBe('off');
    expect(device.image.write('holding', 4104, pressed(35_705))).toEqual({ ok: true });
    run(1);
    expect(now().operatingState).toBe('starting');
    run(10);
    expect(now()).toMatchObject({ operatingState: 'running', breakerState: 'open', activePowerW: 0 });
    expect(now().voltageV).toBeGreaterThan(200);
  });

  test.each([
    { title: 'a key without its complement', words: [35_700, 1] },
    { title: 'a key that the profile does not know', words: [35_799, 65_535 - 35_799] },
    { title: 'one word alone', words: [35_700] },
  ])('$title is refused', ({ words }) => {
    const { device, now, run } = emulated('deepsea-genset');
    expect(device.image.write('holding', 4104, words).ok).toBe(false);
    run(5);
    expect(now().operatingState).toBe('running');
  });

  test('a limit is kept when it is enabled, and lifts itself when its time is over', () => {
    const { device, now, run, set } = emulated('sunspec-der');
    const fullW = now().activePowerW ?? 0;
    expect(commanded(device, 'limit-power', { limitPct: 20 }).every(({ ok }) => ok)).toBe(true);
    run(4);
    expect(now().activePowerW).toBeLessThan(0.3 * fullW);
    expect(now().operatingState).toBe('throttled');
    run(3_590);
    expect(set()['set:limitEnabled']).toBe('on');
    run(10);
    expect(set()['set:limitEnabled']).toBe('off');
    expect(now().activePowerW).toBeGreaterThan(0.9 * fullW);
  });

  test('of two orders the later one counts', () => {
    const { device, now, run } = emulated('sunspec-der', { slowSwitchS: 5 });
    const rated = now().ratedPowerW ?? 0;
    commanded(device, 'limit-power', { limitPct: 20 });
    run(2);
    commanded(device, 'limit-power', { limitPct: 50 });
    run(20);
    expect((now().activePowerW ?? 0) / rated).toBeCloseTo(0.5, 1);
  });

  test('a limit that is raised lets the power come back', () => {
    const { device, now, run } = emulated('sunspec-inverter');
    const fullW = now().activePowerW ?? 0;
    commanded(device, 'limit-power', { limitPct: 20 });
    run(4);
    expect(now().activePowerW).toBeLessThan(0.3 * fullW);
    commanded(device, 'limit-power', { limitPct: 100 });
    run(10);
    expect(now().activePowerW).toBeGreaterThan(0.9 * fullW);
    expect(now().operatingState).toBe('running');
  });

  test('a limit that is written and not enabled limits nothing', () => {
    const { behaviour, device, now, run } = emulated('sunspec-der');
    const before = now().activePowerW;
    const point = behaviour.model.points.find(({ name }) => name === 'set:limitPct');
    expect(device.image.write('holding', point?.sources[0]?.address ?? 0, [200])).toEqual({ ok: true });
    run(10);
    expect((now().activePowerW ?? 0) / (before ?? 1)).toBeCloseTo(1, 1);
  });
});

test('energies count what the power gives', () => {
  const { now, run } = emulated('eastron-sdm630');
  const before = now().importedEnergyWh ?? 0;
  const watts = now().activePowerW ?? 0;
  run(600);
  // A float32 of kilowatt hours is coarse by half a watt hour.
  expect(Math.abs((now().importedEnergyWh ?? 0) - before - watts / 6)).toBeLessThan(0.02 * watts);
  expect(now().exportedEnergyWh).toBeGreaterThan(0);
});

test.each(['sunspec-der', 'sunspec-battery'])(
  '%s counts its heartbeat, and takes the one of its controller',
  (name) => {
    const { device, run, set } = emulated(name);
    const before = Number(set()['set:deviceHeartbeat']);
    run(3);
    expect(Number(set()['set:deviceHeartbeat']) - before).toBe(3);
    const place = device.model.points.find((point) => point.name === 'set:controllerHeartbeat')?.sources[0];
    expect(device.image.write('holding', place?.address ?? 0, place?.words === 2 ? [0, 7] : [7])).toEqual({ ok: true });
    run(1);
    expect(set()['set:controllerHeartbeat']).toBe(7);
  },
);

test('readings are the same for the same seed', () => {
  const [one, other] = [emulated('eastron-sdm630'), emulated('eastron-sdm630')];
  one.run(30);
  other.run(30);
  expect(one.now()).toEqual(other.now());
});

describe('values held by hand', () => {
  test('stay until they are let go, and a held word moves nothing', () => {
    const { device, now, run } = emulated('ami-meter-200a');
    expect(device.override({ voltageAV: 0, switchState: 'failed' })).toEqual({ ok: true });
    run(5);
    expect(now()).toMatchObject({ voltageAV: 0, switchState: 'failed', loadSideVoltage: 'present' });
    device.override({ voltageAV: null, switchState: null });
    run(0.1);
    expect(now().switchState).toBe('closed');
    expect(now().voltageAV).toBeGreaterThan(200);
  });

  test.each([
    { values: { volts: 1 }, say: /no point volts/ },
    { values: { voltageAV: 'much' }, say: /takes a number/ },
    { values: { switchState: 'ajar' }, say: /takes one of open, closed, moving, failed/ },
    { values: { alarms: 'tamper' }, say: /takes a list/ },
    { values: 7, say: /an object of values/ },
  ])('$values is refused with a reason', ({ values, say }) => {
    const { device } = emulated('ami-meter-200a');
    const held = device.override(values);
    expect(held.ok ? '' : held.say).toMatch(say);
  });
});

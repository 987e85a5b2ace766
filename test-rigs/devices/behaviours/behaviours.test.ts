import { describe, expect, test } from 'vitest';
import type { Measured } from '@tiepoint/protocol';
import { DemonstrationSite, deviceIds, type DeviceId } from './demonstration-site.ts';
import { commanded, identified, seen } from './seen-by-agent.ts';

/** A site at noon that has run for a minute, with a clock that the test moves. */
function site(): {
  measured: (id: DeviceId) => Measured;
  device: DemonstrationSite['devices'];
  run: (seconds: number) => void;
  now: DemonstrationSite;
} {
  const now = new DemonstrationSite({ clockS: 12 * 3600 });
  now.prepare(60);
  let nowMs = 0;
  const step = (): void => {
    for (const device of Object.values(now.devices)) device.step(nowMs);
  };
  step();
  const run = (seconds: number): void => {
    for (let tick = 0; tick < Math.round(seconds * 10); tick++) {
      nowMs += 100;
      step();
    }
  };
  return { measured: (id) => seen(now.devices[id]).measured, device: now.devices, run, now };
}
const allTaken = (answers: readonly { ok: boolean }[]): boolean => answers.length > 0 && answers.every(({ ok }) => ok);

describe('every device', () => {
  test.each(deviceIds.map((id) => ({ id })))(
    '$id identifies, and tells all points of its profile that it has',
    ({ id }) => {
      const { device, measured } = site();
      const model = identified(device[id]);
      expect(model.commands.toSorted()).toEqual(Object.keys(model.profile.commands).toSorted());
      const told = measured(id) as Record<string, unknown>;
      const unknown = model.points
        .map(({ name }) => name)
        .filter((name) => !name.startsWith('set:') && told[name] === undefined);
      expect(unknown).toEqual(untold[id]);
    },
  );

  // Of a single phase there are no others; the set's synchroniser tells nothing until it works.
  const untold: Record<DeviceId, string[]> = {
    'meter-1': ['voltageBV', 'voltageCV', 'currentBA', 'currentCA'],
    'pv-1': ['currentBA', 'currentCA', 'voltageBV', 'voltageCV'],
    'battery-1': [],
    'genset-1': [],
    'meter-2': [],
    'relay-1': [],
  };

  test('power and current agree, and the meters see what hangs behind them', () => {
    const { measured, now } = site();
    const pv = measured('pv-1');
    expect(pv).toMatchObject({
      operatingState: 'running',
      connection: 'connected',
      ratedPowerW: 6000,
      control: 'none',
    });
    expect((pv.voltageV ?? 0) * (pv.currentA ?? 0)).toBeCloseTo(pv.activePowerW ?? 0, -1.5);
    const meter = measured('meter-1');
    expect(meter.activePowerW).toBeCloseTo(now.plant.home.loadW - (pv.activePowerW ?? 0), -1);
    const battery = measured('battery-1');
    expect(battery).toMatchObject({ operatingState: 'running', control: 'remote', ratedPowerW: 100_000 });
    expect(3 * (battery.voltageV ?? 0) * (battery.currentA ?? 0)).toBeCloseTo(battery.activePowerW ?? 0, -3);
    expect(measured('meter-2').activePowerW).toBeCloseTo(now.plant.facility.loadW - now.plant.battery.activePowerW, 0);
  });
});

describe('the meter', () => {
  test('disconnect opens the switch: current, load-side voltage and the PV behind it go; connect brings them back', () => {
    const { device, measured, run } = site();
    expect(measured('meter-1')).toMatchObject({ switchState: 'closed', loadSideVoltage: 'present', control: 'remote' });
    expect(allTaken(commanded(device['meter-1'], 'disconnect'))).toBe(true);
    run(0.2);
    expect(measured('meter-1').switchState).toBe('moving');
    run(1);
    expect(measured('meter-1')).toMatchObject({
      switchState: 'open',
      currentA: 0,
      activePowerW: 0,
      loadSideVoltage: 'absent',
    });
    expect(measured('pv-1')).toMatchObject({
      operatingState: 'standby',
      connection: 'disconnected',
      activePowerW: 0,
      voltageV: 0,
      alarms: ['ac-disconnected'],
    });
    expect(allTaken(commanded(device['meter-1'], 'connect'))).toBe(true);
    run(2);
    expect(measured('meter-1')).toMatchObject({ switchState: 'closed', loadSideVoltage: 'present' });
    expect(measured('pv-1').operatingState).toBe('starting');
    run(12);
    expect(measured('pv-1')).toMatchObject({ operatingState: 'running', connection: 'connected', alarms: [] });
  });

  test('stuck, it takes the order and stays; healed, it has forgotten it', () => {
    const { device, measured, run } = site();
    device['meter-1'].change({ stuckSwitch: true });
    expect(allTaken(commanded(device['meter-1'], 'disconnect'))).toBe(true);
    run(20);
    expect(measured('meter-1')).toMatchObject({ switchState: 'closed', loadSideVoltage: 'present' });
    expect(device['meter-1'].image.get('holding', 0)).toBe(2);
    device['meter-1'].change({ stuckSwitch: null });
    run(5);
    expect(measured('meter-1').switchState).toBe('closed');
    expect(device['meter-1'].image.get('holding', 0)).toBe(0);
  });

  test.each([
    { fault: { local: true }, answer: { ok: false, exception: 4 }, switchState: 'closed', also: { control: 'local' } },
    { fault: { refuseWrites: 6 }, answer: { ok: false, exception: 6 }, switchState: 'closed', also: {} },
    { fault: { slowSwitchS: 5 }, answer: { ok: true }, switchState: 'moving', also: {} },
    { fault: { backFeed: true }, answer: { ok: true }, switchState: 'open', also: { loadSideVoltage: 'present' } },
    {
      fault: { noLoadSideSensor: true },
      answer: { ok: true },
      switchState: 'open',
      also: { loadSideVoltage: undefined },
    },
    { fault: { unknownPoints: ['switchState'] }, answer: { ok: true }, switchState: undefined, also: {} },
  ])('with $fault it answers $answer and reads $switchState', ({ fault, answer, switchState, also }) => {
    const { device, measured, run } = site();
    expect(device['meter-1'].change(fault).ok).toBe(true);
    expect(commanded(device['meter-1'], 'disconnect')).toEqual([answer]);
    run(2);
    const now: Record<string, unknown> = measured('meter-1');
    expect(now['switchState']).toBe(switchState);
    for (const [name, value] of Object.entries(also)) expect(now[name]).toBe(value);
  });

  test('an order that is none, and a write beside the order register, are refused', () => {
    const { device } = site();
    expect(device['meter-1'].image.write('holding', 0, [7])).toEqual({ ok: false, exception: 3 });
    expect(device['meter-1'].image.get('holding', 0)).toBe(0);
    expect(device['meter-1'].image.write('holding', 1, [7])).toEqual({ ok: false, exception: 2 });
  });
});

describe('the PV inverter', () => {
  test('disconnect, connect and a limit do what they say', () => {
    const { device, measured, run } = site();
    expect(allTaken(commanded(device['pv-1'], 'limit-power', { limitPct: 20 }))).toBe(true);
    run(10);
    expect(measured('pv-1')).toMatchObject({ operatingState: 'throttled' });
    expect(measured('pv-1').activePowerW).toBeLessThanOrEqual(1201);
    expect(allTaken(commanded(device['pv-1'], 'disconnect'))).toBe(true);
    run(1);
    expect(measured('pv-1')).toMatchObject({
      operatingState: 'standby',
      connection: 'disconnected',
      activePowerW: 0,
      currentA: 0,
    });
    expect(measured('pv-1').voltageV).toBeGreaterThan(200);
    expect(allTaken(commanded(device['pv-1'], 'connect'))).toBe(true);
    run(15);
    expect(measured('pv-1').connection).toBe('connected');
  });

  test('stuck, its set-point reads back and it goes on', () => {
    const { device, measured, run } = site();
    device['pv-1'].change({ stuckSwitch: true });
    commanded(device['pv-1'], 'disconnect');
    run(5);
    expect(seen(device['pv-1']).setpoints['set:connect']).toBe(0);
    expect(measured('pv-1')).toMatchObject({ connection: 'connected', operatingState: 'running' });
  });
});

describe('the battery', () => {
  test('permission and operation take it out of service and back', () => {
    const { device, measured, run } = site();
    expect(allTaken(commanded(device['battery-1'], 'disconnect'))).toBe(true);
    run(0.2);
    expect(measured('battery-1')).toMatchObject({
      connection: 'disconnected',
      activePowerW: 0,
      currentA: 0,
      operatingState: 'standby',
    });
    commanded(device['battery-1'], 'connect');
    run(5);
    expect(measured('battery-1').operatingState).toBe('starting');
    run(10);
    expect(measured('battery-1')).toMatchObject({ connection: 'connected', operatingState: 'running' });
    commanded(device['battery-1'], 'stop-generation');
    run(0.2);
    expect(measured('battery-1')).toMatchObject({ operatingState: 'off', activePowerW: 0 });
    commanded(device['battery-1'], 'start-generation');
    run(15);
    expect(measured('battery-1').operatingState).toBe('running');
  });

  test('its heartbeat counts seconds; in LOCAL it refuses', () => {
    const { device, measured, run } = site();
    const address = (device['battery-1'].model.sunspecModels?.find(({ id }) => id === 715)?.address ?? 0) + 4;
    const before = device['battery-1'].image.get('holding', address) ?? 0;
    run(3);
    expect(device['battery-1'].image.get('holding', address)).toBe(before + 3);
    device['battery-1'].change({ local: true });
    expect(measured('battery-1').control).toBe('local');
    expect(commanded(device['battery-1'], 'disconnect')).toEqual([{ ok: false, exception: 4 }]);
    run(1);
    expect(measured('battery-1').connection).toBe('connected');
  });
});

describe('the genset', () => {
  test('starts, synchronises by itself when told, takes load, opens, stops', () => {
    const { device, measured, run } = site();
    expect(measured('genset-1')).toMatchObject({
      operatingState: 'off',
      breakerState: 'open',
      synchroniser: 'idle',
      health: 'ok',
      voltageV: 0,
    });
    expect(allTaken(commanded(device['genset-1'], 'start-generation'))).toBe(true);
    run(2);
    expect(measured('genset-1').operatingState).toBe('starting');
    run(20);
    expect(measured('genset-1')).toMatchObject({
      operatingState: 'running',
      breakerState: 'open',
      synchroniser: 'enabled',
      currentA: 0,
    });
    expect(measured('genset-1').busVoltageV).toBeGreaterThan(250);
    expect(allTaken(commanded(device['genset-1'], 'activate-synchronization'))).toBe(true);
    run(0.2);
    expect(measured('genset-1').synchroniser).toBe('synchronising');
    run(45);
    expect(measured('genset-1')).toMatchObject({ breakerState: 'closed', connection: 'connected' });
    expect(measured('genset-1').activePowerW).toBeGreaterThan(200_000);
    expect(measured('meter-2').activePowerW).toBeLessThan(-100_000);
    commanded(device['genset-1'], 'disconnect');
    run(30);
    expect(measured('genset-1')).toMatchObject({
      operatingState: 'running',
      breakerState: 'open',
      activePowerW: 0,
      currentA: 0,
    });
    commanded(device['genset-1'], 'stop-generation');
    run(60);
    expect(measured('genset-1')).toMatchObject({ operatingState: 'off', voltageV: 0, frequencyHz: 0 });
  });

  test('does not start without fuel, and says so', () => {
    const { device, measured, run } = site();
    device['genset-1'].change({ failToStart: true });
    commanded(device['genset-1'], 'start-generation');
    run(60);
    expect(measured('genset-1')).toMatchObject({ operatingState: 'off', health: 'fault', alarms: ['fail-to-start'] });
  });

  test('a stuck breaker is given up and told', () => {
    const { device, measured, run } = site();
    commanded(device['genset-1'], 'start-generation');
    run(25);
    device['genset-1'].change({ stuckSwitch: true });
    commanded(device['genset-1'], 'activate-synchronization');
    run(60);
    expect(measured('genset-1')).toMatchObject({
      breakerState: 'open',
      health: 'warning',
      alarms: ['breaker-failure'],
    });
  });

  test('somebody on site refuses keys; a key without its complement, and start in auto, do nothing', () => {
    const { device, measured, run, now } = site();
    expect(device['genset-1'].image.write('holding', 4104, [35_705, 1])).toEqual({ ok: false, exception: 3 });
    expect(device['genset-1'].image.write('holding', 4104, [35_705, 65_535 - 35_705])).toEqual({ ok: true });
    run(5);
    expect(measured('genset-1').operatingState).toBe('off');
    device['genset-1'].change({ local: true });
    expect(commanded(device['genset-1'], 'start-generation')).toEqual([
      { ok: false, exception: 4 },
      { ok: false, exception: 4 },
    ]);
    expect(seen(device['genset-1']).setpoints['set:mode']).toBe('test-off-load');
    expect(now.plant.genset.engine).toBe('stopped');
  });
});

describe('the relays', () => {
  test('shed load, each its own; stuck, nothing moves', () => {
    const { device, measured, run, now } = site();
    const before = now.plant.facility.loadW;
    expect(allTaken(commanded(device['relay-1'], 'switch-relay', { relay: 2, to: 'on' }))).toBe(true);
    run(1);
    expect(measured('relay-1')).toMatchObject({ relay1: 'off', relay2: 'on', relay3: 'off', relay4: 'off' });
    expect(before - now.plant.facility.loadW).toBeGreaterThan(10_000);
    device['relay-1'].change({ stuckSwitch: true });
    expect(allTaken(commanded(device['relay-1'], 'switch-relay', { relay: 2, to: 'off' }))).toBe(true);
    run(1);
    expect(measured('relay-1').relay2).toBe('on');
  });
});

describe('faults are switched by name', () => {
  test.each([
    { change: { nonsense: true }, say: 'no fault "nonsense"' },
    { change: { failToStart: true }, say: 'no fault "failToStart"' },
    { change: { slowSwitchS: 'long' }, say: 'seconds from 0 to 600' },
    { change: { refuseWrites: 7 }, say: 'one of 1, 2, 3' },
    { change: { unknownPoints: ['switchSate'] }, say: 'no point switchSate' },
    { change: 'dead', say: 'an object of faults' },
  ])('$change is refused: $say', ({ change, say }) => {
    const { device } = site();
    const answer = device['meter-1'].change(change);
    expect(answer.ok ? '' : answer.say).toContain(say);
    expect(device['meter-1'].faults).toEqual({});
  });
});

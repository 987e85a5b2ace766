import { afterEach, describe, expect, test } from 'vitest';
import {
  decodePoints,
  drive,
  identify,
  profiles,
  readImage,
  readTelegram,
  telegramImage,
} from '@tiepoint/hardware-profiles';
import { openBus } from '@tiepoint/agent/io/bus/bus.ts';
import { steppedClock } from '../devices/emulated-device.ts';
import { FaultPlan } from '../devices/faults.ts';
import { p1Objects } from '../devices/p1-objects.ts';
import { readEmulateOptions } from './emulate-options.ts';
import { driveOverBus } from './over-bus.ts';
import { deviceOfProfile } from './rig-device.ts';
import { startRig, type Rig } from './rig.ts';

const open: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.stop();
});

const pushing = profiles.filter(({ port }) => port === 'p1');

async function rig(line: string, clock = steppedClock(1_700_000_000_000)): Promise<{ rig: Rig; clock: typeof clock }> {
  const read = readEmulateOptions(line.split(' '));
  if (!read.ok) throw new Error(read.say);
  const started = await startRig(read.options, () => undefined, clock);
  if (!started.ok) throw new Error(started.say);
  open.push(started.rig);
  return { rig: started.rig, clock };
}

describe.each(pushing.map((profile) => ({ name: profile.name, profile })))('$name', ({ name, profile }) => {
  const emulated = (): ReturnType<typeof deviceOfProfile> => {
    const device = deviceOfProfile(profile, { id: 'p1', unit: 1, wire: new FaultPlan({ seed: 1 }), seed: 1 });
    device.step?.(1_000);
    return device;
  };

  test('pushes on its port, and is identified by what it pushes', async () => {
    const { rig: running, clock } = await rig(`--profile ${name} --p1-tcp 0 --page off`);
    const bus = openBus(
      { name: 'p1', kind: 'p1-over-tcp', host: '127.0.0.1', port: Number(running.at.split(':')[1]), timeoutMs: 5_000 },
      { nowMs: () => performance.now() },
    );
    open.push(bus);
    await bus.start();
    const beat = setInterval(() => clock.advance(1_000), 20);
    const found = await driveOverBus(identify(profile), bus, 1).finally(() => clearInterval(beat));
    expect(found.ok ? found.value.identity.serialNumber : found.say).toMatch(/^RIG\d{8}$/);
  });

  test('what a telegram says is what the device measures', () => {
    const device = emulated();
    const telegram = readTelegram(device.telegram?.(new Date(0)) ?? new Uint8Array(), 'crc16');
    if (!telegram.ok) throw new Error(telegram.say);
    const image = telegramImage(telegram.value);
    const found = drive(identify(profile), (request) => readImage(image, request));
    if (!found.ok) throw new Error(found.say);
    const read = decodePoints(found.value, image).measured as Record<string, unknown>;
    for (const { name: point, value } of device.points?.() ?? []) {
      // A telegram tells 0.1 V, 0.01 A and whole watts.
      const isNear =
        typeof value === 'number'
          ? Math.abs(Number(read[point]) - value) <= Math.max(0.06, 1e-3 * Math.abs(value))
          : read[point] === value;
      expect([point, read[point], isNear]).toEqual([point, read[point], true]);
    }
  });

  test.each([
    { fault: { dead: true }, telegrams: 0, right: 0 },
    { fault: { lostReplies: 1 }, telegrams: 0, right: 0 },
    { fault: { badChecksums: 1 }, telegrams: 20, right: 0 },
    { fault: { lostReplies: 0 }, telegrams: 20, right: 20 },
  ])('with $fault of 20 telegrams $telegrams come and $right are right', ({ fault, telegrams, right }) => {
    const device = emulated();
    expect(device.change(fault).ok).toBe(true);
    const all = Array.from({ length: 20 }, () => device.telegram?.(new Date(0))).filter((each) => each !== undefined);
    expect([all.length, all.filter((each) => readTelegram(each, 'crc16').ok).length]).toEqual([telegrams, right]);
  });

  test.each([
    { line: `--profile ${name} --tcp 0`, say: /answers no Modbus/ },
    { line: `--profile ${name} --profile eastron-sdm630 --p1-tcp 0`, say: /alone on its port/ },
    { line: '--profile eastron-sdm630 --p1-tcp 0', say: /none of these devices pushes/ },
  ])('$line is refused', async ({ line, say }) => {
    await expect(rig(`${line} --page off`)).rejects.toThrow(say);
  });
});

test('what is unknown is not in a telegram, and import is never told as export', () => {
  const objects = p1Objects(
    { voltageAV: 229.96, activePowerW: -1_234, importedEnergyWh: 1_500 },
    { serialNumber: 'A1', at: new Date(0) },
  );
  expect(objects).toEqual({
    '1-3:0.2.8': '50',
    '0-0:1.0.0': '700101000000W',
    '0-0:96.1.1': '4131',
    '1-0:1.8.1': '000001.500*kWh',
    '1-0:1.8.2': '000000.000*kWh',
    '1-0:1.7.0': '00.000*kW',
    '1-0:2.7.0': '01.234*kW',
    '1-0:32.7.0': '230.0*V',
  });
});

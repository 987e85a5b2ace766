import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { findProfile } from '@tiepoint/hardware-profiles';
import type { Profile } from '@tiepoint/hardware-profiles';
import { decodeStatus, yes } from '@tiepoint/protocol';
import type { Status } from '@tiepoint/protocol';
import { systemClock } from './clock.ts';
import type { ReadBus } from './bus/bus.ts';
import type { DeviceSettings } from './configuration.ts';
import { Device } from './device.ts';
import { openDatabase } from './disk/database.ts';
import { Journal } from './disk/journal.ts';
import type { Log } from './log.ts';

const directory = mkdtempSync(join(tmpdir(), 'tiepoint-device-'));
afterEach(() => {
  vi.useRealTimers();
  rmSync(directory, { recursive: true, force: true });
});

const none = (): void => undefined;
const log: Log = { debug: none, info: none, warn: none, error: none, child: () => log };

/** A Modbus meter whose registers are an array; `holes` answers exception 4 for reads that touch register 52. */
function fakeMeter(): { bus: ReadBus; put: (address: number, value: number) => void; breakPower: () => void } {
  const words = new Uint16Array(200);
  let broken = false;
  const put = (address: number, value: number): void => {
    const view = new DataView(new ArrayBuffer(4));
    view.setFloat32(0, value);
    words.set([view.getUint16(0), view.getUint16(2)], address);
  };
  const bus: ReadBus = {
    // The one holding register is the meter code of an SDM630.
    read: ({ table, address, quantity }) =>
      Promise.resolve(
        table === 'holding'
          ? { ok: true, value: [0x70] }
          : broken && address < 54 && address + quantity > 52
            ? { ok: false, reason: 'exception', code: 4, say: 'device failure' }
            : { ok: true, value: [...words.subarray(address, address + quantity)] },
      ),
  };
  return { bus, put, breakPower: () => (broken = true) };
}

test('after the clock was set back, a power that can no longer be read is unknown, not the old one', async () => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1, 12) });
  const meter = fakeMeter();
  for (const [address, value] of [
    [0, 230],
    [52, 7_100],
    [70, 50],
  ] as const)
    meter.put(address, value);
  const statuses: Status[] = [];
  const device = new Device(
    {
      id: 'meter-1',
      bus: 'b',
      unit: 1,
      profile: 'eastron-sdm630',
      periodMs: 1_000,
      pollMs: 1_000,
      reporting: 'periodic',
      heartbeatMs: 60_000,
      thresholdsPct: [],
      hysteresisPct: 2,
      limits: {},
      readOnly: false,
      confirmed: [],
      controllerHeartbeat: false,
    } satisfies DeviceSettings,
    {
      gatewayId: 'gw-1',
      restraint: { known: () => true, tag: () => undefined, held: () => yes },
      phaseKey: 'gw-1/0',
      clock: systemClock,
      profile: findProfile('eastron-sdm630') as Profile,
      reader: meter.bus,
      writer: undefined,
      wireCost: { perTransactionMs: 3, perRegisterMs: 0.01 },
      journal: new Journal(openDatabase(directory)),
      beginning: { instantMs: () => 0 },
      log,
      outlet: {
        session: 1,
        timeQuality: 'synchronised',
        birth: none,
        death: none,
        event: none,
        acknowledgement: none,
        status: (bytes) => {
          const decoded = decodeStatus(bytes);
          if (decoded.ok) statuses.push(decoded.value);
        },
      },
    },
  );
  device.configure(undefined);
  device.start();
  await vi.advanceTimersByTimeAsync(3_000);
  expect(statuses.at(-1)).toMatchObject({ activePowerW: 7_100 });
  vi.setSystemTime(Date.now() - 3_600_000);
  meter.breakPower();
  meter.put(0, 231);
  await vi.advanceTimersByTimeAsync(4_000);
  const last = statuses.at(-1);
  await device.stop();
  expect(last?.kind === 'meter' && last.voltageV).toBe(231);
  expect(last?.kind === 'meter' && last.activePowerW).toBe(undefined);
});

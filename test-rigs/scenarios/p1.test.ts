import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestAuthority } from '@tiepoint/headend/authority/testing/test-authority.ts';
import { mosquittoIsMissing, startMosquitto } from '@tiepoint/headend/nms/link/mosquitto.ts';
import { describe, expect, onTestFinished, test } from 'vitest';
import { wallClock } from '../devices/emulated-device.ts';
import { startP1Port } from '../devices/p1-port.ts';
import type { P1Place } from '../devices/p1-port.ts';
import { telegramOf } from '../devices/p1-telegram.ts';
import type { P1Objects } from '../devices/p1-telegram.ts';
import { socatPresent } from '../devices/pty-pair.ts';
import { FakeHeadEnd } from './fake-head-end.ts';
import { layIdentity } from './laid-identity.ts';
import { agentProgram } from './program.ts';
import { until } from './until.ts';

/** Where it pushes; ends with the test. */
async function meterOn(
  place: P1Place,
  objects: () => P1Objects | undefined,
  checksum: 'crc16' | 'none' = 'crc16',
): Promise<string> {
  const next = (): Uint8Array | undefined => {
    const told = objects();
    return told === undefined ? undefined : Buffer.from(telegramOf(told, checksum), 'latin1');
  };
  const started = await startP1Port(place, next, { clock: wallClock, periodMs: 200 });
  if (!started.ok) throw new Error(started.say);
  onTestFinished(() => started.stop());
  return started.at;
}

async function agentOn(bus: object): Promise<FakeHeadEnd> {
  const directory = mkdtempSync(join(tmpdir(), 'tiepoint-p1-'));
  const authority = await TestAuthority.make();
  layIdentity(directory, await authority.gateway('gw-1'));
  const mosquitto = await startMosquitto(authority.server);
  const { url } = mosquitto;
  const headEnd = await FakeHeadEnd.start(url, 'gw-1', authority.headEnd);
  const agent = agentProgram(directory, {
    gateway: { id: 'gw-1', dataDir: join(directory, 'data') },
    mqtt: { url },
    buses: [{ name: 'customer-port', ...bus }],
    devices: [{ id: 'home', bus: 'customer-port', unit: 1, profile: 'dsmr-p1', periodMs: 1_000, pollMs: 1_000 }],
  });
  onTestFinished(async () => {
    await agent.kill();
    await headEnd.stop();
    await mosquitto.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  agent.start();
  return headEnd;
}

describe.skipIf(mosquittoIsMissing)('a meter that pushes telegrams', { timeout: 60_000 }, () => {
  test('on TCP: its values, who it is, its switch, and export as export', async () => {
    let watts = 428;
    const at = await meterOn({ kind: 'tcp', host: '127.0.0.1', port: 0 }, () => ({
      '1-3:0.2.8': '50',
      '0-0:96.1.1': '4B384547303034303436333935353037',
      '1-0:1.8.1': '000123.456*kWh',
      '1-0:1.8.2': '000100.000*kWh',
      '1-0:2.8.1': '000007.000*kWh',
      '1-0:2.8.2': '000000.000*kWh',
      '1-0:1.7.0': `${(Math.max(0, watts) / 1000).toFixed(3).padStart(6, '0')}*kW`,
      '1-0:2.7.0': `${(Math.max(0, -watts) / 1000).toFixed(3).padStart(6, '0')}*kW`,
      '0-0:96.3.10': '1',
      '1-0:32.7.0': '230.1*V',
      '1-0:31.7.0': '002*A',
    }));
    const headEnd = await agentOn({ kind: 'p1-over-tcp', host: '127.0.0.1', port: Number(at.split(':')[1]) });
    const birth = await until('a birth', () =>
      headEnd.all('birth').find(({ value }) => 'deviceId' in value || 'profile' in value),
    );
    expect(birth.value).toMatchObject({ serialNumber: 'K8EG004046395507', profile: 'dsmr-p1', commands: [] });
    const status = await until('a status', () => headEnd.all('status').at(0));
    expect(status.value).toMatchObject({
      activePowerW: 428,
      voltageAV: 230.1,
      currentAA: 2,
      importedEnergyWh: 223_456,
      exportedEnergyWh: 7_000,
      switchState: 'closed',
    });
    expect(status.value).toHaveProperty('frequencyHz', undefined);
    watts = -1_250;
    await until('the export', () =>
      headEnd.all('status').find(({ value }) => 'activePowerW' in value && value.activePowerW === -1_250),
    );
  });

  test.skipIf(!socatPresent())('an old one on a serial port, until it falls silent', async () => {
    let silent = false;
    const path = await meterOn(
      { kind: 'pty' },
      () => (silent ? undefined : { '1-0:1.7.0': '0003.20*kW', '1-0:2.7.0': '0000.00*kW' }),
      'none',
    );
    const headEnd = await agentOn({
      kind: 'p1',
      path,
      baudRate: 9600,
      checksum: 'none',
      timeoutMs: 1_000,
    });
    const status = await until('a status', () => headEnd.all('status').at(0));
    expect(status.value).toMatchObject({ activePowerW: 3_200 });
    silent = true;
    const death = await until('the death', () =>
      headEnd.all('death').find(({ value }) => value['cause'] === 'bus-unreachable'),
    );
    expect(death.value['say']).toContain('no telegram came');
  });
});

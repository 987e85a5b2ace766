import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestAuthority } from '@tiepoint/headend/authority/testing/test-authority.ts';
import { mosquittoIsMissing, startMosquitto } from '@tiepoint/headend/nms/link/mosquitto.ts';
import { describe, expect, onTestFinished, test } from 'vitest';
import { loadImageFile } from '../devices/image-file.ts';
import { pymodbusPresent, startPymodbusServer } from '../devices/pymodbus-server.ts';
import { startSite } from '../devices/emulated-device.ts';
import { FakeHeadEnd } from './fake-head-end.ts';
import { layIdentity } from './laid-identity.ts';
import { agentProgram } from './program.ts';
import { until } from './until.ts';

const pymodbusIsMissing = !pymodbusPresent();
const dump = join(import.meta.dirname, '../../../shared/data/devices/sma-sunnyboy-3.6-day.hex');
const dumpIsMissing = !existsSync(dump);

/** Starts an agent with one device on Modbus TCP behind a real mosquitto, and gives its first status. */
async function firstStatus(port: number, device: { unit: number; profile: string }): Promise<Record<string, unknown>> {
  const directory = mkdtempSync(join(tmpdir(), 'tiepoint-peers-'));
  const authority = await TestAuthority.make();
  layIdentity(directory, await authority.gateway('gw-1'));
  const mosquitto = await startMosquitto(authority.server);
  const { url } = mosquitto;
  const headEnd = await FakeHeadEnd.start(url, 'gw-1', authority.headEnd);
  const agent = agentProgram(directory, {
    gateway: { id: 'gw-1', dataDir: join(directory, 'data') },
    mqtt: { url },
    buses: [{ name: 'peer', kind: 'tcp', host: '127.0.0.1', port }],
    devices: [{ id: 'device-1', bus: 'peer', ...device }],
  });
  onTestFinished(async () => {
    await agent.kill();
    await headEnd.stop();
    await mosquitto.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  agent.start();
  const status = await until('a status', () => headEnd.all('status').at(0), 20_000);
  return status.value;
}

describe.skipIf(mosquittoIsMissing)('the agent beside programs and devices of others', { timeout: 60_000 }, () => {
  test.skipIf(pymodbusIsMissing)('reads a meter that pymodbus serves', async () => {
    const words = Array.from({ length: 80 }, () => 0);
    const view = new DataView(new ArrayBuffer(4));
    const readings = [
      [0, 230.5],
      [2, 231.5],
      [4, 229.5],
      [6, 10.5],
      [8, 11.5],
      [10, 9.5],
      [12, 2_400],
      [14, 2_600],
      [16, 2_200],
      [52, 7_200],
      [70, 50.02],
      [72, 1_234.5],
      [74, 6.25],
    ] as const;
    for (const [address, value] of readings) {
      view.setFloat32(0, value);
      words[address] = view.getUint16(0);
      words[address + 1] = view.getUint16(2);
    }
    // The meter code of an SDM630-Modbus V2.
    const holding = [{ address: 0xfc02, words: [0x70] }];
    const started = await startPymodbusServer({ units: { 1: { input: [{ address: 0, words }], holding } } });
    if (!started.ok) throw new Error(started.say);
    onTestFinished(async () => await started.server.stop());
    expect(await firstStatus(started.server.port, { unit: 1, profile: 'eastron-sdm630' })).toMatchObject({
      kind: 'meter',
      activePowerW: 7_200,
      voltageAV: 230.5,
      currentBA: 11.5,
      frequencyHz: 50.02,
      importedEnergyWh: 1_234_500,
      exportedEnergyWh: 6_250,
    });
  });

  test.skipIf(dumpIsMissing)('reads the dump of a real inverter by its own model chain', async () => {
    const image = await loadImageFile(dump);
    if (!image.ok) throw new Error(image.say);
    const started = await startSite({ ports: [{ kind: 'tcp', devices: [{ unit: 126, image: image.image }] }] });
    if (!started.ok) throw new Error(started.say);
    onTestFinished(async () => await started.site.stop());
    const at = started.site.ports[0]?.at;
    expect(
      await firstStatus(at !== undefined && 'port' in at ? at.port : 0, { unit: 126, profile: 'sunspec-inverter' }),
    ).toMatchObject({
      kind: 'aas',
      operatingState: 'running',
      activePowerW: 1_080,
      voltageV: 239.2,
      frequencyHz: 49.98,
      connection: 'connected',
      health: 'ok',
    });
  });
});

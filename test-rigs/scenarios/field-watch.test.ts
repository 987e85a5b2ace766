import { mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { stringify } from 'yaml';
import { startSite } from '../devices/emulated-device.ts';
import type { RunningPort, SitePort } from '../devices/emulated-device.ts';
import { FaultPlan } from '../devices/faults.ts';
import { socatPresent, startPtyPair } from '../devices/pty-pair.ts';
import { startRtuOnPath } from '../devices/rtu-server.ts';
import { imageOf, Technician } from './technician.ts';
import { until } from './until.ts';

const meterValues = { voltageAV: 230.5, activePowerW: 7_000, frequencyHz: 50.02, importedEnergyWh: 123_000 };

type Json = {
  device: string;
  ok: boolean;
  trouble?: string;
  bus: { transactionsPerS: number; errorsPerS: number; errors: number; reconnects: number; connected: boolean };
  points: Record<
    string,
    { value?: unknown; unit?: string; quality: string; ageMs?: number; changed: boolean; raw?: unknown }
  >;
};

function technician(args: readonly string[], options?: { terminal?: boolean }): Technician {
  const started = new Technician(args, options);
  onTestFinished(async () => await started.kill());
  return started;
}

async function served(...ports: SitePort[]): Promise<readonly RunningPort[]> {
  const started = await startSite({ ports, stepMs: 50 });
  if (!started.ok) throw new Error(started.say);
  onTestFinished(async () => await started.site.stop());
  return started.site.ports;
}

const pathOf = (port: RunningPort | undefined): string => (port !== undefined && 'path' in port.at ? port.at.path : '');
const portOf = (port: RunningPort | undefined): number => (port !== undefined && 'port' in port.at ? port.at.port : 0);
const sdm = ['--unit', '1', '--profile', 'eastron-sdm630'];

function temporary(): string {
  const directory = mkdtempSync(join(tmpdir(), 'tiepoint-watch-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

describe('watch', { timeout: 40_000 }, () => {
  test.skipIf(!socatPresent())(
    'reads all points of a meter on a serial line, with raw words, and marks what changed',
    async () => {
      const { image, tell } = imageOf('eastron-sdm630', meterValues);
      const [port] = await served({ kind: 'rtu-pty', baudRate: 9600, devices: [{ unit: 1, image }] });
      const watch = technician(['watch', '--port', pathOf(port), ...sdm, '--every', '300', '--json', '--raw']);
      const seen = (): Json[] => watch.json as unknown as Json[];
      await until('a look', () => seen().length >= 2);
      tell({ voltageAV: 228 });
      const changed = await until('the change', () =>
        seen().find(({ points }) => points['voltageAV']?.changed === true),
      );
      expect(await watch.interrupt()).toBe(130);
      expect(changed).toMatchObject({
        device: 'unit-1',
        ok: true,
        points: {
          voltageAV: {
            value: 228,
            unit: 'V',
            quality: 'good',
            raw: [{ table: 'input', address: 0, words: [0x4364, 0] }],
          },
          activePowerW: { value: 7_000, unit: 'W', quality: 'good', changed: false },
          importedEnergyWh: { value: 123_000, unit: 'Wh', quality: 'good' },
          // Nothing was told of it: its registers hold what means "not a number".
          voltageBV: { quality: 'no-value' },
        },
        bus: { errors: 0, connected: true },
      });
      expect(changed.bus.transactionsPerS).toBeGreaterThan(1);
    },
  );

  test('several devices of a configuration, in plain lines on a pipe, and an end', async () => {
    const one = imageOf('eastron-sdm630', meterValues);
    const two = imageOf('eastron-sdm630', { ...meterValues, voltageAV: 231.25 });
    const [port] = await served({
      kind: 'tcp',
      devices: [
        { unit: 1, image: one.image },
        { unit: 2, image: two.image },
      ],
    });
    const file = join(temporary(), 'gateway.yaml');
    writeFileSync(
      file,
      stringify({
        gateway: { id: 'gw-1', dataDir: '/nowhere' },
        mqtt: { url: 'mqtts://127.0.0.1:1' },
        buses: [{ name: 'yard', kind: 'tcp', host: '127.0.0.1', port: portOf(port) }],
        devices: [1, 2, 3].map((unit) => ({ id: `meter-${unit}`, bus: 'yard', unit, profile: 'eastron-sdm630' })),
      }),
    );
    const both = technician([
      'watch',
      '--config',
      file,
      '--device',
      'meter-1',
      '--device',
      'meter-2',
      '--for',
      '2',
      '--every',
      '400',
    ]);
    expect(await both.ended()).toBe(0);
    const lines = both.lines.filter((line) => line.includes('meter-2'));
    expect(lines.length).toBeGreaterThanOrEqual(3);
    expect(lines[0]).toMatch(/voltageAV=231\.25 V .*frequencyHz=50\.02 Hz.* transactions\/s/);
    expect(both.lines.some((line) => line.includes('meter-1'))).toBe(true);
  });

  test.skipIf(!socatPresent())('an adapter that is pulled out is told, and read again when it is back', async () => {
    const { image } = imageOf('eastron-sdm630', meterValues);
    const path = join(temporary(), 'adapter');
    const plugIn = async (): Promise<() => Promise<void>> => {
      const made = await startPtyPair();
      if (!made.ok) throw new Error(made.say);
      const server = await startRtuOnPath({ path: made.pair.near, baudRate: 115_200, units: new Map([[1, image]]) });
      if (!server.ok) throw new Error(server.say);
      symlinkSync(made.pair.far, path);
      return async () => {
        unlinkSync(path);
        await server.server.stop();
        await made.pair.stop();
      };
    };
    const unplug = await plugIn();
    const watch = technician([
      'watch',
      '--port',
      path,
      '--baud',
      '115200',
      ...sdm,
      '--every',
      '200',
      '--timeout',
      '200',
      '--json',
    ]);
    const seen = (): Json[] => watch.json as unknown as Json[];
    await until('a look', () => seen().some(({ ok }) => ok));
    await unplug();
    const lost = await until('the loss', () =>
      seen().find(({ trouble, bus }) => trouble?.includes('adapter plugged in') === true && !bus.connected),
    );
    // What was read before is still shown, and said to be old.
    expect(lost.points['voltageAV']).toMatchObject({ value: 230.5, quality: 'old' });
    const before = seen().length;
    const unplugAgain = await plugIn();
    onTestFinished(unplugAgain);
    const back = await until('the return', () =>
      seen()
        .slice(before)
        .find(({ ok }) => ok),
    );
    expect(back.points['voltageAV']).toMatchObject({ quality: 'good' });
    expect(back.bus.reconnects).toBe(1);
    expect(await watch.interrupt()).toBe(130);
  });

  test('errors are counted, and a look that failed is told', async () => {
    const { image } = imageOf('eastron-sdm630', meterValues);
    const faults = new FaultPlan({ seed: 4, say: () => undefined });
    const [port] = await served({ kind: 'tcp', faults, devices: [{ unit: 1, image }] });
    const watch = technician([
      'watch',
      '--tcp',
      `127.0.0.1:${portOf(port)}`,
      ...sdm,
      '--every',
      '200',
      '--timeout',
      '100',
      '--json',
    ]);
    const seen = (): Json[] => watch.json as unknown as Json[];
    await until('a look', () => seen().some(({ ok }) => ok));
    faults.add({ fault: { kind: 'lost' } });
    const failed = await until('a failed look', () => seen().find(({ ok }) => !ok));
    expect(failed.trouble).toContain('no reply within the time-out');
    expect(failed.bus.errorsPerS).toBeGreaterThan(0);
    await watch.interrupt();
  });

  test.skipIf(!socatPresent())(
    'a person at a terminal: a live table, raw words by key, paused, ended with q',
    async () => {
      const { image, tell } = imageOf('eastron-sdm630', meterValues);
      const [port] = await served({ kind: 'tcp', devices: [{ unit: 1, image }] });
      const watch = technician(['watch', '--tcp', `127.0.0.1:${portOf(port)}`, ...sdm, '--every', '200'], {
        terminal: true,
      });
      await until('the table', () => watch.stdout.includes('230.5'));
      expect(watch.stdout).toContain('\u001B[?1049h');
      expect(watch.stdout).not.toContain('input 0: 4366 8000');
      watch.type('r');
      await until('raw words', () => watch.stdout.includes('input 0: 4366 8000'));
      watch.type('p');
      await until('paused', () => watch.stdout.includes('paused'));
      const shown = watch.stdout.length;
      tell({ voltageAV: 111 });
      await new Promise((resolve) => setTimeout(resolve, 600));
      expect(watch.stdout.slice(shown)).not.toContain('111');
      watch.type('p');
      await until('going on', () => watch.stdout.slice(shown).includes('111'));
      watch.type('q');
      expect(await watch.ended()).toBe(0);
      expect(watch.stdout).toContain('\u001B[?1049l');
    },
  );

  test.each([
    { what: 'nothing that says where', args: [], code: 2, say: 'Which device?' },
    { what: 'no unit', args: ['--tcp', '127.0.0.1:1'], code: 2, say: '--unit' },
    { what: 'no profile', args: ['--tcp', '127.0.0.1:1', '--unit', '1'], code: 2, say: 'identify' },
    { what: 'a port that is not there', args: ['--port', '/dev/no-such', ...sdm], code: 1, say: 'plugged in' },
    {
      what: 'a period that cannot be',
      args: ['--tcp', '127.0.0.1:1', ...sdm, '--every', '3'],
      code: 2,
      say: '--every 3',
    },
  ])('$what: exit code $code', async ({ args, code, say }) => {
    const watch = technician(['watch', ...args]);
    expect(await watch.ended()).toBe(code);
    expect(watch.stderr).toContain(say);
  });
});

import { describe, expect, onTestFinished, test } from 'vitest';
import { startSite } from '../devices/emulated-device.ts';
import type { SitePort } from '../devices/emulated-device.ts';
import { FaultPlan } from '../devices/faults.ts';
import type { FaultRule } from '../devices/faults.ts';
import { socatPresent } from '../devices/pty-pair.ts';
import { deviceOf, runField } from './field-program.ts';

const socatIsMissing = !socatPresent();

async function site(port: SitePort) {
  const started = await startSite({ ports: [port] });
  if (!started.ok) throw new Error(started.say);
  onTestFinished(() => started.site.stop());
  return started.site.ports[0]!.at;
}

async function line(devices: SitePort['devices'], rules: readonly FaultRule[] = []) {
  const faults = new FaultPlan({ seed: 7, rules });
  const at = await site({ kind: 'rtu-pty', baudRate: 38_400, turnaroundMs: 10, faults, devices });
  if (!('path' in at)) throw new Error('no path');
  return { path: at.path, faults };
}

describe.skipIf(socatIsMissing)('scan of a serial line', { timeout: 60_000 }, () => {
  test('finds and names the devices, never writes, and goes on where the port is busy with late replies', async () => {
    const devices = [deviceOf('eastron-sdm630', 3), deviceOf('ami-meter-200a', 9), deviceOf('kmtronic-relay', 14)];
    const late: FaultRule = { fault: { kind: 'late', delayMs: 230 }, when: { requests: [1] }, to: { units: [9] } };
    const { path } = await line(devices, [late]);
    const written: unknown[] = [];
    for (const { image } of devices) image.onWrite((...what) => (written.push(what), 'ok'));
    const { code, out, err } = await runField(['scan', '--port', path, '--baud', '38400', '--units', '1-20', '--json']);
    expect(err).not.toMatch(/mistake/);
    const scanned = JSON.parse(out) as { found: { unit: number }[]; complete: boolean };
    const found = scanned.found.toSorted((a, b) => a.unit - b.unit);
    expect(found).toMatchObject([
      { unit: 3, baudRate: 38_400, parity: 'even', named: 'eastron-sdm630', late: false },
      { unit: 9, named: 'ami-meter-200a' },
      // Four coils that can be read are no name.
      { unit: 14, candidates: [{ profile: 'kmtronic-relay', sureness: 'possible' }] },
    ]);
    expect(found[2]).not.toHaveProperty('named');
    expect(scanned.complete).toBe(true);
    expect(code).toBe(0);
    expect(written).toEqual([]);
  });

  test('an interrupt tells what was found so far', async () => {
    const { path } = await line([deviceOf('eastron-sdm630', 3)]);
    const { code, out } = await runField(['scan', '--port', path, '--baud', '38400', '--no-identify'], {
      when: { seen: 'found', run: (child) => child.kill('SIGINT') },
    });
    expect(code).toBe(130);
    expect(out).toMatch(/unit 3/);
    expect(out).toMatch(/1 found, .*; not complete/);
  });

  test('nobody there: says so, and what to try', async () => {
    const { path } = await line([deviceOf('eastron-sdm630', 30)]);
    const { code, out } = await runField([
      'scan',
      '--port',
      path,
      '--baud',
      '9600',
      '--parity',
      'none',
      '--units',
      '1-5',
    ]);
    expect(code).toBe(1);
    expect(out).toMatch(/Nobody answered.*--wait 500.*--thorough/s);
  });
});

describe('scan of TCP addresses', { timeout: 60_000 }, () => {
  test('only the addresses given are tried, and the devices behind them named', async () => {
    const at = await site({ kind: 'tcp', devices: [deviceOf('sunspec-der', 1), deviceOf('sunspec-meter', 126)] });
    if (!('port' in at)) throw new Error('no port');
    const { code, out } = await runField([
      'scan',
      '--tcp',
      '127.0.0.1-2',
      '--tcp-port',
      String(at.port),
      '--units',
      '1,2,126',
      '--wait',
      '200',
      '--json',
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      found: [
        { host: '127.0.0.1', unit: 1, named: 'sunspec-der' },
        { host: '127.0.0.1', unit: 126, named: 'sunspec-meter' },
      ],
      open: [{ host: '127.0.0.1', units: [1, 126] }],
      tried: 2,
      complete: true,
    });
  });
});

test.each([
  { args: ['scan'], code: 2, err: /Where\?/ },
  { args: ['scan', '--port', '/dev/none', '--tcp', '192.0.2.1'], code: 2, err: /One, and only one/ },
  { args: ['scan', '--port', '/dev/none'], code: 1, err: /no such port/ },
  { args: ['scan', '--port', '/dev/none', '--units', '0-300'], code: 2, err: /--units 0-300/ },
  { args: ['scan', '--port', '/dev/none', '--baud', 'fast'], code: 2, err: /--baud/ },
  { args: ['scan', '--tcp', '10.0.0.0/8'], code: 2, err: /at most 1024/ },
])('$args: exit code $code', async ({ args, code, err }) => {
  const ran = await runField(args);
  expect(ran.code).toBe(code);
  expect(ran.err).toMatch(err);
});

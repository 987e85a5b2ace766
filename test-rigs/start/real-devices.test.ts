import { describe, test, type TestContext } from 'vitest';
import { DemonstrationSite } from '../devices/behaviours/demonstration-site.ts';
import { startSite, type RunningPort } from '../devices/emulated-device.ts';
import { socatPresent } from '../devices/pty-pair.ts';
import { Start, startTimeoutMs } from './start-under-test.ts';

const socatMissing = !socatPresent();
const serial = { kind: 'rtu-pty', baudRate: 9600, turnaroundMs: 5, precision: 'coarse' } as const;
const tcp = { kind: 'tcp', turnaroundMs: 4 } as const;

/** The home's meter by itself, as a device that the launcher does not know. */
async function servedMeter(
  { onTestFinished }: TestContext,
  port: typeof tcp | typeof serial,
): Promise<{ at: RunningPort; writes: () => number }> {
  const site = new DemonstrationSite();
  const meter = site.devices['meter-1'];
  let writes = 0;
  // Before the meter's own, which may end the asking.
  meter.image.onWrite(() => {
    writes += 1;
    return 'ok';
  });
  site.prepare();
  const started = await startSite({ ports: [{ ...port, devices: [meter] }] });
  if (!started.ok) throw new Error(started.say);
  onTestFinished(() => started.site.stop());
  const [at] = started.site.ports;
  if (at === undefined) throw new Error('no port was opened');
  return { at, writes: () => writes };
}

/** Starts on these words, and sees the device live, read-only, and closed to commands. */
async function readOnlyStart(context: TestContext, words: readonly string[]): Promise<void> {
  const { expect } = context;
  const start = new Start(context, ['--no-site', ...words, '--profile', 'ami-meter-200a', '--read-only']);
  await start.said('The device reports.');
  const row = await start.rowWhere('gw-real.real-1', ({ liveness }) => liveness === 'live');
  expect(row).toMatchObject({ readOnly: true, switchState: 'closed' });
  const ask = async (path: string, body: object): Promise<Response> =>
    await (
      await start.operator()
    ).ask(`/api/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'once-only' },
      body: JSON.stringify(body),
    });
  const selected = await ask('devices/gw-real.real-1/selections', { kind: 'disconnect' });
  const selection = (await selected.json()) as { id: string };
  expect(selection).toMatchObject({ verdict: { ok: false, reason: 'read-only' } });
  const operated = await ask('commands', { selectionId: selection.id });
  expect(await operated.json()).toMatchObject({ error: { reason: 'read-only' } });
}

describe.concurrent('a device that is named on the command line', { timeout: 2 * startTimeoutMs }, () => {
  test('--tcp HOST:PORT/UNIT: it is read and never written', async (context) => {
    const { expect } = context;
    const { at, writes } = await servedMeter(context, tcp);
    if (at.kind !== 'tcp') throw new Error(at.kind);
    await readOnlyStart(context, ['--tcp', `${at.at.host}:${at.at.port}/1`]);
    expect(writes()).toBe(0);
  });

  test.skipIf(socatMissing)('--serial PATH:BAUD/UNIT: it is read and never written (needs socat)', async (context) => {
    const { expect } = context;
    const { at, writes } = await servedMeter(context, serial);
    if (at.kind !== 'rtu-pty') throw new Error(at.kind);
    await readOnlyStart(context, ['--serial', `${at.at.path}:9600/1`]);
    expect(writes()).toBe(0);
  });
});

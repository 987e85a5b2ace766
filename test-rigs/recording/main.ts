import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { stringify } from 'yaml';
import { Crew } from '@tiepoint/headend/api/testing/signed-in.ts';
import { DemonstrationSite, portsOf } from '../devices/behaviours/demonstration-site.ts';
import { startSite } from '../devices/emulated-device.ts';
import type { Site } from '../devices/emulated-device.ts';
import { Chromium } from '../scenarios/chromium.ts';
import { Program, readyLine } from '../scenarios/program.ts';
import { until } from '../scenarios/until.ts';
import { portFor } from '../start/free-port.ts';
import { atTerminal, fitterAt } from './technician.ts';
import { seenOf, shortened, withTranscript } from './transcript.ts';

const agent = join(import.meta.dirname, '../../agent');
const readmePath = join(agent, 'README.md');
const picturePath = join(agent, 'pictures/commissioning-report.png');
const pictureWidth = 900;

/** A head-end for demonstration, not started yet. Its own ports but that of the gateways are any. */
async function headEndIn(folder: string): Promise<Program> {
  const field = await portFor(undefined, 8444, '--field-port', []);
  const config = join(folder, 'headend.yaml');
  writeFileSync(
    config,
    stringify({
      data: join(folder, 'headend'),
      demonstration: true,
      https: { port: 0 },
      broker: { port: 0 },
      field: { port: field.ok ? field.port : 0 },
    }),
  );
  return new Program(['headend/src/main.ts', '--config', config]);
}

/** The home is entered, with its contract. Where gateways speak, and a token for this one. */
async function ordered(folder: string, headEnd: Program, site: Site): Promise<{ url: string; token: string }> {
  const { httpsUrl, fieldUrl } = await until('the head-end answers', () => readyLine(headEnd.output), 30_000);
  const crew = await new Crew(() => httpsUrl, join(folder, 'headend')).as('ann');
  await crew.call('PUT', '/api/sites/mill-lane-7', { title: '7 Mill Lane', feeder: 'Elm 12 kV' });
  const [meterAt, pvAt] = ['meter-1', 'pv-1'].map(
    (id) => site.ports[portsOf.findIndex((ids) => ids.includes(id as 'pv-1'))]!.at,
  );
  if (meterAt === undefined || !('path' in meterAt) || pvAt === undefined || !('port' in pvAt))
    throw new Error('the home is not where it should be');
  const devices = {
    'meter-1': {
      title: 'Meter with service switch',
      profile: 'ami-meter-200a',
      serialNumber: 'TP-EMU-0001',
      switchRatingA: 200,
      connection: `rtu ${meterAt.path} 9600 8E1`,
      unit: 1,
    },
    'pv-1': {
      title: 'PV inverter, 6 kW',
      profile: 'sunspec-inverter',
      serialNumber: 'TP-EMU-0002',
      ratedPowerW: 6_000,
      switchedBy: 'meter-1',
      connection: `tcp ${pvAt.host}:${pvAt.port}`,
      unit: 1,
    },
  };
  for (const [id, order] of Object.entries(devices))
    await crew.call('PUT', `/api/orders/gw-mill-lane-7.${id}`, { siteId: 'mill-lane-7', ...order });
  await crew.call('PUT', '/api/contracts/C-7', {
    deviceId: 'gw-mill-lane-7.pv-1',
    operators: ['any'],
    fromDay: '2026-01-01',
    ratedPowerW: 6_000,
  });
  const { token } = await crew.call<{ token: string }>('POST', '/api/gateways/gw-mill-lane-7/enrolment-tokens', {});
  return { url: fieldUrl, token };
}

async function photographed(reportPath: string): Promise<void> {
  const chromium = new Chromium();
  await chromium.start();
  try {
    const { page } = await chromium.desk();
    await page.setViewportSize({ width: pictureWidth, height: 900 });
    await page.goto(pathToFileURL(reportPath).href);
    // As much of the report as is read beside a text: the head, and one device.
    const second = await page.getByRole('heading', { name: 'pv-1', exact: true }).boundingBox();
    const clip = { x: 0, y: 0, width: pictureWidth, height: Math.floor((second?.y ?? 2_000) - 20) };
    await page.screenshot({ path: picturePath, fullPage: true, clip });
  } finally {
    await chromium.stop();
  }
}

async function recorded(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tiepoint-recording-'));
  const plant = new DemonstrationSite();
  plant.prepare(60);
  const served = await startSite({ ports: plant.ports('rtu-pty') });
  if (!served.ok) throw new Error(served.say);
  const headEnd = await headEndIn(folder);
  try {
    headEnd.start();
    const { url, token } = await ordered(folder, headEnd, served.site);
    const dir = join(folder, 'site');
    const at = served.site.ports[0]!.at;
    const port = 'path' in at ? at.path : '';
    const commands = [
      ['scan', '--port', port, '--baud', '9600', '--units', '1-10'],
      ['enroll', url, token, '--dir', dir, '--data-dir', join(dir, 'data'), '--name', 'A. Fitter'],
      ['commission', '--config', join(dir, 'gateway.yaml'), '--emulated'],
    ];
    const parts: string[] = [];
    for (const command of commands) {
      const line = command.map((word) => (word.includes(' ') ? `'${word}'` : word)).join(' ');
      parts.push(`$ tiepoint-agent ${line}\n${seenOf(await atTerminal(command, fitterAt(plant)))}`);
    }
    const [report] = /\S+report-\S+\.html/.exec(parts.at(-1) ?? '') ?? [];
    await photographed(report ?? '');
    const instead = new Map([
      [dir, '/tmp/site'],
      [port, '/dev/pts/5'],
    ]);
    const transcript = shortened(parts.map((part) => part.trimEnd()).join('\n\n'), { instead });
    writeFileSync(readmePath, withTranscript(readFileSync(readmePath, 'utf8'), transcript));
    console.log(`\n${readmePath}\n${picturePath}`);
  } finally {
    await headEnd.kill();
    await served.site.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

await recorded();

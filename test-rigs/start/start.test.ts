import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Running } from './data-folder.ts';

const main = join(import.meta.dirname, 'main.ts');
const dump = join(import.meta.dirname, '../../../shared/data/devices/sma-sunnyboy-3.6-day.hex');
const dumpMissing = !existsSync(dump);
const startTimeoutMs = 60_000;

type Row = { id: string; liveness: string; activePowerW?: number; switchState?: string; readOnly: boolean };

/** A start of its own on free ports; stopped when the test is finished. */
class Start {
  readonly data: string;
  readonly #child: ChildProcess;
  readonly ended: Promise<number | null>;
  output = '';

  constructor(args: readonly string[], data = mkdtempSync(join(tmpdir(), 'tiepoint-start-'))) {
    this.data = data;
    const ports = ['--http-port', '0', '--mqtt-port', '0'];
    this.#child = spawn(process.execPath, [main, '--data', data, '--no-build', ...ports, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    this.ended = new Promise((resolve) => this.#child.once('close', (code) => resolve(code)));
    onTestFinished(async () => {
      this.signal('SIGTERM');
      await this.ended;
      rmSync(data, { recursive: true, force: true });
    }, startTimeoutMs);
  }

  signal(signal: NodeJS.Signals): void {
    if (this.#child.exitCode === null) this.#child.kill(signal);
  }

  running(): Running {
    return JSON.parse(readFileSync(join(this.data, 'running.json'), 'utf8')) as Running;
  }

  async said(text: string): Promise<void> {
    await until(
      () => this.output.includes(text) || this.#child.exitCode !== null,
      () => `${text}\n${this.output}`,
    );
    if (!this.output.includes(text)) throw new Error(`it ended without saying "${text}":\n${this.output}`);
  }

  async rows(): Promise<readonly Row[]> {
    const response = await fetch(`${this.running().httpUrl ?? ''}/api/fleet`);
    return ((await response.json()) as { rows: readonly Row[] }).rows;
  }

  async rowWhere(id: string, so: (row: Row) => boolean): Promise<Row> {
    let found: Row | undefined;
    await until(
      async () => {
        found = (await this.rows()).find((row) => row.id === id);
        return found !== undefined && so(found);
      },
      () => `${id} became ${JSON.stringify(found)}\n${this.output}`,
    );
    if (found === undefined) throw new Error(`no row ${id}`);
    return found;
  }

  async fault(path: string, change: unknown): Promise<Response> {
    return await fetch(`${this.running().controlUrl ?? ''}${path}`, { method: 'POST', body: JSON.stringify(change) });
  }
}

async function until(so: () => boolean | Promise<boolean>, say: () => string): Promise<void> {
  const deadlineMs = performance.now() + startTimeoutMs;
  while (!(await so())) {
    if (performance.now() > deadlineMs) throw new Error(`not within ${startTimeoutMs} ms: ${say()}`);
    await pause(100);
  }
}

/** Processes whose command line names this folder; only where /proc tells. */
function processesNaming(folder: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder);
      } catch {
        return false;
      }
    });
}

describe('npm start', { timeout: 2 * startTimeoutMs }, () => {
  test('brings all devices to the head-end, takes faults, and stops leaving nothing behind', async () => {
    const start = new Start([]);
    await start.said('All 6 devices report.');
    const rows = await start.rows();
    expect(rows.map(({ id, liveness }) => `${id} ${liveness}`).toSorted((a, b) => a.localeCompare(b))).toEqual([
      'gw-home.meter-1 live',
      'gw-home.pv-1 live',
      'gw-site.battery-1 live',
      'gw-site.genset-1 live',
      'gw-site.meter-2 live',
      'gw-site.relay-1 live',
    ]);
    expect(start.output).toContain(start.running().httpUrl);
    await start.rowWhere('gw-home.pv-1', ({ activePowerW = 0 }) => activePowerW > 1000);

    expect((await start.fault('/devices/meter-1/faults', { unknownPoints: ['switchState'] })).status).toBe(200);
    await start.rowWhere('gw-home.meter-1', ({ switchState }) => switchState === undefined);
    expect((await start.fault('/devices/meter-1/faults', { unknownPoints: null })).status).toBe(200);
    await start.rowWhere('gw-home.meter-1', ({ switchState }) => switchState === 'closed');
    expect((await start.fault('/devices/meter-1/faults', { unheardOf: 1 })).status).toBe(400);
    expect((await start.fault('/devices/meter-9/faults', {})).status).toBe(404);

    const second = new Start([], start.data);
    expect(await second.ended).toBe(1);
    expect(second.output).toContain('is in use by another npm start');

    start.signal('SIGINT');
    expect(await start.ended).toBe(0);
    expect(processesNaming(start.data)).toEqual([]);
    expect(existsSync(join(start.data, 'running.json'))).toBe(false);
    expect(existsSync(join(start.data, 'site.json'))).toBe(true);
  });

  test('a child that dies is named, and everything stops with code 1', async () => {
    const start = new Start([]);
    await start.said('All 6 devices report.');
    const [agent] = processesNaming(join(start.data, 'gateways/gw-site.yaml')).map(Number);
    if (agent === undefined) throw new Error('the agent of gw-site runs');
    process.kill(agent, 'SIGKILL');
    expect(await start.ended).toBe(1);
    expect(start.output).toContain('The agent gw-site was ended by SIGKILL');
    expect(processesNaming(start.data)).toEqual([]);
  });

  test('children end when the launcher was killed', async () => {
    const start = new Start([]);
    await start.said('All 6 devices report.');
    start.signal('SIGKILL');
    await start.ended;
    await until(
      () => processesNaming(start.data).length === 0,
      () => 'processes are left',
    );
    expect(processesNaming(start.data)).toEqual([]);
  });

  test.skipIf(dumpMissing)('serves a real inverter from its register dump (needs ../shared/data)', async () => {
    const start = new Start(['--no-site', '--image', dump, '--once']);
    const code = await start.ended;
    expect(start.output).toContain('The device reports.');
    expect(code).toBe(0);
  });

  test('a port that is named and taken is told', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const start = new Start(['--http-port', String(port)]);
    expect(await start.ended).toBe(1);
    expect(start.output).toContain(`--http-port ${port}: another program listens there`);
  });
});

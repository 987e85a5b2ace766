import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { trusted } from '@tiepoint/headend/authority/testing/trusted.ts';
import type { TestContext } from 'vitest';
import { Crew } from '@tiepoint/headend/api/testing/signed-in.ts';
import type { SignedIn } from '@tiepoint/headend/api/testing/signed-in.ts';
import type { Running } from './data-folder.ts';

const main = join(import.meta.dirname, 'main.ts');
export const startTimeoutMs = 60_000;

type Row = { id: string; liveness: string; activePowerW?: number; switchState?: string; readOnly: boolean };

const crews = new Map<string, Crew>();

/** A start of its own on free ports; stopped when the test is finished. */
export class Start {
  readonly data: string;
  readonly #child: ChildProcess;
  readonly ended: Promise<number | null>;
  output = '';

  constructor(
    { onTestFinished }: TestContext,
    args: readonly string[],
    data = mkdtempSync(join(tmpdir(), 'tiepoint-start-')),
  ) {
    this.data = data;
    const ports = ['--https-port', '0', '--mqtt-port', '0', '--field-port', '0'];
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

  /** One command line of the processes of this start, by a word in it. */
  commandLine(word: string): string {
    const pid = processesNaming(this.data).find((each) => commandLine(each).includes(word));
    return pid === undefined ? '' : commandLine(pid);
  }

  signal(signal: NodeJS.Signals): void {
    if (this.#child.exitCode === null) this.#child.kill(signal);
  }

  running(): Running {
    const { authority = '', ...running } = JSON.parse(readFileSync(join(this.data, 'running.json'), 'utf8')) as Running;
    return authority === '' ? running : trusted({ ...running, authority });
  }

  async said(text: string): Promise<void> {
    await until(
      () => this.output.includes(text) || this.#child.exitCode !== null,
      () => `${text}\n${this.output}`,
    );
    if (!this.output.includes(text)) throw new Error(`it ended without saying "${text}":\n${this.output}`);
  }

  async rows(): Promise<readonly Row[]> {
    const { ask } = await this.operator();
    const response = await ask('/api/fleet');
    return ((await response.json()) as { rows: readonly Row[] }).rows;
  }

  /** Who signed in there; at another start on the same folder it is the same. */
  async operator(): Promise<SignedIn> {
    const crew = crews.get(this.data) ?? new Crew(() => this.running().httpsUrl ?? '', join(this.data, 'headend'));
    crews.set(this.data, crew);
    return (await crew.as('tester')).at(this.running().httpsUrl ?? '');
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

export async function until(so: () => boolean | Promise<boolean>, say: () => string): Promise<void> {
  const deadlineMs = performance.now() + startTimeoutMs;
  while (!(await so())) {
    if (performance.now() > deadlineMs) throw new Error(`not within ${startTimeoutMs} ms: ${say()}`);
    await pause(100);
  }
}

/** Processes whose command line names this folder; only where /proc tells. */
export function processesNaming(folder: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => commandLine(pid).includes(folder));
}

/** Empty where the process has ended. */
function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

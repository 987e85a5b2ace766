import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { get } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { StreamFrame } from '@tiepoint/headend/api/contract.ts';

const main = join(import.meta.dirname, '../../headend/src/main.ts');
const readyWithinMs = 20_000;
const stopWithinMs = 12_000;

export type HeadendProcess = {
  readonly pid: number;
  readonly httpUrl: string;
  readonly mqttUrl: string;
  /** What it wrote, for the message of a bench that fails; its last 20 lines. */
  readonly output: readonly string[];
  stop(): Promise<void>;
};

/** The head-end as it is started by hand, on free ports. Throws where it is not ready in time. */
export async function startHeadendProcess(dataFolder: string): Promise<HeadendProcess> {
  const child = spawn(process.execPath, [main, '--data', dataFolder, '--http-port', '0', '--mqtt-port', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  const ready = new Promise<{ httpUrl: string; mqttUrl: string }>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the head-end is not ready:\n${output.join('\n')}`)), readyWithinMs);
    child.once('exit', (code) => reject(new Error(`the head-end ended with ${String(code)}:\n${output.join('\n')}`)));
    for (const stream of [child.stdout, child.stderr]) {
      createInterface(stream).on('line', (line) => {
        output.push(line);
        if (output.length > 20) output.shift();
        const said = readyLine(line);
        if (said === undefined) return;
        clearTimeout(timer);
        resolve(said);
      });
    }
  });
  try {
    const { httpUrl, mqttUrl } = await ready;
    return { pid: child.pid ?? 0, httpUrl, mqttUrl, output, stop: () => end(child) };
  } catch (error) {
    await end(child);
    throw error;
  }
}

function readyLine(line: string): { httpUrl: string; mqttUrl: string } | undefined {
  if (!line.includes('"ready"')) return undefined;
  return JSON.parse(line) as { httpUrl: string; mqttUrl: string };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
  await exit;
  clearTimeout(timer);
}

/** Follows the live stream; `onFrame` is told when the bytes came, by `performance.now()`. Returns what ends it. */
export async function followStream(httpUrl: string, onFrame: (frame: StreamFrame, atMs: number) => void): Promise<() => void> {
  return await new Promise((resolve, reject) => {
    const request = get(`${httpUrl}/api/stream`, { headers: { accept: 'text/event-stream' } }, (response) => {
      let held = '';
      response.setEncoding('utf8');
      response.on('error', () => undefined); // it is ended by us, or the bench misses the frames that do not come
      response.on('data', (text: string) => {
        const atMs = performance.now();
        const blocks = (held + text).split('\n\n');
        held = blocks.pop() ?? '';
        for (const block of blocks) {
          const data = block.split('\n').find((line) => line.startsWith('data: '));
          if (data !== undefined) onFrame(JSON.parse(data.slice(6)) as StreamFrame, atMs);
        }
      });
      resolve(() => request.destroy());
    });
    request.on('error', reject);
  });
}

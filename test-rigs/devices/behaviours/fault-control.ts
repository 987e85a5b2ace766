import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { listen, stopListening } from '../listening.ts';
import type { GridDisturbance } from '../../plant/supply.ts';
import type { BehavingDevice } from './behaving-device.ts';

export type FaultControlOptions = {
  readonly devices: readonly BehavingDevice[];
  readonly disturbGrid?: (disturbance: GridDisturbance) => void;
  /** 0 takes a free one. Always on loopback. */
  readonly port: number;
};

export type FaultControlStart = { ok: true; url: string; stop(): Promise<void> } | { ok: false; say: string };

/**
 * Lets a person or a test in another process switch faults:
 *
 *     GET  /devices               every device with its faults and those it can have
 *     POST /devices/ID/faults     {"stuckSwitch": true} sets, {"stuckSwitch": null} takes away, {} only tells
 *     POST /grid                  {"dead": true}, {"frequencyOffsetHz": -1}, {"voltageOffsetPu": 0.1}; {} heals
 *
 * Web pages are refused (403).
 */
export async function startFaultControl(options: FaultControlOptions): Promise<FaultControlStart> {
  const server = createServer((request, response) => void answer(request, response, options));
  server.requestTimeout = 10_000;
  const opened = await listen(server, '127.0.0.1', options.port);
  if (!opened.ok) return opened;
  return { ok: true, url: `http://127.0.0.1:${opened.port}`, stop: () => stop(server) };
}

const maxBodyBytes = 10_000;

async function stop(server: Server): Promise<void> {
  const closed = stopListening(server);
  server.closeAllConnections();
  await closed;
}

async function answer(request: IncomingMessage, response: ServerResponse, options: FaultControlOptions): Promise<void> {
  const { status, body } = await answerTo(request, options);
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}

type Answer = { status: number; body: unknown };
const refused = (status: number, say: string): Answer => ({ status, body: { error: { say } } });

async function answerTo(request: IncomingMessage, { devices, disturbGrid }: FaultControlOptions): Promise<Answer> {
  const stranger = strangerIn(request.headers);
  if (stranger !== undefined) return refused(403, stranger);
  const path = request.url ?? '/';
  if (request.method === 'GET' && path === '/devices') {
    return {
      status: 200,
      body: devices.map(({ id, unit, faults, knownFaults }) => ({ id, unit, faults, knownFaults })),
    };
  }
  const id = /^\/devices\/([a-z0-9-]+)\/faults$/.exec(path)?.[1];
  if (request.method !== 'POST' || (id === undefined && path !== '/grid')) {
    return refused(404, 'there is GET /devices, POST /devices/ID/faults and POST /grid');
  }
  const body = await bodyOf(request);
  if (!body.ok) return refused(400, body.say);
  if (id === undefined) return onGrid(body.value, disturbGrid);
  const device = devices.find((each) => each.id === id);
  if (device === undefined)
    return refused(404, `there is no device ${id}; there is ${devices.map((each) => each.id).join(', ')}`);
  const changed = device.change(body.value);
  return changed.ok ? { status: 200, body: { id, faults: changed.faults } } : refused(400, changed.say);
}

/**
 * A page in the browser of whoever runs this can reach loopback, too. A browser names the page's origin with every POST; and a page
 * whose name was pointed at this machine shows that name as the host.
 */
function strangerIn({ host = '', origin }: IncomingHttpHeaders): string | undefined {
  if (origin !== undefined) return 'requests of web pages are not taken: use curl, or a program of your own';
  return /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host)
    ? undefined
    : 'the host is not this machine: ask at 127.0.0.1';
}

function onGrid(value: unknown, disturbGrid: FaultControlOptions['disturbGrid']): Answer {
  if (disturbGrid === undefined) return refused(404, 'there is no emulated grid here');
  if (typeof value !== 'object' || value === null) return refused(400, 'expected an object such as {"dead": true}');
  const fits = Object.entries(value).every(([name, given]) =>
    name === 'dead'
      ? typeof given === 'boolean'
      : ['frequencyOffsetHz', 'voltageOffsetPu'].includes(name) && Number.isFinite(given),
  );
  if (!fits) return refused(400, 'a grid takes dead (true or false), frequencyOffsetHz and voltageOffsetPu (numbers)');
  disturbGrid(value);
  return { status: 200, body: value };
}

async function bodyOf(request: IncomingMessage): Promise<{ ok: true; value: unknown } | { ok: false; say: string }> {
  let text = '';
  try {
    for await (const chunk of request) {
      text += String(chunk);
      if (text.length > maxBodyBytes) return { ok: false, say: `more than ${maxBodyBytes} characters` };
    }
    return { ok: true, value: JSON.parse(text === '' ? '{}' : text) };
  } catch (error) {
    return { ok: false, say: `no JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

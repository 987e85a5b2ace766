import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { listen, stopListening } from '../listening.ts';
import type { GridDisturbance } from '../../plant/supply.ts';
import { commandKinds, type CommandKind } from '@tiepoint/protocol';
import { faultKinds, type DeviceFaults, type FaultName } from './device-faults.ts';

/** A point as a page shows it; `value` null is unknown, `held` by hand. */
export type PointShown = {
  readonly name: string;
  readonly value: unknown;
  readonly held: boolean;
  readonly unit?: string;
  readonly words?: readonly string[];
};

/** What can be turned at a device. Values and preparation are there where a bench offers them. */
export type ControlledDevice = {
  readonly id: string;
  readonly unit: number;
  readonly faults: DeviceFaults;
  readonly knownFaults: readonly FaultName[];
  change(change: unknown): { ok: true; faults: DeviceFaults } | { ok: false; say: string };
  readonly title?: string;
  readonly profile?: string;
  readonly serialNumber?: string | undefined;
  readonly commands?: readonly CommandKind[];
  points?(): readonly PointShown[];
  override?(values: unknown): { ok: true } | { ok: false; say: string };
  prepareFor?(kind: CommandKind): boolean;
};

export type FaultControlOptions = {
  readonly devices: readonly ControlledDevice[];
  /** A page that is served at `/`; then it may ask, too. */
  readonly page?: string;
  /** What went over the wire lately. */
  readonly traffic?: () => object;
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
 *     POST /devices/ID/values     {"voltageV": 0} holds a value, {"voltageV": null} lets it go
 *     POST /devices/ID/prepare    {"command": "connect"} puts the device where that command would be given
 *     POST /grid                  {"dead": true}, {"frequencyOffsetHz": -1}, {"voltageOffsetPu": 0.1}; {} heals
 *     GET  /traffic               what was read and written lately
 *
 * Web pages are refused (403), but for the one that is served here.
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
  const stranger = strangerIn(request.headers, options.page !== undefined);
  if (stranger === undefined && request.method === 'GET' && request.url === '/' && options.page !== undefined) {
    response.writeHead(200, pageHeaders).end(options.page);
    return;
  }
  const { status, body } = stranger === undefined ? await answerTo(request, options) : refused(403, stranger);
  response
    .writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    .end(`${JSON.stringify(body)}\n`);
}

const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'",
};

type Answer = { status: number; body: unknown };
const refused = (status: number, say: string): Answer => ({ status, body: { error: { say } } });

async function answerTo(request: IncomingMessage, options: FaultControlOptions): Promise<Answer> {
  const { devices, disturbGrid, traffic } = options;
  const path = request.url ?? '/';
  if (request.method === 'GET' && path === '/devices') return { status: 200, body: devices.map(toldOf) };
  if (request.method === 'GET' && path === '/traffic' && traffic !== undefined) return { status: 200, body: traffic() };
  const [, id, what] = /^\/devices\/([a-z0-9-]+)\/(faults|values|prepare)$/.exec(path) ?? [];
  if (request.method !== 'POST' || (id === undefined && path !== '/grid')) {
    return refused(404, 'there is GET /devices, POST /devices/ID/faults and POST /grid');
  }
  const body = await bodyOf(request);
  if (!body.ok) return refused(400, body.say);
  if (id === undefined) return onGrid(body.value, disturbGrid);
  const device = devices.find((each) => each.id === id);
  if (device === undefined)
    return refused(404, `there is no device ${id}; there is ${devices.map((each) => each.id).join(', ')}`);
  const changed = what === 'faults' ? device.change(body.value) : onDevice(device, what, body.value);
  return changed.ok ? { status: 200, body: { id, faults: device.faults } } : refused(400, changed.say);
}

function toldOf(device: ControlledDevice): object {
  const { id, unit, faults, knownFaults, title, profile, serialNumber, commands } = device;
  const plain = { id, unit, faults, knownFaults };
  if (device.points === undefined) return plain;
  const takes = Object.fromEntries(knownFaults.map((name) => [name, faultKinds[name].takes]));
  return { ...plain, title, profile, serialNumber, commands, takes, points: device.points() };
}

function onDevice(
  device: ControlledDevice,
  what: string | undefined,
  value: unknown,
): { ok: true } | { ok: false; say: string } {
  if (what === 'values' && device.override !== undefined) return device.override(value);
  const given = typeof value === 'object' && value !== null && 'command' in value ? value.command : undefined;
  const kind = commandKinds.find((each) => each === given);
  if (kind !== undefined && device.prepareFor?.(kind) === true) return { ok: true };
  return {
    ok: false,
    say: `${device.id} takes no ${what ?? 'change'} of this kind; its commands are ${device.commands?.join(', ') || 'none'}`,
  };
}

/**
 * A page in the browser of whoever runs this can reach loopback, too. A browser names the page's origin with every POST; and a page
 * whose name was pointed at this machine shows that name as the host.
 */
function strangerIn({ host = '', origin }: IncomingHttpHeaders, hasPage: boolean): string | undefined {
  if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host)) return 'the host is not this machine: ask at 127.0.0.1';
  const isOwn = hasPage && origin === `http://${host}`;
  return origin === undefined || isOwn
    ? undefined
    : 'requests of web pages are not taken: use curl, or a program of your own';
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

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { startHeadend } from '@tiepoint/headend/main-headend.ts';
import { Crew } from '@tiepoint/headend/api/testing/signed-in.ts';
import { parseSettings } from '@tiepoint/headend/main-settings.ts';
import { trusted } from '@tiepoint/headend/authority/testing/trusted.ts';
import type { SeededRandom } from '../../devices/seeded-random.ts';
import { mutatedText, mutatedValue, oddWords } from './mutate.ts';
import type { Target } from './targets.ts';

type Schema = {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly maximum?: number;
};
type Operation = {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema?: Schema }[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> };
};
type Route = { readonly method: string; readonly path: string; readonly operation: Operation };

/** Names that are there, that could be, and that nobody should take for a path. */
const names = [
  'gw-1.meter-1',
  'gw-1',
  'home',
  'pv-1',
  '1',
  '..',
  '%2e%2e',
  'a%00b',
  'x'.repeat(300),
  '😀',
  '%',
  "'; DROP TABLE command; --",
];
/** Never ends by itself, as it should: it is the stream of what happens. */
const endless = '/api/stream';

export type ApiUnderFuzz = { readonly target: Target; readonly routes: readonly string[]; stop(): Promise<void> };

/** A whole head-end in this process, and every route that its own list of routes names; `perMille` of a thousand inputs go there. */
export async function apiUnderFuzz(perMille: number): Promise<ApiUnderFuzz> {
  const folder = mkdtempSync(join(tmpdir(), 'tiepoint-fuzz-'));
  const faults: string[] = [];
  const log = {
    info: () => undefined,
    warn: () => undefined,
    error: (fields: Record<string, unknown>, say: string) => void faults.push(`${say}: ${inspect(fields['err'])}`),
  };
  const settings = parseSettings(
    `data: ${folder}\nhttps: { port: 0 }\nbroker: { port: 0 }\nfield: { port: 0 }\n`,
    'fuzz.yaml',
  );
  if (!settings.ok) throw new Error(settings.say.join('\n'));
  const headend = trusted(await startHeadend(settings.value, log));
  const stop = async (): Promise<void> => {
    await headend.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  const crew = new Crew(() => headend.httpsUrl, folder);
  const people = [await crew.administrator(), await crew.as('ann')];
  const { paths } = await people[0]!.call<{ paths: Record<string, Record<string, Operation>> }>(
    'GET',
    '/api/openapi.json',
  );
  const routes = Object.entries(paths)
    .filter(([path]) => path !== endless)
    .flatMap(([path, byMethod]) =>
      Object.entries(byMethod).map(([method, operation]): Route => ({ method: method.toUpperCase(), path, operation })),
    );
  const take = async (random: SeededRandom): Promise<void> => {
    const route = routes[random.below(routes.length)];
    if (route === undefined) throw new Error('the head-end names no routes');
    const { method, path, init } = requestFor(route, random);
    // The routes of one's own session and account would end it; they are asked by strangers alone.
    const who = /^\/api\/(session|account)/.test(route.path) ? undefined : people[random.below(3)];
    const headers = { ...who?.headers(method), ...init.headers };
    const response = await fetch(`${headend.httpsUrl}${path}`, { ...init, method, headers });
    await response.arrayBuffer();
    const fault = faults.shift();
    if (response.status >= 500 || fault !== undefined)
      throw new Error(`${method} ${path} ${init.body?.slice(0, 300) ?? ''}: ${response.status} ${fault ?? ''}`);
  };
  return {
    target: { name: 'api', perMille, take },
    routes: routes.map(({ method, path }) => `${method} ${path}`),
    stop,
  };
}

function requestFor(
  { method, path, operation }: Route,
  random: SeededRandom,
): { method: string; path: string; init: { headers: Record<string, string>; body?: string } } {
  const named = path.replaceAll(/\{[^}]+\}/g, () => encodedOrNot(names[random.below(names.length)] ?? '', random));
  const query = (operation.parameters ?? [])
    .filter((parameter) => parameter.in === 'query' && random.next() < 0.5)
    .map(
      ({ name, schema }) =>
        `${name}=${encodeURIComponent(String(mutatedValue(random, valueFor(schema, random))).toWellFormed())}`,
    );
  const content = Object.entries(operation.requestBody?.content ?? {})[0];
  const headers: Record<string, string> = {};
  if (random.next() < 0.02) headers['cookie'] = `__Host-tiepoint-session-1=${'x'.repeat(random.below(300))}`;
  if (random.next() < 0.8) headers['idempotency-key'] = String(random.below(1_000));
  const init: { headers: Record<string, string>; body?: string } = { headers };
  if (method !== 'GET' && random.next() < 0.95) {
    const [type, { schema }] = content ?? ['application/json', { schema: {} }];
    headers['content-type'] = random.next() < 0.9 ? type : 'text/plain';
    const value = mutatedValue(random, valueFor(schema, random));
    const text = type.includes('json') ? (JSON.stringify(value) ?? '') : 'site,site_title\nhome,Home\n';
    init.body = random.next() < 0.2 ? mutatedText(random, [text], oddWords) : text;
  }
  return { method, path: query.length === 0 ? named : `${named}?${query.join('&')}`, init };
}

const encodedOrNot = (name: string, random: SeededRandom): string =>
  random.next() < 0.7 ? encodeURIComponent(name) : name.replaceAll(/[^\u0021-\u007e]|[?#\\]/g, '');

/** A value as the schema has it. */
function valueFor(schema: Schema | undefined, random: SeededRandom): unknown {
  if (schema?.enum !== undefined) return schema.enum[random.below(schema.enum.length)];
  switch (schema?.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {})
          .filter(() => random.next() < 0.8)
          .map(([name, each]) => [name, valueFor(each, random)]),
      );
    case 'array':
      return Array.from({ length: random.below(4) }, () => valueFor(schema.items, random));
    case 'integer':
      return random.below(1_000);
    case 'number':
      return random.next() * 100;
    case 'boolean':
      return random.next() < 0.5;
    default:
      return ['home', 'gw-1', 'meter-1', 'disconnect', '2026-01-01', 'ann'][random.below(6)];
  }
}

import type { Access } from '@tiepoint/headend/api/access.ts';
import type { SeededRandom } from '../../devices/seeded-random.ts';
import { mutatedText, mutatedValue, oddWords } from './mutate.ts';

type Schema = {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly minLength?: number;
};
export type Operation = {
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema?: Schema;
  }[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> };
};
/** As the head-end declares and lists it. */
export type Route = {
  readonly method: string;
  readonly path: string;
  readonly access: Access;
  readonly operation: Operation;
};

/** Names that are there. */
const names = ['gw-1.meter-1', 'gw-1.pv-1', 'gw-1', 'home', 'victim', 'C-1', 'town', 'sw', 't1', 'A', 'own'];
/** That could be, and that nobody should take for a path. */
const oddNames = [
  'pv-1',
  '1',
  '..',
  '../secret.txt',
  '../../secret.txt',
  '../keys/operators.key',
  '..%2fsecret.txt',
  '..\\\\secret.txt',
  'app.js',
  '%2e%2e',
  '..%2f..%2fkeys%2foperators.key',
  'a%00b',
  'x'.repeat(300),
  '😀',
  '%',
  "'; DROP TABLE command; --",
  '__proto__',
];

/** What a request is made of beside chance. */
export type Known = {
  /** Files that could be imported, by their type. */
  readonly files: ReadonlyMap<string, readonly string[]>;
  /** Ids that the head-end has given, by what they are of: `selections`, `commands`. Newest last. */
  readonly ids: ReadonlyMap<string, readonly string[]>;
};

export type MadeRequest = { readonly path: string; readonly headers: Record<string, string>; readonly body?: string };

/** One request to this route: as it should be, or nearly, or not at all. */
export function requestFor(
  { method, path, operation }: Omit<Route, 'access'>,
  random: SeededRandom,
  known: Known,
): MadeRequest {
  const valueOf = (schema: Schema | undefined): unknown => valueFor(schema, random, known.ids);
  const parts = path.split('/');
  const named = parts
    .map((part, at) => part.replace(/^\{([^}]+)\}$/, (_, name: string) => nameFor(parts[at - 1] ?? '', name)))
    .join('/');
  function nameFor(of: string, name: string): string {
    const schema = operation.parameters?.find((each) => each.in === 'path' && each.name === name)?.schema;
    if (schema?.enum !== undefined && random.next() < 0.8) return String(valueOf(schema));
    const [from, newest] = [random.next(), newestOf(known.ids.get(of) ?? [], random)];
    if (newest !== undefined && from < 0.5) return encodeURIComponent(newest);
    if (from < 0.75) return names[random.below(names.length)] ?? '';
    return encodedOrNot(oddNames[random.below(oddNames.length)] ?? '', random);
  }
  const query = (operation.parameters ?? [])
    .filter((parameter) => parameter.in === 'query' && random.next() < (parameter.required === true ? 0.95 : 0.5))
    .map(({ name, schema }) => {
      const value = random.next() < 0.7 ? valueOf(schema) : mutatedValue(random, valueOf(schema));
      return `${name}=${encodeURIComponent(String(value).toWellFormed())}`;
    });
  const headers: Record<string, string> = {};
  if (random.next() < 0.02) headers['cookie'] = `__Host-tiepoint-session-1=${'x'.repeat(random.below(300))}`;
  if (random.next() < 0.02) headers['last-event-id'] = `${random.below(9)}-${random.below(9)}`;
  if (random.next() < 0.8) headers['idempotency-key'] = String(random.below(1_000));
  const without = operation.requestBody === undefined ? 0.8 : 0.05;
  const body = method === 'GET' || random.next() < without ? undefined : bodyFor(operation, headers, random, known);
  const asked = query.length === 0 ? named : `${named}?${query.join('&')}`;
  return { path: asked, headers, ...(body === undefined ? {} : { body }) };
}

function bodyFor(
  { requestBody }: Operation,
  headers: Record<string, string>,
  random: SeededRandom,
  { files, ids }: Known,
): string {
  const kinds = Object.entries(requestBody?.content ?? { 'application/json': {} });
  const [type, { schema }] = kinds[random.below(kinds.length)] ?? ['application/json', {}];
  headers['content-type'] = random.next() < 0.9 ? type : ['text/plain', 'text/csv'][random.below(2)]!;
  const valid = valueFor(schema, random, ids);
  const value = random.next() < 0.5 ? valid : mutatedValue(random, valid);
  const known = files.get(headers['content-type']) ?? [];
  const file = known[random.below(Math.max(1, known.length))];
  const text = file ?? JSON.stringify(value) ?? '';
  const sent = random.next() < 0.15 ? mutatedText(random, [text], oddWords) : text;
  return headers['content-type'] === form ? asForm(sent, headers) : sent;
}

export const form = 'multipart/form-data';

/** One file of it, and what it may refer to. */
function asForm(text: string, headers: Record<string, string>): string {
  const boundary = 'between-the-parts';
  headers['content-type'] = `${form}; boundary=${boundary}`;
  const part = (name: string, body: string): string =>
    `--${boundary}\r\ncontent-disposition: form-data; name="network"; filename="${name}"\r\n\r\n${body}\r\n`;
  return `${part('town.dss', text)}${part('more.dss', '')}${part('coords.csv', 'a,1,2')}--${boundary}--\r\n`;
}

/** What can stand on the first line of a request: the rest no client would send. */
const encodedOrNot = (name: string, random: SeededRandom): string =>
  random.next() < 0.6 ? encodeURIComponent(name) : name.replaceAll(/[^\u0021-\u007e]|[?#]/g, '');

/** A value as the schema has it. */
function valueFor(schema: Schema | undefined, random: SeededRandom, ids: Known['ids'], name = ''): unknown {
  const one = schema?.oneOf ?? schema?.anyOf;
  if (one !== undefined) return valueFor(one[random.below(one.length)], random, ids, name);
  if (schema?.enum !== undefined) return schema.enum[random.below(schema.enum.length)];
  switch (schema?.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {})
          .filter(([name]) => random.next() < (schema.required?.includes(name) === true ? 0.98 : 0.4))
          .map(([key, each]) => [key, valueFor(each, random, ids, key)]),
      );
    case 'array':
      return Array.from({ length: random.below(4) }, () => valueFor(schema.items, random, ids, name));
    case 'integer':
    case 'number':
      return numberFor(schema, random);
    case 'boolean':
      return random.next() < 0.5;
    default:
      return textFor(schema, random, ids.get(name.replace(/Id$/, 's')) ?? []);
  }
}

function numberFor({ type, minimum = 0, maximum = 1_000 }: Schema, random: SeededRandom): number {
  // Instants are told in milliseconds or seconds, and most that is kept is of now.
  if (maximum > 1e12 && random.next() < 0.5) return Date.now() + random.below(2 * hourMs) - hourMs;
  if (maximum > 4e9 && random.next() < 0.5) return halfHourNear(random) / 1_000;
  const value = minimum + random.next() * (Math.min(maximum, minimum + 1_000) - minimum);
  return type === 'integer' ? Math.floor(value) : value;
}

const hourMs = 3_600_000;

/** Of the last days, or soon. */
const halfHourNear = (random: SeededRandom): number =>
  (Math.floor(Date.now() / (hourMs / 2)) + 4 - random.below(150)) * (hourMs / 2);

function textFor(schema: Schema | undefined, random: SeededRandom, ids: readonly string[]): string {
  // Nothing else has to be so long.
  if (schema?.minLength === 10)
    return new Date(halfHourNear(random)).toISOString().slice(0, random.next() < 0.7 ? 24 : 10);

  const newest = newestOf(ids, random);
  if (newest !== undefined && random.next() < 0.8) return newest;
  const words = [
    'home',
    'gw-1',
    'meter-1',
    'gw-1.meter-1',
    'test/meter',
    'disconnect',
    '2026-01-01',
    'own.yaml',
    'victim',
    'town',
    'sw',
    'A',
  ];
  const { pattern } = schema ?? {};
  const fitting = pattern === undefined ? words : words.filter((word) => new RegExp(pattern).test(word));
  return fitting[random.below(fitting.length)] ?? '';
}

/** Mostly the last one: what was begun is over soon. */
function newestOf(ids: readonly string[], random: SeededRandom): string | undefined {
  return random.next() < 0.7 ? ids.at(-1) : ids[random.below(ids.length)];
}

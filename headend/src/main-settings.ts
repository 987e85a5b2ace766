import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isName } from '@tiepoint/protocol';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { operatorSettings } from './main-operators.ts';

const port = z.int().min(0).max(65_535);
const hours = z
  .number()
  .min(0.25)
  .max(24 * 3_660);

const localTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: 'is no time of the day: write it as 00:20' });
const holiday = z.string().refine(isDay, { error: 'is no day: write it as 2026-11-26, or as 12-25 for every year' });
const mqttUrl = z.url({ protocol: /^mqtts$/, error: 'begins with mqtts:// and names a host' });
const hostName = z
  .string()
  .regex(/^(?=.{1,253}$)([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.?)+$|^[0-9a-fA-F:]{2,39}$/, {
    error: 'is no name of a host and no address',
  });

const schema = z
  .strictObject({
    /** Where the store lives. */
    data: z.string().min(1).default('headend-data'),
    https: z
      .strictObject({
        host: z.string().min(1).default('127.0.0.1'),
        port: port.default(8443),
        console: z.string().min(1).optional(),
      })
      .prefault({}),
    /** Names and addresses by which gateways and operators reach this head-end, besides those of this machine; its certificate has them. */
    hostNames: z.array(hostName).max(50).default([]),
    /** The utility's own authority, PEM. Unless set, the head-end makes one at its first start. */
    authority: z.strictObject({ certFile: z.string().min(1), keyFile: z.string().min(1) }).optional(),
    broker: z
      .strictObject({
        host: z.string().min(1).default('127.0.0.1'),
        port: port.default(8883),
        /** An external broker instead of the one inside. */
        url: mqttUrl.optional(),
        clientId: z.string().min(1).max(64).default('tiepoint-headend'),
        /** Whom to trust there, PEM; unless set, the head-end's own authority. */
        caFile: z.string().min(1).optional(),
        /** What to show there, PEM; unless set, a certificate of the head-end's own authority. */
        certFile: z.string().min(1).optional(),
        keyFile: z.string().min(1).optional(),
      })
      .refine(({ certFile, keyFile }) => (certFile === undefined) === (keyFile === undefined), {
        error: 'certFile and keyFile come together',
      })
      .prefault({}),
    /** Gateways by their titles. Those that are here may be enrolled before anything is ordered for them. */
    gateways: z
      .array(
        z.strictObject({
          id: z.string().refine(isName, { error: 'is no name: 1 to 63 of a-z, 0-9 and -, not starting with -' }),
          title: z.string().min(1).max(120).optional(),
        }),
      )
      .default([]),
    /** Of gateways that enrol. */
    enrolment: z
      .strictObject({
        /** What they are told to connect to. Unless set: this head-end's own broker, by the name by which they reached it. */
        mqttUrl: mqttUrl.optional(),
        /** Where technicians reach `field`. Unless set: by the name by which whoever issued the token reached this head-end. */
        url: z.url({ protocol: /^https$/, error: 'begins with https:// and names a host' }).optional(),
      })
      .prefault({}),
    operators: operatorSettings,
    /** The server for gateways and technicians, who show certificates and tokens of enrolment. */
    field: z.strictObject({ host: z.string().min(1).default('127.0.0.1'), port: port.default(8444) }).prefault({}),
    /** Takes commissioning reports of emulated devices, and shows so. Never where real devices are commanded. */
    demonstration: z.boolean().default(false),
    retention: z
      .strictObject({
        rawHours: hours.default(2),
        minuteHours: hours.default(48),
        quarterDays: z.number().min(1).max(3_660).default(400),
      })
      .prefault({}),
    /** By it days begin and end, so that they have 23 or 25 hours twice a year. Unless set, this machine's. */
    timeZone: z
      .string()
      .refine(isTimeZone, { error: 'is no time zone: write it as America/Los_Angeles' })
      .default(() => Intl.DateTimeFormat().resolvedOptions().timeZone),
    reads: z
      .strictObject({
        /** Local times between which meters are read of the day that ended. */
        startsAt: localTime.default('00:20'),
        endsAt: localTime.default('05:00'),
        /** How far back gaps are asked for again. */
        lookBackDays: z.int().min(1).max(60).default(7),
        /** Over the whole fleet, for the sake of the broker. */
        metersPerSecond: z.int().min(1).max(20_000).default(500),
      })
      .prefault({}),
    /** Of meters' intervals. */
    warehouse: z
      .strictObject({
        /** What the database may take; its process takes about 300 MB more. */
        memoryMb: z.int().min(256).max(3_500).default(2_048),
        threads: z.int().min(1).max(64).default(2),
        keepDays: z.int().min(40).max(36_600).default(1_130),
      })
      .prefault({}),
    /** Of the loads of transformers, switches, segments and circuits. */
    loads: z
      .strictObject({
        hemisphere: z.enum(['northern', 'southern']).default('northern'),
        /** Days that are not like others of their week: once, or every year. */
        holidays: z.array(holiday).max(2_000).default([]),
        /** Around transformers, where no temperature of an hour is told; unless set, what ratings are made for is assumed. */
        ambientC: z.number().min(-60).max(60).optional(),
        /** Meters of the warehouse that measure all of a transformer or a circuit: customers' sums are held against them. */
        headMeters: z
          .array(
            z.strictObject({
              kind: z.enum(['transformer', 'circuit']),
              id: z.string().min(1).max(200),
              meter: z.string().min(1).max(200),
            }),
          )
          .max(2_000)
          .default([]),
      })
      .prefault({}),
    /** A copy of everything, as `backup DIR` makes it, by the clock. */
    backup: z
      .strictObject({
        folder: z.string().min(1),
        everyHours: z.number().min(1).max(8_784).default(24),
        keep: z.int().min(1).max(1_000).default(14),
      })
      .optional(),
    log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info') }).prefault({}),
  })
  .refine(({ demonstration, operators }) => demonstration || operators.secondFactor === 'required', {
    path: ['operators', 'secondFactor'],
    error: 'optional is for demonstration: true alone; devices are commanded with two factors',
  });

function isDay(text: string): boolean {
  const day = /^\d\d-\d\d$/.test(text) ? `2024-${text}` : text;
  return /^\d{4}-\d\d-\d\d$/.test(day) && new Date(`${day}T00:00:00Z`).toJSON()?.startsWith(day) === true;
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

export type Settings = z.infer<typeof schema> & {
  /** Of this start alone: a damaged `operations.db` is moved away and begun anew. */
  setAsideDamaged?: boolean;
  /** Of this start alone: keys that are lost are begun anew, though gateways or people rely on them. */
  newKeys?: boolean;
  /** Of this start alone: the tags that hold now were set anew after a restore. */
  tagsChecked?: boolean;
};

/** Settings, or what is wrong with them: one line each, with file, line and path. */
export type SettingsRead = { ok: true; value: Settings } | { ok: false; say: readonly string[] };

export const settingsUsage = [
  'node headend/src/main.ts [--config headend.yaml] [--data DIR] [--https-port N] [--mqtt-port N] [--field-port N] [--console DIR]',
  '                         [--set-aside] [--new-keys] [--tags-checked]',
  '  --config FILE       settings; every one has a default (headend/README.md)',
  '  --data DIR          where it keeps what it knows (headend-data)',
  '  --https-port N      console and API (8443); --mqtt-port N its broker (8883); --field-port N for gateways (8444); 0: a free one',
  '  --console DIR       another built console',
  '  --set-aside         a damaged operations.db is moved away and begun anew, with what is lost',
  '  --new-keys          keys that are lost are begun anew, with what follows from it',
  '  --tags-checked      after a restore: the tags that hold now were set anew, so that commands are taken',
];
export const defaultConsole = fileURLToPath(new URL('../console/dist', import.meta.url));

/** From the command line and the file that it names. Every value has a default, so that no file is needed. */
export function readSettings(args: readonly string[]): SettingsRead {
  const options = parsedArguments(args);
  if (!options.ok) return options;
  const { config, data, console: consoleFolder } = options.values;
  const file = config === undefined ? parseSettings('', 'headend.yaml') : settingsFile(config);
  if (!file.ok) return file;
  const portGiven = (option: 'https-port' | 'mqtt-port' | 'field-port') =>
    portOf(`--${option}`, options.values[option]);
  const ports = { https: portGiven('https-port'), mqtt: portGiven('mqtt-port'), field: portGiven('field-port') };
  for (const each of Object.values(ports)) if (typeof each === 'string') return { ok: false, say: [each] };
  const settings = file.value;
  const https = { ...settings.https, ...(typeof ports.https === 'number' ? { port: ports.https } : {}) };
  const broker = { ...settings.broker, ...(typeof ports.mqtt === 'number' ? { port: ports.mqtt } : {}) };
  const field = { ...settings.field, ...(typeof ports.field === 'number' ? { port: ports.field } : {}) };
  const { backup } = settings;
  const served = consoleFolder ?? https.console;
  return {
    ok: true,
    value: {
      ...settings,
      data: resolve(data ?? settings.data),
      https: { ...https, ...(served === undefined ? {} : { console: resolve(served) }) },
      broker,
      field,
      ...(options.values['set-aside'] === true ? { setAsideDamaged: true } : {}),
      ...(options.values['new-keys'] === true ? { newKeys: true } : {}),
      ...(options.values['tags-checked'] === true ? { tagsChecked: true } : {}),
      ...(backup === undefined ? {} : { backup: { ...backup, folder: resolve(backup.folder) } }),
    },
  };
}

/** `name` is what people are told the text is from. */
export function parseSettings(text: string, name: string): SettingsRead {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, logLevel: 'error' });
  const lineOf = (offset: number): number => lineCounter.linePos(offset).line;
  if (document.errors.length > 0) {
    return {
      ok: false,
      say: document.errors.map((error) => `${name}:${lineOf(error.pos[0])}  ${error.message.split('\n')[0] ?? ''}`),
    };
  }
  const given = plainValue(document);
  if (!given.ok) return { ok: false, say: [`${name}:1  ${given.say}`] };
  const parsed = schema.safeParse(given.value ?? {});
  if (parsed.success) return { ok: true, value: parsed.data };
  const say = parsed.error.issues.flatMap(({ path, message, ...issue }) => {
    const unknown = issue.code === 'unrecognized_keys' ? (issue as { keys: readonly string[] }).keys : [];
    if (unknown.length === 0) return [`${name}:${lineAt(document, path, lineOf)}  ${pathText(path)}: ${message}`];
    return unknown.map(
      (key) => `${name}:${lineAt(document, [...path, key], lineOf)}  ${pathText([...path, key])}: is no setting`,
    );
  });
  return { ok: false, say };
}

/** An alias without an anchor, or so many that they would fill the memory, come to light only here. */
function plainValue(
  document: ReturnType<typeof parseDocument>,
): { ok: true; value: unknown } | { ok: false; say: string } {
  try {
    return { ok: true, value: document.toJS() };
  } catch (error) {
    return { ok: false, say: error instanceof Error ? error.message : String(error) };
  }
}

type Path = readonly PropertyKey[];

/** The line of the value, or of the nearest thing around it. */
function lineAt(document: ReturnType<typeof parseDocument>, path: Path, lineOf: (offset: number) => number): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true) as
      | { range?: readonly [number, number, number] }
      | undefined;
    if (node?.range !== undefined) return lineOf(node.range[0]);
  }
  return 1;
}

function pathText(path: Path): string {
  if (path.length === 0) return 'the file';
  return path
    .map((each, index) => (typeof each === 'number' ? `[${each}]` : `${index === 0 ? '' : '.'}${String(each)}`))
    .join('');
}

function settingsFile(path: string): SettingsRead {
  try {
    return parseSettings(readFileSync(path, 'utf8'), path);
  } catch (error) {
    return { ok: false, say: [`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`] };
  }
}

type Arguments = Partial<
  Record<'config' | 'data' | 'https-port' | 'mqtt-port' | 'field-port' | 'console', string> &
    Record<'set-aside' | 'new-keys' | 'tags-checked', boolean>
>;

function parsedArguments(
  args: readonly string[],
): { ok: true; values: Arguments } | { ok: false; say: readonly string[] } {
  const text = { type: 'string' } as const;
  try {
    const flag = { type: 'boolean' } as const;
    const ports = { 'https-port': text, 'mqtt-port': text, 'field-port': text };
    const flags = { 'set-aside': flag, 'new-keys': flag, 'tags-checked': flag };
    const options = { config: text, data: text, console: text, ...ports, ...flags };
    return { ok: true, values: parseArgs({ args: [...args], options }).values };
  } catch (error) {
    return {
      ok: false,
      say: [error instanceof Error ? error.message : String(error), 'Usage:', ...settingsUsage.slice(0, 2)],
    };
  }
}

/** A text tells what is wrong. */
function portOf(option: string, text: string | undefined): number | string | undefined {
  if (text === undefined) return undefined;
  const parsed = /^\d+$/.test(text) ? port.safeParse(Number(text)) : undefined;
  return parsed?.success === true ? parsed.data : `${option} ${text} is no port: 0 (a free one) to 65535`;
}

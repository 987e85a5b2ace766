import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { findProfile } from '@tiepoint/hardware-profiles';
import type { Profile } from '@tiepoint/hardware-profiles';
import { intervalLengthsS, isName, maxDevicesPerGateway } from '@tiepoint/protocol';
import { trustFileName } from './keys/enrolment-file.ts';
import { parseYaml, pathText, whyUnread } from './located-yaml.ts';
import type { LocatedYaml } from './located-yaml.ts';
import { noSuchProfile, readProfileFile } from './profile-file.ts';

const name = z.string().refine(isName, 'is no name: 1 to 63 of a-z, 0-9 and -, not starting with -');
const rates = [1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200];
const baudRate = z.number().superRefine((rate, context) => {
  if (rates.includes(rate)) return;
  const nearest = rates.toSorted((a, b) => Math.abs(a - rate) - Math.abs(b - rate)).slice(0, 2);
  context.addIssue({
    code: 'custom',
    message: `${rate} is no standard rate; the nearest are ${nearest.join(' and ')}`,
  });
});

const port = z.int().min(1).max(65_535);
const busCommon = {
  name,
  timeoutMs: z.int().min(20).max(30_000).default(1_000),
  turnaroundMs: z.int().min(0).max(1_000).default(0),
};
const telegramCommon = {
  name,
  timeoutMs: z.int().min(1_000).max(60_000).default(12_000),
  checksum: z.enum(['crc16', 'none']).default('crc16'),
};
const bus = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('tcp'), host: z.string().min(1), port: port.default(502), ...busCommon }),
  z.strictObject({
    kind: z.literal('rtu-over-tcp'),
    host: z.string().min(1),
    port,
    baudRate: baudRate.default(9600),
    ...busCommon,
  }),
  z.strictObject({
    kind: z.literal('rtu'),
    path: z.string().min(1),
    baudRate,
    parity: z.enum(['none', 'even', 'odd']).default('even'),
    stopBits: z.union([z.literal(1), z.literal(2)]).default(1),
    dataBits: z.union([z.literal(7), z.literal(8)]).default(8),
    ...busCommon,
  }),
  z.strictObject({
    kind: z.literal('p1'),
    path: z.string().min(1),
    baudRate: baudRate.default(115_200),
    parity: z.enum(['none', 'even', 'odd']).default('none'),
    dataBits: z.union([z.literal(7), z.literal(8)]).default(8),
    ...telegramCommon,
  }),
  z.strictObject({ kind: z.literal('p1-over-tcp'), host: z.string().min(1), port, ...telegramCommon }),
]);

const limits = z.strictObject({
  ratedPowerW: z.number().positive().optional(),
  ratedCurrentA: z.number().positive().optional(),
  switchRatingA: z.number().positive().optional(),
  storageCapacityWh: z.number().positive().optional(),
  ratedVoltageV: z.number().positive().optional(),
});

const device = z
  .strictObject({
    id: name,
    title: z.string().max(120).optional(),
    bus: name,
    unit: z.int().min(0).max(255),
    profile: z.string(),
    periodMs: z.int().min(1_000).max(3_600_000).default(4_000),
    /** How often the device is looked at; events are told from every look. */
    pollMs: z.int().min(200).max(3_600_000).optional(),
    reporting: z.enum(['periodic', 'by-exception']).default('periodic'),
    heartbeatMs: z.int().min(1_000).max(86_400_000).default(60_000),
    thresholdsPct: z.array(z.number().min(0).max(200)).max(8).default([80]),
    hysteresisPct: z.number().min(0.1).max(50).default(2),
    limits: limits.default({}),
    /** Of the intervals that a meter keeps. */
    intervalS: z.literal(intervalLengthsS).default(3_600),
    readOnly: z.boolean().default(false),
    /** Points of the profile's unconfirmed registers that were checked at this very device, with a witness. */
    confirmed: z.array(z.string()).max(32).default([]),
    /** Counts up the device's controller heartbeat every second, for devices that fall back without it. */
    controllerHeartbeat: z.boolean().default(false),
    switchedBy: name.optional(),
    fuel: z.strictObject({ tankL: z.number().positive(), consumptionLPerKwh: z.number().positive() }).optional(),
  })
  .transform((settings) => ({ ...settings, pollMs: settings.pollMs ?? Math.min(settings.periodMs, 1_000) }));

const agent = z.strictObject({
  gateway: z.strictObject({ id: name, dataDir: z.string().min(1), readOnly: z.boolean().default(false) }),
  mqtt: z.strictObject({
    url: z.url({ protocol: /^mqtts$/, error: 'is no broker address such as mqtts://headend.example:8883' }),
    keepaliveS: z.int().min(5).max(600).default(15),
  }),
  /** The folder of key, certificate and authority that enrolment makes, from the folder of this file on. */
  identity: z.string().min(1).default('./identity'),
  buses: z.array(bus).min(1),
  /** Files of profiles that are not built in, from the folder of this file on. */
  profiles: z.array(z.string().min(1)).max(64).default([]),
  devices: z.array(device).min(1).max(maxDevicesPerGateway),
  outbox: z
    .strictObject({
      maxEntries: z.int().min(100).max(5_000_000).default(250_000),
      historyPerSecond: z.int().min(1).max(10_000).default(100),
    })
    .default({ maxEntries: 250_000, historyPerSecond: 100 }),
  intervals: z
    .strictObject({
      keepDays: z.int().min(2).max(400).default(60),
      maxRows: z.int().min(1_000).max(5_000_000).default(750_000),
    })
    .default({ keepDays: 60, maxRows: 750_000 }),
  log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']).default('info') }).default({ level: 'info' }),
});

/** `profiles`: those of the site's own files. `identity` is a whole path; `trust`: the file in it of the keys that are obeyed. */
export type AgentSettings = Omit<z.output<typeof agent>, 'profiles'> & {
  readonly profiles: readonly Profile[];
  readonly trust: string;
};
export type DeviceSettings = AgentSettings['devices'][number];

/** A configuration that cannot be used; each line names file, line and path. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/** Reads and checks the agent's one file. Throws ConfigurationError with a line for each thing that is wrong. */
export function readConfiguration(path: string): { settings: AgentSettings; hash: string } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigurationError(`${path}: ${whyUnread(error)}`);
  }
  return {
    settings: parseConfiguration(text, path),
    hash: createHash('sha256').update(text).digest('hex').slice(0, 16),
  };
}

/** `path` names the file in messages, and its folder is where the files of `profiles` are looked for. */
export function parseConfiguration(text: string, path: string): AgentSettings {
  const document = parseYaml(text, path);
  if (!document.ok) throw new ConfigurationError(document.errors.join('\n'));
  const own = ownProfiles(document, path);
  const schema = agent.superRefine((settings, context) => crossChecks(settings, own, context));
  const parsed = schema.safeParse(document.value ?? {}, { error: plain });
  if (parsed.success) {
    const identity = resolve(dirname(path), parsed.data.identity);
    return { ...parsed.data, identity, trust: join(identity, trustFileName), profiles: own };
  }
  throw new ConfigurationError(
    parsed.error.issues
      .map((issue) => `${path}:${document.lineOf(issue.path)}  ${pathText(issue.path)}: ${issue.message}`)
      .join('\n'),
  );
}

/** The profile that a device of this configuration names. */
export function profileOf({ profiles }: Pick<AgentSettings, 'profiles'>, profileName: string): Profile | undefined {
  return findProfile(profileName, profiles);
}

/** What is no list of paths is told by the schema. */
function ownProfiles(document: LocatedYaml, path: string): readonly Profile[] {
  const given = (document.value as { profiles?: unknown } | null)?.profiles;
  if (!Array.isArray(given)) return [];
  const errors: string[] = [];
  const own: Profile[] = [];
  for (const [i, file] of given.entries()) {
    if (typeof file !== 'string' || file === '') continue;
    const loaded = readProfileFile(resolve(dirname(path), file));
    if (!loaded.ok)
      errors.push(`${path}:${document.lineOf(['profiles', i])}  profiles[${i}]: ${file}`, ...loaded.errors);
    else if (own.some(({ name: known }) => known === loaded.profile.name))
      errors.push(
        `${path}:${document.lineOf(['profiles', i])}  profiles[${i}]: '${loaded.profile.name}' is there twice`,
      );
    else own.push(loaded.profile);
  }
  if (errors.length > 0) throw new ConfigurationError(errors.join('\n'));
  return own;
}

function crossChecks(
  settings: {
    buses: { name: string; kind: string; path?: string }[];
    devices: {
      id: string;
      bus: string;
      profile: string;
      switchedBy?: string | undefined;
      unit: number;
      pollMs: number;
      periodMs: number;
      confirmed: string[];
      controllerHeartbeat: boolean;
    }[];
  },
  profiles: readonly Profile[],
  context: z.RefinementCtx,
): void {
  const find = (profileName: string): Profile | undefined => profileOf({ profiles }, profileName);
  // Behind one unit of a serial line there is one device, but for those that share a SunSpec chain.
  const isSunSpec = (profileName: string): boolean => 'sunspec' in (find(profileName)?.identify ?? {});
  const issue = (path: PropertyKey[], message: string): void => context.addIssue({ code: 'custom', path, message });
  const busNames = settings.buses.map(({ name: each }) => each);
  const ids = settings.devices.map(({ id }) => id);
  checkBuses(settings.buses, issue);
  for (const [i, each] of settings.devices.entries()) {
    const { id, bus: busName, profile, switchedBy, pollMs, periodMs, confirmed } = each;
    const at = (key: string): PropertyKey[] => ['devices', i, key];
    if (ids.indexOf(id) !== i) issue(at('id'), `'${id}' is there twice`);
    if (!busNames.includes(busName)) issue(at('bus'), `there is no bus '${busName}'; there is ${busNames.join(', ')}`);
    if (find(profile) === undefined) issue(at('profile'), noSuchProfile(profile, profiles));
    if (switchedBy !== undefined && !ids.includes(switchedBy))
      issue(at('switchedBy'), `there is no device '${switchedBy}' at this gateway`);
    const kind = settings.buses.find((known) => known.name === busName)?.kind;
    const twin = settings.devices.findIndex(
      (other) =>
        other.bus === busName &&
        other.unit === each.unit &&
        (other.profile === profile || (kind !== 'tcp' && !(isSunSpec(profile) && isSunSpec(other.profile)))),
    );
    const pushed = kind === 'p1' || kind === 'p1-over-tcp';
    if (kind !== undefined && find(profile) !== undefined && pushed !== (find(profile)?.port === 'p1'))
      issue(
        at('profile'),
        pushed
          ? `'${profile}' answers Modbus, and bus '${busName}' is a P1 port`
          : `'${profile}' pushes telegrams: it needs a bus of kind p1 or p1-over-tcp, and '${busName}' is ${kind}`,
      );
    if (twin >= 0 && twin < i)
      issue(at('unit'), `unit ${each.unit} of bus '${busName}' is there already, as '${ids[twin]}'`);
    if (each.unit === 0 && kind !== 'tcp') issue(at('unit'), '0 is the broadcast of a serial line; units are 1 to 247');
    const meter = settings.devices.find(({ id: other }) => other === switchedBy);
    if (switchedBy === id) issue(at('switchedBy'), 'a device is not switched by itself; name the meter before it');
    else if (meter !== undefined && find(meter.profile)?.capabilities.includes('service-switch') === false)
      issue(at('switchedBy'), `'${switchedBy}' has no service switch by its profile ${meter.profile}`);
    const unconfirmed: readonly string[] = find(profile)?.unconfirmed ?? [];
    const strange = confirmed.find((point) => !unconfirmed.includes(point));
    if (strange !== undefined)
      issue(
        at('confirmed'),
        `'${strange}' is none of the profile's unconfirmed points (${unconfirmed.join(', ') || 'it has none'})`,
      );
    if (each.controllerHeartbeat && find(profile)?.points['set:controllerHeartbeat'] === undefined)
      issue(at('controllerHeartbeat'), `a device of profile '${profile}' has no controller heartbeat`);
    if (periodMs % pollMs !== 0) issue(at('pollMs'), `${pollMs} does not divide the period of ${periodMs} ms`);
  }
}

function checkBuses(
  buses: readonly { name: string; path?: string }[],
  issue: (path: PropertyKey[], message: string) => void,
): void {
  const busNames = buses.map(({ name: each }) => each);
  const paths = buses.map((each) => ('path' in each ? each.path : undefined));
  for (const [i, path] of paths.entries())
    if (path !== undefined && paths.indexOf(path) !== i)
      issue(
        ['buses', i, 'path'],
        `${path} is the port of bus '${busNames[paths.indexOf(path)]}' already: one bus a port`,
      );
  for (const [i, each] of busNames.entries())
    if (busNames.indexOf(each) !== i) issue(['buses', i, 'name'], `'${each}' is there twice`);
}

/** Zod's sentences in the tone of the rest. `undefined` leaves zod's own. */
function plain(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'unrecognized_keys')
    return `${issue.keys.map((key) => `'${key}'`).join(', ')} is no setting; is it misspelt?`;
  if (issue.code === 'invalid_type' && issue.input === undefined) return `is missing (${issue.expected})`;
  if (issue.code === 'invalid_type')
    return `${JSON.stringify(issue.input)} is no ${issue.expected}${issue.expected === 'boolean' ? ' (true or false)' : ''}`;
  if (issue.code === 'invalid_value')
    return `${JSON.stringify(issue.input)} is none of ${issue.values.map(String).join(', ')}`;
  return undefined;
}

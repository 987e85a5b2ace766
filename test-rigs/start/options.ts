import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { noSuchProfile } from '@tiepoint/agent/io/profile-file.ts';
import { profiles } from '@tiepoint/hardware-profiles';

export const usage = `npm start: Tiepoint with an emulated site. Options come after a double dash: npm start -- --for 60

  --fresh               begin anew: forget what earlier runs stored
  --data DIR            where data and logs are kept (.tiepoint)
  --https-port N        console and API (8443; a free one if that is taken)
  --mqtt-port N         MQTT broker (8883; a free one if that is taken)
  --field-port N        for gateways: enrolment and reports (8444; a free one if that is taken)
  --no-build            leave the console as it was built last
  --town                with the 2,460 smart meters of the demonstration town: 40 days of
                        their hours are read, and the load of every transformer computed

Real input
  --image FILE          also serve image-1 from a register dump (hex words)
  --image-profile NAME  what it is (sunspec-inverter)
  --tcp HOST[:PORT][/UNIT] --profile NAME
  --serial PATH[:BAUD[:PARITY]][/UNIT] --profile NAME
                        read a real device instead of the emulated site; repeatable.
                        Without: port 502, unit 1, 9600 baud, no parity
  --read-only           never write to any device
  --no-site             without the emulated site

For tests
  --for SECONDS         stop after this time
  --once                stop when every device has reported; exit code 1 if that takes over a minute
  --help                this text
`;

export type RealDevice = { readonly unit: number; readonly profile: string; readonly bus: RealBus };
export type RealBus =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | {
      readonly kind: 'rtu';
      readonly path: string;
      readonly baudRate: number;
      readonly parity: 'none' | 'even' | 'odd';
    };

export type StartOptions = {
  readonly fresh: boolean;
  readonly dataDir: string | undefined;
  /** `undefined`: the default, or a free one where that is taken. */
  readonly httpsPort: number | undefined;
  readonly mqttPort: number | undefined;
  readonly fieldPort: number | undefined;
  readonly build: boolean;
  readonly site: boolean;
  /** The meters of the demonstration town, too. */
  readonly town: boolean;
  readonly image: { readonly file: string; readonly profile: string } | undefined;
  readonly real: readonly RealDevice[];
  readonly readOnly: boolean;
  readonly forS: number | undefined;
  readonly once: boolean;
};

export type OptionsRead = { ok: true; options: StartOptions } | { ok: false; say: string } | { ok: 'help' };

/** Takes the words of the command line. A `--profile` belongs to the `--tcp` or `--serial` before it. */
export function readOptions(args: readonly string[]): OptionsRead {
  const parsed = parsedArgs(args);
  if (!parsed.ok) return parsed;
  const { values, tokens } = parsed.value;
  if (values.help === true) return { ok: 'help' };
  const real = realDevices(tokens);
  if (typeof real === 'string') return { ok: false, say: real };
  const numbers = {
    'https-port': wholeNumber('--https-port', values['https-port'], 0, 65_535),
    'mqtt-port': wholeNumber('--mqtt-port', values['mqtt-port'], 0, 65_535),
    'field-port': wholeNumber('--field-port', values['field-port'], 0, 65_535),
    for: wholeNumber('--for', values.for, 1, 86_400),
  };
  for (const each of Object.values(numbers)) if (typeof each === 'string') return { ok: false, say: each };
  const wrong = whatIsWrong(values, real) ?? samePort(numbers);
  if (wrong !== undefined) return { ok: false, say: wrong };
  return {
    ok: true,
    options: {
      fresh: values.fresh === true,
      dataDir: values.data,
      httpsPort: asNumber(numbers['https-port']),
      mqttPort: asNumber(numbers['mqtt-port']),
      fieldPort: asNumber(numbers['field-port']),
      build: values['no-build'] !== true,
      site: values['no-site'] !== true && real.length === 0,
      town: values.town === true,
      image:
        values.image === undefined
          ? undefined
          : { file: values.image, profile: values['image-profile'] ?? 'sunspec-inverter' },
      real,
      readOnly: values['read-only'] === true,
      forS: asNumber(numbers.for),
      once: values.once === true,
    },
  };
}

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const known = {
  fresh: flag,
  data: text,
  'https-port': text,
  'mqtt-port': text,
  'field-port': text,
  'no-build': flag,
  'no-site': flag,
  town: flag,
  image: text,
  'image-profile': text,
  tcp: { ...text, multiple: true },
  serial: { ...text, multiple: true },
  profile: { ...text, multiple: true },
  'read-only': flag,
  for: text,
  once: flag,
  help: flag,
} as const;

type Token = { readonly kind: string; readonly name?: string; readonly value?: string | undefined };
type Values = {
  [K in keyof typeof known]?: (typeof known)[K] extends { multiple: true }
    ? string[]
    : (typeof known)[K] extends typeof flag
      ? boolean
      : string;
};

function parsedArgs(
  args: readonly string[],
): { ok: true; value: { values: Values; tokens: readonly Token[] } } | { ok: false; say: string } {
  try {
    const { values, tokens } = parseArgs({
      args: withNegatives(args),
      options: known,
      tokens: true,
      allowPositionals: false,
    });
    return { ok: true, value: { values, tokens } };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { ok: false, say: `${refusal(error)}. \`npm start -- --help\` lists the options` };
  }
}

/** A negative number after an option is its value, although it begins as an option does: so the range can be told. */
function withNegatives(args: readonly string[]): string[] {
  const joined: string[] = [];
  for (const word of args) {
    const option = joined.at(-1);
    if (/^-\d/.test(word) && option !== undefined && /^--[a-z-]+$/.test(option))
      joined.splice(-1, 1, `${option}=${word}`);
    else joined.push(word);
  }
  return joined;
}

/** Node's own texts give advice for those who write the program. */
function refusal({ message, ...error }: Error & { code?: string }): string {
  const [, named = ''] = /'([^']*)'/.exec(message) ?? [];
  const option = /--[a-z-]+/.exec(named)?.[0] ?? named;
  switch (error.code) {
    case 'ERR_PARSE_ARGS_UNKNOWN_OPTION':
      return `${option}: there is no such option`;
    case 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL':
      return `${named}: an option begins with two dashes`;
    case 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE':
      return isFlag(option) ? `${option} takes no value` : `${option} needs a value after it`;
    default:
      return message;
  }
}

const isFlag = (option: string): boolean =>
  Object.entries(known).some(([name, { type }]) => `--${name}` === option && type === 'boolean');

function whatIsWrong(values: Values, real: readonly RealDevice[]): string | undefined {
  const { image } = values;
  if (values.data === '') return '--data needs a folder';
  if (image !== undefined && !existsSync(image)) return `--image ${image}: there is no such file`;
  if (values['image-profile'] !== undefined && image === undefined) return '--image-profile needs --image FILE';
  const strange = [values['image-profile'], ...real.map(({ profile }) => profile)].find(
    (name) => name !== undefined && !isProfile(name),
  );
  if (strange !== undefined) return noSuchProfile(strange, []);
  if (values['no-site'] === true && image === undefined && real.length === 0) {
    return '--no-site leaves nothing to read: give --image FILE, --tcp HOST or --serial PATH';
  }
  if (values.town === true && (values['no-site'] === true || real.length > 0))
    return '--town is of the demonstration, which a start with --no-site or a real device is not';
  return undefined;
}

function samePort(numbers: Readonly<Record<string, number | string | undefined>>): string | undefined {
  const given = ['https-port', 'mqtt-port', 'field-port'].filter((name) => (numbers[name] ?? 0) !== 0);
  const second = given.find((name, i) => given.slice(0, i).some((other) => numbers[other] === numbers[name]));
  if (second === undefined) return undefined;
  const first = given.find((name) => numbers[name] === numbers[second]);
  return `--${first} and --${second} were both given ${numbers[second]}: give each a port of its own, or 0 for a free one`;
}

const isProfile = (name: string): boolean => profiles.some((profile) => profile.name === name);

function realDevices(tokens: readonly Token[]): readonly RealDevice[] | string {
  const found: { place: string; unit: number; bus: RealBus; profile?: string }[] = [];
  for (const { kind, name, value = '' } of tokens) {
    if (kind !== 'option') continue;
    if (name === 'tcp' || name === 'serial') {
      const place = name === 'tcp' ? tcpPlace(value) : serialPlace(value);
      if (typeof place === 'string') return place;
      found.push({ place: `--${name} ${value}`, ...place });
    } else if (name === 'profile') {
      const last = found.at(-1);
      if (last === undefined) return `--profile ${value} belongs after a --tcp or --serial`;
      if (last.profile !== undefined) return `${last.place} has two profiles: ${last.profile} and ${value}`;
      last.profile = value;
    }
  }
  const without = found.find(({ profile }) => profile === undefined);
  if (without !== undefined)
    return `${without.place} needs --profile NAME after it: ${profiles.map(({ name }) => name).join(', ')}`;
  return found.map(({ unit, bus, profile = '' }) => ({ unit, bus, profile }));
}

function tcpPlace(value: string): { unit: number; bus: RealBus } | string {
  const {
    host,
    port = '502',
    unit = '1',
  } = /^(?<host>\[[^\]]+\]|[^:/]+)(?::(?<port>\d+))?(?:\/(?<unit>\d+))?$/.exec(value)?.groups ?? {};
  if (host === undefined || !isIn(port, 1, 65_535) || !isIn(unit, 0, 255))
    return `--tcp ${value}: write HOST[:PORT][/UNIT], such as 192.0.2.10:502/126`;
  return { unit: Number(unit), bus: { kind: 'tcp', host: host.replace(/^\[|\]$/g, ''), port: Number(port) } };
}

function serialPlace(value: string): { unit: number; bus: RealBus } | string {
  const pattern = /^(?<path>.+?)(?::(?<baud>\d+)(?::(?<parity>none|even|odd))?)?(?:\/(?<unit>\d+))?$/;
  // A path may itself end in a number, as /dev/pts/3 does.
  const groups = existsSync(value) ? { path: value } : (pattern.exec(value)?.groups ?? {});
  const { path, baud = '9600', parity = 'none', unit = '1' } = groups as Record<string, string | undefined>;
  const fits = path !== undefined && isIn(baud, 1200, 115_200) && isIn(unit, 1, 247);
  if (!fits) return `--serial ${value}: write PATH[:BAUD[:PARITY]][/UNIT], such as /dev/ttyUSB0:9600:even/3`;
  return {
    unit: Number(unit),
    bus: { kind: 'rtu', path, baudRate: Number(baud), parity: parity as 'none' | 'even' | 'odd' },
  };
}

const isIn = (digits: string, low: number, high: number): boolean => Number(digits) >= low && Number(digits) <= high;

/** A text tells what is wrong. */
function wholeNumber(
  option: string,
  value: string | undefined,
  low: number,
  high: number,
): number | string | undefined {
  if (value === undefined) return undefined;
  return /^\d+$/.test(value) && isIn(value, low, high)
    ? Number(value)
    : `${option} ${value}: expected a whole number from ${low} to ${high}`;
}

const asNumber = (value: number | string | undefined): number | undefined =>
  typeof value === 'number' ? value : undefined;

import { done, no } from '@tiepoint/protocol';
import type { DeviceLimits, Result } from '@tiepoint/protocol';
import type { Profile } from '@tiepoint/hardware-profiles';
import { openBus } from '../io/bus/bus.ts';
import type { BusDeps, BusLifecycle, BusSettings, ReadBus, WriteBus } from '../io/bus/bus.ts';
import { ConfigurationError, profileOf, readConfiguration } from '../io/configuration.ts';
import type { AgentSettings, DeviceSettings } from '../io/configuration.ts';
import { loadProfile } from '../io/profile-file.ts';
import { textOf } from './field-command.ts';
import type { FieldOption, FieldValues } from './field-command.ts';

/** The options that say where a device is. */
export const connectionOptions = {
  port: { type: 'string', placeholder: 'PATH', help: 'serial port, as /dev/serial/by-id/… or /dev/ttyUSB0' },
  baud: {
    type: 'string',
    placeholder: 'N',
    help: 'baud rate of the serial port (9600)',
    values: ['9600', '19200', '38400', '57600', '115200', '4800', '2400', '1200'],
  },
  parity: { type: 'string', help: 'parity of the serial port (even)', values: ['even', 'odd', 'none'] },
  'stop-bits': { type: 'string', help: 'stop bits of the serial port (1)', values: ['1', '2'] },
  tcp: { type: 'string', placeholder: 'HOST[:PORT]', help: 'Modbus TCP, port 502 where none is given' },
  'rtu-tcp': {
    type: 'string',
    placeholder: 'HOST:PORT',
    help: 'RTU frames over TCP, as transparent serial servers send them',
  },
  p1: { type: 'string', placeholder: 'PATH', help: 'serial port of a meter that pushes P1 telegrams' },
  'p1-tcp': { type: 'string', placeholder: 'HOST:PORT', help: 'P1 telegrams through a transparent serial server' },
  config: { type: 'string', placeholder: 'FILE', help: 'take the bus from this configuration of a gateway' },
  device: {
    type: 'string',
    placeholder: 'ID',
    help: 'with --config: the device, with its unit and profile',
    names: 'device',
  },
  unit: { type: 'string', short: 'u', placeholder: 'N', help: 'unit number, 1 to 247 (0 to 255 on TCP)' },
  timeout: { type: 'string', placeholder: 'MS', help: 'how long to wait for the beginning of a reply (1000)' },
} as const satisfies Record<string, FieldOption>;

export const profileOption = {
  profile: {
    type: 'string',
    short: 'p',
    placeholder: 'NAME|FILE',
    help: 'profile by name, or a file.yaml of your own',
    names: 'profile',
  },
} as const satisfies Record<string, FieldOption>;

/** Where a device is, and what is known of it before it was asked. */
export type Connection = {
  readonly bus: BusSettings;
  /** As people write it, for the first line of an output. */
  readonly where: string;
  /** Absent where the command line names none. */
  readonly unit?: number;
  readonly profile?: Profile;
  /** Of the configuration: limits that the device does not know, and points that were checked there. */
  readonly limits: DeviceLimits;
  readonly confirmed: readonly string[];
  /** With --config. */
  readonly settings?: AgentSettings;
  readonly device?: DeviceSettings;
};

/** Reads the options; nothing is opened. A failure names the option and what would be right. */
export function connectionOf(values: FieldValues): Result<Connection> {
  const given = (['port', 'tcp', 'rtu-tcp', 'p1', 'p1-tcp', 'config'] as const).filter(
    (name) => textOf(values, name) !== undefined,
  );
  if (given.length === 0)
    return no(
      'invalid',
      'Which device? --port PATH, --tcp HOST, --rtu-tcp HOST:PORT, --p1 PATH, --p1-tcp HOST:PORT, or --config FILE --device ID.',
    );
  if (given.length > 1) return no('invalid', `--${given.join(' and --')}: only one of them says where the device is.`);
  const timeoutMs = wholeOption(values, 'timeout', 5, 30_000);
  if (!timeoutMs.ok) return timeoutMs;
  const from = textOf(values, 'config') === undefined ? fromLine(values) : fromConfiguration(values);
  if (!from.ok) return from;
  const profile = profileFrom(values, from.value);
  if (!profile.ok) return profile;
  const found = from.value;
  const mismatch = profile.value && wrongBus(profile.value, found.bus);
  if (mismatch !== undefined) return no('invalid', mismatch);
  const unit = unitOption(values, found.bus);
  if (!unit.ok) return unit;
  const chosen = unit.value ?? found.unit;
  return done({
    ...found,
    bus: timeoutMs.value === undefined ? found.bus : { ...found.bus, timeoutMs: timeoutMs.value },
    ...(chosen === undefined ? {} : { unit: chosen }),
    ...(profile.value === undefined ? {} : { profile: profile.value }),
  });
}

function unitOption(values: FieldValues, { kind }: BusSettings): Result<number | undefined> {
  if (kind === 'tcp') return wholeOption(values, 'unit', 0, 255);
  if (textOf(values, 'unit') === '0')
    return no('invalid', '--unit 0 is the broadcast of a serial line, which nobody answers; units are 1 to 247.');
  return wholeOption(values, 'unit', 1, 247);
}

/** A device that pushes telegrams is no Modbus device, nor the other way round. */
function wrongBus({ name, port }: Profile, { kind }: BusSettings): string | undefined {
  const isPushed = kind === 'p1' || kind === 'p1-over-tcp';
  if (port === 'p1' && !isPushed)
    return `--profile ${name}: this meter pushes telegrams from its P1 port and answers no Modbus. Give --p1 PATH, or --p1-tcp HOST:PORT for one behind a serial server (in a configuration, a bus of kind p1 or p1-over-tcp).`;
  if (port !== 'p1' && isPushed)
    return `--profile ${name}: this device answers Modbus, and a P1 port only pushes telegrams. Give --port, --tcp or --rtu-tcp.`;
  return undefined;
}

/** Opens for reading alone: no write function code can leave it, whatever the caller does. A port that does not open is a failure. */
export async function openForReading(
  { bus }: Pick<Connection, 'bus'>,
  deps: Partial<BusDeps> = {},
): Promise<Result<ReadBus & BusLifecycle>> {
  return opened((all) => openBus({ ...bus, readOnly: true }, all), bus, deps);
}

/** Opens for a command that writes, and says so in its name. */
export async function openForWriting(
  { bus }: Pick<Connection, 'bus'>,
  deps: Partial<BusDeps> = {},
): Promise<Result<WriteBus & BusLifecycle>> {
  return opened((all) => openBus(bus, all), bus, deps);
}

/** A whole number given as an option, `undefined` where it is not given. */
export function wholeOption(
  values: FieldValues,
  name: string,
  least: number,
  most: number,
): Result<number | undefined> {
  const text = textOf(values, name);
  if (text === undefined) return done(undefined);
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return done(number);
  return no('invalid', `--${name} ${text}: must be a whole number from ${least} to ${most}.`);
}

/** HOST, HOST:PORT or [IPv6]:PORT. */
export function hostAndPort(text: string, defaultPort?: number): Result<{ host: string; port: number }> {
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = match?.[3] === undefined ? defaultPort : Number(match[3]);
  if (host === undefined || host === '') return no('invalid', `${text}: is no HOST:PORT.`);
  if (port === undefined) return no('invalid', `${text}: the port is missing, as in ${text}:4001.`);
  if (port < 1 || port > 65_535) return no('invalid', `${text}: ports are 1 to 65535.`);
  return done({ host, port });
}

type Found = Omit<Connection, 'profile'>;

function fromLine(values: FieldValues): Result<Found> {
  const plain = { limits: {}, confirmed: [] };
  if (textOf(values, 'device') !== undefined)
    return no('invalid', '--device is a device of --config FILE, which is missing.');
  const tcp = textOf(values, 'tcp');
  if (tcp !== undefined) {
    const address = hostAndPort(tcp, 502);
    if (!address.ok) return address;
    return done({
      ...plain,
      where: `tcp ${address.value.host}:${address.value.port}`,
      bus: { name: tcp, kind: 'tcp', ...address.value },
    });
  }
  const baudRate = wholeOption(values, 'baud', 300, 1_000_000);
  if (!baudRate.ok) return baudRate;
  const p1 = textOf(values, 'p1');
  if (p1 !== undefined) return p1Line(p1, baudRate.value ?? 115_200);
  const p1Tcp = textOf(values, 'p1-tcp');
  if (p1Tcp !== undefined) {
    const address = hostAndPort(p1Tcp);
    if (!address.ok) return address;
    const where = `P1 over tcp ${p1Tcp}`;
    return done({ ...plain, unit: 1, where, bus: { name: p1Tcp, kind: 'p1-over-tcp', ...address.value } });
  }
  const rate = baudRate.value ?? 9600;
  const rtuTcp = textOf(values, 'rtu-tcp');
  if (rtuTcp !== undefined) {
    const address = hostAndPort(rtuTcp);
    if (!address.ok) return address;
    const where = `RTU over tcp ${rtuTcp}`;
    return done({ ...plain, where, bus: { name: rtuTcp, kind: 'rtu-over-tcp', ...address.value, baudRate: rate } });
  }
  const path = textOf(values, 'port') ?? '';
  const parity = textOf(values, 'parity') ?? 'even';
  if (parity !== 'even' && parity !== 'odd' && parity !== 'none')
    return no('invalid', `--parity ${parity}: must be even, odd or none.`);
  const stopBits = textOf(values, 'stop-bits') ?? '1';
  if (stopBits !== '1' && stopBits !== '2') return no('invalid', `--stop-bits ${stopBits}: is 1 or 2.`);
  return done({
    ...plain,
    where: `${path} ${rate} baud 8${(parity[0] ?? '').toUpperCase()}${stopBits}`,
    bus: { name: path, kind: 'rtu', path, baudRate: rate, parity, stopBits: stopBits === '1' ? 1 : 2 },
  });
}

/** Meters before DSMR 4 speak at 9600 baud with seven bits, even parity and no checksum, all later ones at 115200 with eight, none and CRC. */
function p1Line(path: string, baudRate: number): Result<Found> {
  const bits =
    baudRate === 9600
      ? ({ dataBits: 7, parity: 'even', checksum: 'none' } as const)
      : ({ dataBits: 8, parity: 'none' } as const);
  // Nobody is addressed on it; the number only has to be one.
  return done({
    limits: {},
    confirmed: [],
    unit: 1,
    where: `P1 ${path}`,
    bus: { name: path, kind: 'p1', path, baudRate, ...bits },
  });
}

function fromConfiguration(values: FieldValues): Result<Found> {
  const file = textOf(values, 'config') ?? '';
  const id = textOf(values, 'device');
  let settings: AgentSettings;
  try {
    ({ settings } = readConfiguration(file));
  } catch (error) {
    if (error instanceof ConfigurationError) return no('invalid', error.message);
    throw error;
  }
  const known = settings.devices.map((each) => each.id).join(', ');
  if (id === undefined) return no('invalid', `Which device of ${file}? --device with one of ${known}.`);
  const device = settings.devices.find((each) => each.id === id);
  const bus = settings.buses.find(({ name }) => name === device?.bus);
  if (device === undefined || bus === undefined)
    return no('invalid', `--device ${id}: there is no such device in ${file}; there is ${known}.`);
  return done({
    bus,
    where: `${id} (${'path' in bus ? bus.path : `${bus.host}:${bus.port}`})`,
    unit: device.unit,
    limits: definedOnly(device.limits),
    confirmed: device.confirmed,
    settings,
    device,
  });
}

function profileFrom(values: FieldValues, { settings, device }: Found): Result<Profile | undefined> {
  const named = textOf(values, 'profile');
  if (named === undefined)
    return done(settings === undefined || device === undefined ? undefined : profileOf(settings, device.profile));
  const loaded = loadProfile(named, settings?.profiles);
  return loaded.ok ? done(loaded.profile) : no('invalid', loaded.errors.join('\n'));
}

async function opened<T extends BusLifecycle>(
  open: (deps: BusDeps) => T,
  settings: BusSettings,
  deps: Partial<BusDeps>,
): Promise<Result<T>> {
  let why = '';
  const log = {
    info: () => undefined,
    warn: (fields: object, say: string) => {
      // A bus of the command line is called by its address, with which the reason begins, too.
      why = say.replace(`bus ${settings.name}: ${settings.name}`, settings.name);
      deps.log?.warn(fields, say);
    },
  };
  const bus = open({ nowMs: () => performance.now(), ...deps, log });
  await bus.start();
  if (bus.stats().connected) return done(bus);
  await bus.stop();
  return no('bus-failure', why === '' ? `${settings.name}: does not open` : why);
}

const definedOnly = (values: object): DeviceLimits =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

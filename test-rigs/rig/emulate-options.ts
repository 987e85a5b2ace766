import { parseArgs } from 'node:util';
import { faultValue, pointValue } from './script.ts';

export type RigPort =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'rtu-over-tcp'; readonly host: string; readonly port: number }
  /** Telegrams of a meter that pushes. */
  | { readonly kind: 'p1-over-tcp'; readonly host: string; readonly port: number }
  /** A pty made by socat; `link` is a name for it. */
  | { readonly kind: 'rtu-pty'; readonly link: string }
  | { readonly kind: 'rtu-path'; readonly path: string };

export type WantedDevice = {
  readonly what: 'profile' | 'image' | 'series';
  readonly source: string;
  readonly unit: number;
  readonly id: string;
  readonly models: readonly number[] | undefined;
  readonly ratedW: number | undefined;
  readonly faults: Readonly<Record<string, unknown>>;
  readonly values: Readonly<Record<string, unknown>>;
};

export type EmulateOptions = {
  readonly port: RigPort;
  readonly baudRate: number;
  readonly parity: 'none' | 'even' | 'odd';
  readonly turnaroundMs: number;
  readonly devices: readonly WantedDevice[];
  readonly script: string | undefined;
  readonly seed: number;
  /** `undefined`: without the page. */
  readonly pagePort: number | undefined;
  readonly forS: number | undefined;
  readonly quiet: boolean;
};

export type OptionsRead<T> = { ok: true; options: T } | { ok: false; say: string };

export const emulateUsage = `tiepoint-rig emulate: devices that are not there, on a port of this machine

  tiepoint-rig emulate --profile eastron-sdm630 --tcp 1502 --unit 1
  tiepoint-rig emulate --pty /tmp/bus --baud 9600 --profile eastron-sdm630 --unit 1 --profile kmtronic-relay --unit 4
  tiepoint-rig emulate --image inverter.hex --tcp 1502

Where, one of
  --tcp [HOST:]PORT      Modbus TCP (127.0.0.1; 0 takes a free port)
  --rtu-tcp [HOST:]PORT  RTU frames over TCP
  --p1-tcp [HOST:]PORT   for a profile of a meter that pushes telegrams; --pty and --serial do for it, too
  --pty PATH             a serial port of this machine, made by socat, under this name
  --serial PATH          a serial port that is there
  --baud N               9600; the bytes take the time that they would
  --parity P             none, even or odd: of a --serial port
  --turnaround MS        how long a device thinks (4)

Devices, one or more; what follows belongs to the one before it
  --profile NAME|FILE    any profile, or a file.yaml of your own: it measures, and obeys its commands
  --image FILE           a register image, as \`tiepoint-rig record\` makes it
  --series FILE          images over time
  --unit N               1, or one more than the device before
  --id NAME              what page and script call it
  --models 1,103,123     SunSpec: the models that it has
  --rated W              its rated power, where its profile leaves that open
  --fault NAME[=VALUE]   stuckSwitch, slowSwitchS=5, local, dead, lateRepliesMs=900, lostReplies=0.1, noise=0.1, wrongUnit=0.1,
                         holes=holding:40010-40019, unknownPoints=currentA, refuseWrites=4 and others
  --set POINT=VALUE      holds a value, as the page does

  --script FILE          what happens when: lines such as "at 10s: set voltageV 0; fault stuckSwitch"
  --seed N               of everything that is random (1)
  --page PORT|off        the page with knobs, on 127.0.0.1 (8510, or a free one)
  --for SECONDS          ends then
  --quiet                does not tell what was written
`;

const text = { type: 'string' } as const;
const many = { type: 'string', multiple: true } as const;
const known = {
  tcp: many,
  'rtu-tcp': many,
  'p1-tcp': many,
  pty: many,
  serial: many,
  baud: text,
  parity: text,
  turnaround: text,
  profile: many,
  image: many,
  series: many,
  unit: many,
  id: many,
  models: many,
  rated: many,
  fault: many,
  set: many,
  script: text,
  seed: text,
  page: text,
  for: text,
  quiet: { type: 'boolean' },
} as const;

/** Takes the words after `emulate`. */
export function readEmulateOptions(args: readonly string[]): OptionsRead<EmulateOptions> {
  let parsed;
  try {
    parsed = parseArgs({ args: [...args], options: known, tokens: true });
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error);
    return wrong(`tiepoint-rig emulate: ${why}. \`tiepoint-rig help emulate\` tells the options.`);
  }
  const { values, tokens } = parsed;
  const given = tokens.flatMap((token) =>
    token.kind === 'option' ? [{ name: token.name, value: token.value ?? '' }] : [],
  );
  const port = portOf(given);
  if (typeof port === 'string') return wrong(port);
  const devices = devicesOf(given, port);
  if (typeof devices === 'string') return wrong(devices);
  const parity = values.parity ?? 'none';
  if (parity !== 'none' && parity !== 'even' && parity !== 'odd')
    return wrong(`--parity ${parity}: is none, even or odd.`);
  const numbers = {
    baud: whole('--baud', values.baud ?? '9600', 300, 1_000_000),
    turnaround: whole('--turnaround', values.turnaround ?? '4', 0, 60_000),
    seed: whole('--seed', values.seed ?? '1', 0, 0x7fff_ffff),
    page: values.page === 'off' ? undefined : whole('--page', values.page ?? '8510', 0, 65_535),
    for: values.for === undefined ? undefined : whole('--for', values.for, 1, 31_536_000),
  };
  for (const each of Object.values(numbers)) if (typeof each === 'string') return wrong(each);
  const number = (name: keyof typeof numbers): number => Number(numbers[name]);
  return {
    ok: true,
    options: {
      port,
      devices,
      parity,
      baudRate: number('baud'),
      turnaroundMs: number('turnaround'),
      seed: number('seed'),
      pagePort: numbers.page === undefined ? undefined : number('page'),
      forS: numbers.for === undefined ? undefined : number('for'),
      script: values.script,
      quiet: values.quiet === true,
    },
  };
}

const wrong = (say: string): { ok: false; say: string } => ({ ok: false, say });

type Given = { readonly name: string; readonly value: string };

function portOf(given: readonly Given[]): RigPort | string {
  const ports = given.filter(({ name }) => ['tcp', 'rtu-tcp', 'p1-tcp', 'pty', 'serial'].includes(name));
  const [port] = ports;
  if (port === undefined) return 'On which port? --tcp 1502, --rtu-tcp 4001, --pty /tmp/bus or --serial /dev/ttyUSB0.';
  if (ports.length > 1)
    return `--${ports.map(({ name }) => name).join(' and --')}: one port a rig; start another rig for the other.`;
  switch (port.name) {
    case 'pty':
      return { kind: 'rtu-pty', link: port.value };
    case 'serial':
      return { kind: 'rtu-path', path: port.value };
    default: {
      const match = /^(?:(.+):)?(\d+)$/.exec(port.value);
      const number = Number(match?.[2]);
      if (match === null || number > 65_535) return `--${port.name} ${port.value}: is no [HOST:]PORT, such as 1502.`;
      return {
        kind: ({ tcp: 'tcp', 'rtu-tcp': 'rtu-over-tcp', 'p1-tcp': 'p1-over-tcp' } as const)[
          port.name as 'tcp' | 'rtu-tcp' | 'p1-tcp'
        ],
        host: match[1] ?? '127.0.0.1',
        port: number,
      };
    }
  }
}

type Draft = { -readonly [K in keyof WantedDevice]: WantedDevice[K] } & {
  faults: Record<string, unknown>;
  values: Record<string, unknown>;
};

function devicesOf(given: readonly Given[], port: RigPort): readonly WantedDevice[] | string {
  const drafts: Draft[] = [];
  // What is said before the first device is meant for it.
  const early: Given[] = [];
  for (const { name, value } of given) {
    if (name === 'profile' || name === 'image' || name === 'series') {
      const unit = (drafts.at(-1)?.unit ?? 0) + 1;
      const id = '';
      drafts.push({
        what: name,
        source: value,
        unit,
        id,
        models: undefined,
        ratedW: undefined,
        faults: {},
        values: {},
      });
      for (const each of early.splice(0)) {
        const say = refine(drafts, each, port);
        if (say !== undefined) return say;
      }
      continue;
    }
    if (!['unit', 'id', 'models', 'rated', 'fault', 'set'].includes(name)) continue;
    if (drafts.length === 0) early.push({ name, value });
    else {
      const say = refine(drafts, { name, value }, port);
      if (say !== undefined) return say;
    }
  }
  if (drafts.length === 0)
    return 'Which device? --profile NAME, --image FILE or --series FILE; `tiepoint-rig profiles` lists names.';
  for (const draft of drafts) if (draft.id === '') draft.id = `unit-${draft.unit}`;
  return drafts;
}

/** Puts an option to the last device; gives what is wrong with it. */
function refine(drafts: readonly Draft[], { name, value }: Given, port: RigPort): string | undefined {
  const draft = drafts.at(-1);
  if (draft === undefined) return undefined;
  switch (name) {
    case 'unit': {
      const most = port.kind === 'tcp' ? 255 : 247;
      const unit = whole('--unit', value, port.kind === 'tcp' ? 0 : 1, most);
      if (typeof unit === 'string') return unit;
      draft.unit = unit;
      return undefined;
    }
    case 'id':
      if (!/^[a-z0-9-]{1,64}$/.test(value)) return `--id ${value}: takes small letters, digits and -.`;
      draft.id = value;
      return undefined;
    case 'models': {
      const models = value.split(',').map(Number);
      if (!models.every((id) => Number.isInteger(id) && id > 0 && id < 0xffff))
        return `--models ${value}: takes numbers of SunSpec models, such as 1,103,120,121,122,123.`;
      draft.models = models;
      return undefined;
    }
    case 'rated': {
      const watts = Number(value);
      if (!(watts > 0 && watts <= 1e9)) return `--rated ${value}: takes watts, such as 6000.`;
      draft.ratedW = watts;
      return undefined;
    }
    case 'fault': {
      const [fault = '', ...rest] = value.split('=');
      draft.faults[fault] = faultValue(fault, rest.length === 0 ? undefined : rest.join('='));
      return undefined;
    }
    default: {
      const [point = '', ...rest] = value.split('=');
      if (rest.length === 0) return `--set ${value}: takes POINT=VALUE, such as voltageV=0.`;
      draft.values[point] = pointValue(point, rest.join('='));
      return undefined;
    }
  }
}

function whole(name: string, value: string, least: number, most: number): number | string {
  const number = Number(value);
  return /^\d+$/.test(value) && number >= least && number <= most
    ? number
    : `${name} ${value}: must be a whole number from ${least} to ${most}.`;
}

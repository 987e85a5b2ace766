import { buildWrite, identify, readsFor, readsForStep } from '@tiepoint/hardware-profiles';
import type { DeviceModel, Profile, RegisterWrite, WordImage } from '@tiepoint/hardware-profiles';
import { done, no } from '@tiepoint/protocol';
import type { Result } from '@tiepoint/protocol';
import { didYouMean } from '../core/nearest.ts';
import { askDevice, readOnce } from './ask-device.ts';
import { connectionOf, connectionOptions, openForWriting, profileOption } from './connection-options.ts';
import type { Connection } from './connection-options.ts';
import { energises } from './energising.ts';
import { textOf } from './field-command.ts';
import type { ExitCode, FieldCommand, FieldInput } from './field-command.ts';
import { whole } from './raw-read.ts';
import { shown, valueOf } from './read-command.ts';
import { paint } from './terminal.ts';
import type { Terminal } from './terminal.ts';

export const write: FieldCommand = {
  name: 'write',
  summary: 'write one set-point by its name, or raw words, after a confirmation; reads it back',
  usage: '… --profile NAME set:POINT VALUE | … --table holding ADDRESS WORD…',
  examples: [
    'tiepoint-agent write --tcp 192.0.2.10 --unit 126 --profile sunspec-inverter set:limitPct 60',
    'tiepoint-agent write --port /dev/ttyUSB0 --unit 1 --table holding 100 1 0x00FF',
  ],
  options: {
    ...connectionOptions,
    ...profileOption,
    table: { type: 'string', help: 'raw: which table', values: ['holding', 'coil'] },
    single: { type: 'boolean', help: 'raw: by function 5 or 6, for devices that have no 15 or 16' },
    yes: {
      type: 'boolean',
      help: 'do not ask; refused for what may energise, and for raw words, of which nobody knows',
    },
  },
  async run(input, terminal) {
    const connection = connectionOf(input.values);
    if (!connection.ok) return refuse(terminal, connection.say);
    const { unit, profile, settings, device } = connection.value;
    if (unit === undefined) return refuse(terminal, 'Which unit? --unit N; `tiepoint-agent scan` finds who answers.');
    if (settings?.gateway.readOnly === true || device?.readOnly === true)
      return refuse(terminal, 'The configuration says read-only: nothing is written.');
    if (connection.value.bus.kind === 'p1' || connection.value.bus.kind === 'p1-over-tcp')
      return refuse(terminal, 'A P1 port only tells: nothing can be written to it.');
    const wanted = wantedWrite(input, profile);
    if (!wanted.ok) return refuse(terminal, wanted.say);
    const opened = await openForWriting(connection.value);
    if (!opened.ok) {
      terminal.complain(opened.say);
      return 1;
    }
    const stop = (): void => void opened.value.stop();
    terminal.signal.addEventListener('abort', stop);
    try {
      return await writeOnce(
        { connection: connection.value, bus: opened.value, unit, terminal, yes: input.values['yes'] === true },
        wanted.value,
      );
    } finally {
      terminal.signal.removeEventListener('abort', stop);
      await opened.value.stop();
    }
  },
};

type Wanted =
  | { readonly kind: 'point'; readonly name: `set:${string}`; readonly value: string }
  | { readonly kind: 'raw'; readonly write: RegisterWrite };

type Session = {
  readonly connection: Connection;
  readonly bus: Extract<Awaited<ReturnType<typeof openForWriting>>, { ok: true }>['value'];
  readonly unit: number;
  readonly terminal: Terminal;
  readonly yes: boolean;
};

function wantedWrite({ values, positionals }: FieldInput, profile: Profile | undefined): Result<Wanted> {
  const table = textOf(values, 'table');
  if (table === undefined) {
    const [name = '', value, ...more] = positionals;
    if (profile === undefined)
      return no('invalid', 'Write what? --profile NAME set:POINT VALUE, or --table holding ADDRESS WORD….');
    const known = Object.keys(profile.points).filter((each) => each.startsWith('set:'));
    if (known.includes(name) && value === undefined) return no('invalid', `${name}: which value? set:POINT VALUE.`);
    if (!name.startsWith('set:') || value === undefined || more.length > 0)
      return no(
        'invalid',
        `Only set-points can be written: set:POINT VALUE.${name.startsWith('set:') ? '' : didYouMean(`set:${name}`, known)} \`tiepoint-agent profile show NAME\` lists them.`,
      );
    if (!known.includes(name))
      return no(
        'invalid',
        `Profile ${profile.name} has no ${name}.${didYouMean(name, known)} It has ${known.join(', ') || 'no set-points'}.`,
      );
    return done({ kind: 'point', name: name as `set:${string}`, value });
  }
  if (table !== 'holding' && table !== 'coil')
    return no('invalid', `--table ${table}: only holding and coil can be written.`);
  const [address, ...words] = positionals.map(whole);
  const most = table === 'coil' ? 1 : 0xffff;
  if (
    address === undefined ||
    address > 0xffff ||
    words.length === 0 ||
    words.some((word) => word === undefined || word > most)
  )
    return no(
      'invalid',
      `ADDRESS WORD…: the address is 0 to 65535, as the protocol counts; each word 0 to ${most}, also as 0x00FF.`,
    );
  if (words.length > (table === 'coil' ? 1968 : 123))
    return no('invalid', `${words.length} words do not fit into one request.`);
  const single = values['single'] === true;
  if (single && words.length > 1) return no('invalid', '--single writes one word.');
  return done({ kind: 'raw', write: { table, address, words: words as number[], ...(single ? { single } : {}) } });
}

async function writeOnce(session: Session, wanted: Wanted): Promise<ExitCode> {
  const prepared =
    wanted.kind === 'raw' ? await prepareRaw(session, wanted.write) : await preparePoint(session, wanted);
  const { terminal, bus, unit, connection } = session;
  if (terminal.signal.aborted) return 130;
  if (!prepared.ok) {
    terminal.complain(prepared.say);
    return prepared.reason === 'invalid' ? 2 : 1;
  }
  const { write: words, what, meant, before, risk, readBack } = prepared.value;
  const agreed = await confirmed(session, { what, meant, before, words, risk });
  if (agreed !== 'yes') return agreed;
  const result = await bus.write({ unit, ...words });
  if (!result.ok) {
    if (terminal.json) terminal.print(JSON.stringify({ written: false, unit, ...words, say: result.say }));
    terminal.complain(result.say);
    return terminal.signal.aborted ? 130 : 1;
  }
  const after = await readBack();
  if (terminal.json)
    terminal.print(
      JSON.stringify({
        written: true,
        where: connection.where,
        unit,
        ...words,
        before,
        readBack: after,
        measured: false,
      }),
    );
  else {
    terminal.print(`Written: the device echoed it. Read back: ${after === undefined ? 'not readable' : shown(after)}.`);
    terminal.print(
      'A read-back is no measurement: it says what the device was told, not what it did. `tiepoint-agent watch` shows what it does.',
    );
  }
  return 0;
}

type Prepared = {
  readonly write: RegisterWrite;
  readonly what: string;
  /** The value as it was typed; raw words mean nothing else. */
  readonly meant?: string;
  readonly before: unknown;
  readonly risk: 'energises' | 'unknown' | 'none';
  readonly readBack: () => Promise<unknown>;
};

async function prepareRaw({ bus, unit }: Session, words: RegisterWrite): Promise<Result<Prepared>> {
  const { table, address } = words;
  const present = async (): Promise<unknown> => {
    const result = await bus.read({ unit, table, address, quantity: words.words.length }, 'command');
    return result.ok ? result.value : undefined;
  };
  const before = await present();
  return done({ write: words, what: `${table} ${address}`, before, risk: 'unknown', readBack: present });
}

async function preparePoint(
  session: Session,
  { name, value }: Extract<Wanted, { kind: 'point' }>,
): Promise<Result<Prepared>> {
  const { connection, bus, unit, terminal } = session;
  const { profile, limits, confirmed: checked } = connection;
  if (profile === undefined) return no('invalid', 'no profile');
  const identified = await askDevice(identify(profile, limits, checked), { bus, unit, signal: terminal.signal });
  if (identified === undefined) return no('interrupted', 'Interrupted.');
  if (!identified.ok) return identified;
  const model = identified.value;
  const point = model.points.find((each) => each.name === name);
  const source = point?.sources[0];
  if (point === undefined || source === undefined) {
    const known = model.points.filter((each) => each.name.startsWith('set:')).map((each) => each.name);
    return no(
      'not-capable',
      `${profile.make} ${profile.model} has no ${name}; it has ${known.join(', ') || 'no set-points'}.`,
    );
  }
  const meant = meantBy(value, source);
  if (meant === undefined)
    return no('invalid', `${value} is no value of ${name}; it takes ${choices(source) ?? 'a number'}.`);
  const step = { do: 'write', point: name, value: meant } as const;
  const spans = [...readsForStep(model, step), ...readsFor(model, ['control'])];
  const read = async (): Promise<WordImage> =>
    (
      await readOnce(spans, {
        bus,
        unit,
        signal: terminal.signal,
        settings: connection.bus,
        maxRegisters: model.maxRegisters,
      })
    ).image;
  const image = await read();
  if (valueOf('control', model, image) === 'local')
    return no('local', 'The device is in LOCAL: switch it to REMOTE on site. Nothing was written.');
  const before = valueOf(name, model, image);
  const built = buildWrite(model, step, {}, image);
  if (!built.ok) return built;
  if (built.value === undefined)
    return no('not-capable', `${profile.make} ${profile.model} says that it has no ${name}: nothing was written.`);
  return done({
    write: built.value,
    what: `${name} (${built.value.table} ${built.value.address}) of ${profile.make} ${profile.model}${note(model, name)}`,
    meant: value,
    before,
    risk: energises(profile, name, meant, before) ? 'energises' : 'none',
    readBack: async () => valueOf(name, model, await read()),
  });
}

function note(model: DeviceModel, name: string): string {
  return (model.profile.unconfirmed ?? []).some((each) => each === name) ? ', a register that no source confirms' : '';
}

type Source = DeviceModel['points'][number]['sources'][number];

/** A number, a word of the codes, or the name of an order. */
function meantBy(text: string, { codes, orders }: Source): number | { readonly order: string } | undefined {
  if (orders !== undefined) return Object.hasOwn(orders, text) ? { order: text } : undefined;
  const coded = Object.entries(codes ?? {}).find(([, word]) => word === text);
  if (coded !== undefined) return Number(coded[0]);
  const number = Number(text);
  return text.trim() !== '' && Number.isFinite(number) ? number : undefined;
}

function choices({ codes, orders }: Source): string | undefined {
  if (orders !== undefined) return Object.keys(orders).join(', ');
  return codes === undefined ? undefined : Object.values(codes).join(', ');
}

async function confirmed(
  { terminal, yes, unit, connection }: Session,
  {
    what,
    meant,
    before,
    words,
    risk,
  }: { what: string; meant: string | undefined; before: unknown; words: RegisterWrite; risk: Prepared['risk'] },
): Promise<'yes' | ExitCode> {
  const say = (text: string): void => (terminal.json ? terminal.complain(text) : terminal.print(text));
  say(`${connection.where}, unit ${unit}: ${what}`);
  say(`  now    ${before === undefined ? 'not readable' : shown(before)}`);
  const asWords = words.words.map((word) => `${word} (0x${word.toString(16).toUpperCase()})`).join(' ');
  say(`  write  ${meant === undefined ? asWords : `${meant}, which is ${asWords}`}`);
  if (risk === 'none' && yes) return 'yes';
  if (yes)
    return refuse(
      terminal,
      risk === 'energises'
        ? 'This may energise something: --yes does not do. A person at a terminal must confirm it. Nothing was written.'
        : 'What raw words do, nobody knows: --yes does not do. A person at a terminal must confirm them. Nothing was written.',
    );
  if (risk !== 'none' && !terminal.interactive)
    return refuse(terminal, 'This needs a person at a terminal (over ssh: `ssh -t`). Nothing was written.');
  if (risk === 'energises')
    say(paint(terminal, 'red', '  This may energise what is behind it. Is it safe, and do you have the order?'));
  const word = risk === 'energises' ? 'energise' : risk === 'unknown' ? 'write' : 'yes';
  const answer = await terminal.ask(`Type ${word} to write, anything else not to:`);
  if (answer === word) return 'yes';
  terminal.complain('Nothing was written.');
  return terminal.signal.aborted ? 130 : 1;
}

function refuse(terminal: Terminal, say: string): ExitCode {
  terminal.complain(say);
  return 2;
}

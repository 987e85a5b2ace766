import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { layOut } from '@tiepoint/hardware-profiles';
import type { DeviceModel, Profile } from '@tiepoint/hardware-profiles';
import { done, no } from '@tiepoint/protocol';
import type { Result } from '@tiepoint/protocol';
import type { BusSettings } from '../../io/bus/bus.ts';
import { whyUnread, whyUnwritable } from '../../io/located-yaml.ts';
import { loadProfile } from '../../io/profile-file.ts';
import { connectionOf, wholeOption } from '../connection-options.ts';
import { textOf } from '../field-command.ts';
import type { ExitCode, FieldInput, FieldValues } from '../field-command.ts';
import type { Terminal } from '../terminal.ts';
import { pause } from '../watch/rounds.ts';
import { targetsOf } from '../watch/watch-targets.ts';
import type { Target } from '../watch/watch-targets.ts';
import { WatchedSite } from '../watch/watched-site.ts';
import { listen } from './listen.ts';
import type { LineSettings } from './listen.ts';
import { PointNames } from './point-names.ts';
import { RecordedTrace } from './recorded-trace.ts';
import { TappedFrames } from './tapped-frames.ts';
import { TraceSink } from './trace-sink.ts';
import type { SinkSettings } from './trace-sink.ts';

type Settings = {
  readonly everyMs: number;
  readonly forMs: number | undefined;
  readonly gapMs: number | undefined;
  readonly sink: SinkSettings;
};

/** Exit code 0: something was traced; 1: nothing answered, or the file failed; 2: the command line; 130: interrupted. */
export async function runTrace({ values }: FieldInput, terminal: Terminal): Promise<ExitCode> {
  const settings = settingsOf(values);
  if (!settings.ok) return refuse(terminal, settings.say);
  const names = new PointNames();
  const sink = new TraceSink(terminal, settings.value.sink, names);
  try {
    sink.open();
  } catch (error) {
    return refuse(terminal, `--file ${settings.value.sink.file?.path ?? ''}: ${whyUnwritable(error)}`);
  }
  const { forMs } = settings.value;
  const signal = forMs === undefined ? terminal.signal : AbortSignal.any([terminal.signal, AbortSignal.timeout(forMs)]);
  try {
    const parts = { values, settings: settings.value, names, sink, terminal, signal };
    const code = await traced(parts);
    if (code === 2) return code;
    terminal.complain(sink.summary());
    if (terminal.signal.aborted) return 130;
    return sink.failure === undefined ? code : 1;
  } finally {
    sink.close();
  }
}

type Parts = {
  readonly values: FieldValues;
  readonly settings: Settings;
  readonly names: PointNames;
  readonly sink: TraceSink;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
};

function traced(parts: Parts): Promise<ExitCode> {
  if (textOf(parts.values, 'decode') !== undefined) return decode(parts);
  return parts.values['listen'] === true ? hear(parts) : poll(parts);
}

function refuse(terminal: Terminal, say: string): ExitCode {
  terminal.complain(say);
  return 2;
}

function settingsOf(values: FieldValues): Result<Settings> {
  const numbers: Record<string, number | undefined> = {};
  const bounds = {
    every: [50, 3_600_000],
    for: [1, 31_536_000],
    gap: [1, 10_000],
    'max-mb': [1, 10_000],
    keep: [0, 100],
  } as const;
  for (const [name, [least, most]] of Object.entries(bounds)) {
    const number = wholeOption(values, name, least, most);
    if (!number.ok) return number;
    numbers[name] = number.value;
  }
  const path = textOf(values, 'file');
  const quiet = values['quiet'] === true;
  if (quiet && path === undefined) return no('invalid', '--quiet without --file: the trace would go nowhere.');
  const file =
    path === undefined
      ? {}
      : { file: { path, maxBytes: (numbers['max-mb'] ?? 10) * 1_000_000, keep: numbers['keep'] ?? 3 } };
  return done({
    everyMs: numbers['every'] ?? 1_000,
    forMs: numbers['for'] === undefined ? undefined : numbers['for'] * 1_000,
    gapMs: numbers['gap'],
    sink: { quiet, ...file },
  });
}

/** Reads the devices as `watch` does, and shows what passes the wire. */
async function poll({ values, settings, names, sink, terminal, signal }: Parts): Promise<ExitCode> {
  const targets = targetsOf(values);
  if (!targets.ok) return refuse(terminal, targets.say);
  const telegram = targets.value.find(({ connection }) => connection.bus.kind.startsWith('p1'));
  if (telegram !== undefined)
    return refuse(terminal, `${telegram.id}: a P1 port pushes telegrams, no frames; \`watch\` shows what they tell.`);
  const frames = new Map<string, TappedFrames>();
  const epochMs = Date.now() - performance.now();
  const site = new WatchedSite(targets.value, {
    slowMs: 10_000,
    tap: (bus, tapped) => {
      let own = frames.get(bus.name);
      if (own === undefined) {
        own = new TappedFrames(bus.kind === 'tcp' ? 'tcp' : 'rtu', (record) => sink.take(record));
        frames.set(bus.name, own);
      }
      own.take(tapped, epochMs + performance.now());
    },
  });
  for (const target of targets.value) learnProfile(names, target);
  try {
    const { closed, anyOpen } = await site.start();
    for (const say of closed) terminal.complain(say);
    if (!anyOpen) return 1;
    let answered = false;
    while (!signal.aborted) {
      const dueMs = performance.now() + settings.everyMs;
      const views = await site.look(signal);
      answered ||= views.some(({ trouble }) => trouble === undefined);
      for (const { settings: device, model } of site.devices) if (model !== undefined) names.learn(device.unit, model);
      await pause(dueMs - performance.now(), signal);
    }
    return answered ? 0 : 1;
  } finally {
    await site.stop();
  }
}

async function hear({ values, settings, names, sink, terminal, signal }: Parts): Promise<ExitCode> {
  const line = lineOf(values);
  if (!line.ok) return refuse(terminal, line.say);
  const { bus, profiles } = line.value;
  for (const { unit, profile } of profiles) {
    if ('sunspec' in profile.identify)
      terminal.complain(`${profile.name}: where a SunSpec device has its points only asking tells; they are not named`);
    learnModel(names, unit, profile);
  }
  const failure = await listen(bus, { say: (record) => sink.take(record), signal, gapMs: settings.gapMs });
  if (failure === undefined) return 0;
  terminal.complain(failure);
  return 1;
}

/** The one line to be listened to, and what is known of who speaks on it. `unit` undefined: of everybody. */
type HeardLine = {
  readonly bus: LineSettings;
  readonly profiles: readonly { readonly unit: number | undefined; readonly profile: Profile }[];
};

function lineOf(values: FieldValues): Result<HeardLine> {
  if (textOf(values, 'config') !== undefined) return lineOfConfiguration(values);
  const found = connectionOf(values);
  if (!found.ok) return found;
  const { bus, unit, profile } = found.value;
  return heardLine(bus, profile === undefined ? [] : [{ unit, profile }]);
}

function lineOfConfiguration(values: FieldValues): Result<HeardLine> {
  const targets = targetsOf(values);
  if (!targets.ok) return targets;
  const [first] = targets.value;
  if (first === undefined) return no('invalid', 'Which device of the configuration? --device ID.');
  const { bus } = first.connection;
  const other = targets.value.find(({ connection }) => connection.bus.name !== bus.name);
  if (other !== undefined)
    return no(
      'invalid',
      `${first.id} and ${other.id} are on different buses: --device ID says which one is listened to.`,
    );
  return heardLine(
    bus,
    targets.value.map(({ connection: { unit, profile } }) => ({ unit, profile })),
  );
}

function heardLine(bus: BusSettings, profiles: HeardLine['profiles']): Result<HeardLine> {
  if (bus.kind === 'rtu' || bus.kind === 'rtu-over-tcp') return done({ bus, profiles });
  return no(
    'invalid',
    '--listen hears a serial line: --port PATH, or --rtu-tcp HOST:PORT. On a network nobody else is heard.',
  );
}

async function decode({ values, names, sink, terminal, signal }: Parts): Promise<ExitCode> {
  const named = textOf(values, 'profile');
  if (named !== undefined) {
    const loaded = loadProfile(named);
    if (!loaded.ok) return refuse(terminal, loaded.errors.join('\n'));
    const unit = wholeOption(values, 'unit', 0, 255);
    if (!unit.ok) return refuse(terminal, unit.say);
    learnModel(names, unit.value, loaded.profile);
  }
  const file = textOf(values, 'decode') ?? '';
  const stream = createReadStream(file);
  try {
    await once(stream, 'open');
  } catch (error) {
    return refuse(terminal, `${file}: ${whyUnread(error)}`);
  }
  const recorded = new RecordedTrace();
  for await (const line of createInterface({ input: stream })) {
    if (signal.aborted) break;
    if (line.trim() === '') continue;
    const record = recorded.take(line);
    if (record !== undefined) sink.take(record);
  }
  const { requests, replies, noise } = sink.counts;
  if (recorded.strange > 0)
    terminal.complain(`${recorded.strange === 1 ? '1 line holds' : `${recorded.strange} lines hold`} no frame`);
  return requests + replies + noise > 0 ? 0 : 1;
}

function learnProfile(names: PointNames, { connection }: Target): void {
  learnModel(names, connection.unit, connection.profile);
}

/**
 * Where the points of a profile lie at fixed addresses, they are known without asking. Those of SunSpec are known when the device was
 * asked; one that is only listened to keeps its addresses to itself.
 */
function learnModel(names: PointNames, unit: number | undefined, profile: Profile): void {
  if ('sunspec' in profile.identify) return;
  names.learn(unit, modelOf(profile));
}

const modelOf = (profile: Profile): DeviceModel => layOut(profile).model;

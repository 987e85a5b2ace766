import { randomInt, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type {
  CommandView,
  DeviceDetail,
  OperateRequest,
  SelectionRequest,
  SelectionView,
  StreamFrame,
} from '@tiepoint/headend/api/contract.ts';
import { Crew } from '@tiepoint/headend/api/testing/signed-in.ts';
import type { SignedIn } from '@tiepoint/headend/api/testing/signed-in.ts';
import type { GatewayTls } from '@tiepoint/headend/nms/testing/field-client.ts';
import { commissionEmulated, enterSites } from '@tiepoint/headend/nms/testing/emulated-commissioning.ts';
import { seededRandom } from '../devices/seeded-random.ts';
import type { SeededRandom } from '../devices/seeded-random.ts';
import { agentProgram, Program, readyLine } from '../scenarios/program.ts';
import { until } from '../scenarios/until.ts';
import { enrolGateway } from '../start/gateway-enrolment.ts';
import { headendFile } from '../start/headend-file.ts';
import type { Bench, BenchContext } from './bench.ts';
import { followStream } from './live-stream.ts';
import { median } from './process-load.ts';
import { startTimedMeter } from './timed-meter.ts';
import type { Span, TimedMeter } from './timed-meter.ts';

/** Each travel takes another time, or the agent's looks would meet its end always at the same place. */
const travelMs = { shortest: 80, longest: 120 };
const commands = 300;
const fewestCommands = 200;
const warmUps = 10;
/** Commands begin for so long at most, so that the bench stays under four minutes with the wait for the clock. */
const commandingMs = 140_000;
const deviceKey = 'gw-bench.meter-1';

type CommandFrame = Extract<StreamFrame, { type: 'command' }>;
type Seen = { readonly frame: CommandFrame; readonly atMs: number };
type Kind = 'connect' | 'disconnect';

/** One command in milliseconds. `parts` by the head-end's record, `path` by what this process saw: one clock, no rounding. */
type Sample = {
  readonly totalMs: number;
  /** The device at work: answering, or its switch moving. */
  readonly deviceMs: number;
  readonly agentMs: number;
  readonly looks: number;
  readonly parts: Readonly<Record<string, number>>;
  readonly path: Readonly<Record<string, number>>;
};

/**
 * From the console's request to *confirmed* on the live stream: a real head-end process, a real agent process, and a meter on
 * Modbus TCP that answers at once and whose switch travels 80 to 120 ms. What is not the device's own time is ours. Loopback has
 * next to no wire time; what it has counts as ours.
 */
const bench: Bench = async (context) => {
  const place = mkdtempSync(join(tmpdir(), 'tiepoint-command-'));
  const stops: (() => Promise<unknown> | void)[] = [() => rmSync(place, { recursive: true, force: true })];
  const programs: Program[] = [];
  try {
    const random = seededRandom(randomInt(0x7fff_ffff));
    const { shortest, longest } = travelMs;
    const meter = await startTimedMeter({ travelMs: () => shortest + random.next() * (longest - shortest) });
    stops.push(() => meter.stop());
    const config = join(place, 'headend.yaml');
    writeFileSync(config, headendFile([gatewayId], true));
    const headend = new Program([
      'headend/src/main.ts',
      '--config',
      config,
      '--data',
      join(place, 'headend'),
      '--https-port',
      '0',
      '--mqtt-port',
      '0',
      '--field-port',
      '0',
    ]);
    programs.push(headend);
    headend.start();
    stops.push(() => headend.kill());
    const ready = await until('the head-end is ready', () => readyLine(headend.output), 20_000);
    const { httpsUrl, mqttUrl } = ready;
    const signedIn = await new Crew(() => httpsUrl, join(place, 'headend')).as('bench');
    const tls = await enrolGateway(ready, signedIn.ask, gatewayId, join(place, 'identity'));
    const agent = agentProgram(place, agentSettings(place, mqttUrl, meter.port));
    programs.push(agent);
    agent.start();
    stops.push(() => agent.kill());
    const seen = new Map<string, Seen[]>();
    const stream = { url: httpsUrl, headers: signedIn.headers() };
    stops.push(await followStream(stream, (frame, atMs) => note(seen, frame, atMs)));
    const console = new Console(signedIn);
    context.log('waiting until the agent has heard the clock of the head-end: up to a minute ...');
    await until(
      'the agent hears the clock',
      async () => (await console.device())?.timeQuality === 'synchronised',
      75_000,
    );
    await putInService(signedIn, ready.fieldUrl, tls);
    return summary(await commandAll({ context, console, meter, seen, random }), context);
  } catch (error) {
    for (const { output } of programs) context.log(output.slice(-2_000));
    throw error;
  } finally {
    for (const stop of stops.toReversed()) await stop();
  }
};

export default bench;

const gatewayId = 'gw-bench';

/** Nothing is commanded that nobody entered. */
async function putInService({ ask }: SignedIn, fieldUrl: string, tls: GatewayTls): Promise<void> {
  const technician = 'bench';
  const file = `site,site_title,gateway,device,profile\nbench,Bench,${gatewayId},meter-1,ami-meter-200a\n`;
  await enterSites(ask, file);
  const { accepted, say } = await commissionEmulated({
    ask,
    fieldUrl,
    siteId: 'bench',
    gatewayId,
    tls,
    technician,
  });
  if (!accepted) throw new Error(say);
}

function agentSettings(place: string, mqttUrl: string, devicePort: number) {
  return {
    gateway: { id: gatewayId, dataDir: join(place, 'agent') },
    mqtt: { url: mqttUrl },
    buses: [{ name: 'meter', kind: 'tcp', host: '127.0.0.1', port: devicePort }],
    devices: [{ id: 'meter-1', bus: 'meter', unit: 1, profile: 'ami-meter-200a', limits: { switchRatingA: 200 } }],
  };
}

function note(seen: Map<string, Seen[]>, frame: StreamFrame, atMs: number): void {
  if (frame.type !== 'command') return;
  const before = seen.get(frame.command.id);
  if (before === undefined) seen.set(frame.command.id, [{ frame, atMs }]);
  else before.push({ frame, atMs });
}

/** Asks as the console does. */
class Console {
  readonly #operator: SignedIn;

  constructor(operator: SignedIn) {
    this.#operator = operator;
  }

  /** `undefined`: not known yet. */
  async device(): Promise<DeviceDetail | undefined> {
    const response = await this.#operator.ask(`/api/devices/${deviceKey}`);
    const body: unknown = await response.json();
    return response.ok ? (body as DeviceDetail) : undefined;
  }

  select(body: SelectionRequest): Promise<SelectionView> {
    return this.#post<SelectionView>(`devices/${deviceKey}/selections`, body);
  }

  operate(body: OperateRequest): Promise<CommandView> {
    return this.#post<CommandView>('commands', body, { 'idempotency-key': randomUUID() });
  }

  async #post<T>(path: string, body: object, headers: Record<string, string> = {}): Promise<T> {
    const response = await this.#operator.ask(`/api/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
    return JSON.parse(text) as T;
  }
}

type Rig = {
  readonly context: BenchContext;
  readonly console: Console;
  readonly meter: TimedMeter;
  readonly seen: Map<string, Seen[]>;
  readonly random: SeededRandom;
};

async function commandAll(rig: Rig): Promise<readonly Sample[]> {
  const { random } = rig;
  rig.context.log(`${commands} commands with pauses and travels at random, seed ${random.seed} ...`);
  const endMs = performance.now() + commandingMs;
  const samples: Sample[] = [];
  for (let n = 0; n < warmUps + commands && performance.now() < endMs; n++) {
    const kind = n % 2 === 0 ? 'disconnect' : 'connect';
    await until(`${kind} is offered`, () => isOffered(rig.console, kind), 10_000);
    const { id: selectionId } = await rig.console.select({ kind });
    // A person reads what was selected; and no rhythm of agent or head-end meets the commands always at the same place.
    await wait(random.below(250));
    const sample = await commandOnce(rig, { kind, selectionId });
    if (n >= warmUps) samples.push(sample);
  }
  if (samples.length < fewestCommands) throw new Error(`only ${samples.length} commands in ${commandingMs / 1000} s`);
  return samples;
}

async function isOffered(console: Console, kind: Kind): Promise<boolean> {
  const offered = (await console.device())?.commands.find((each) => each.kind === kind);
  return offered?.may.ok === true;
}

async function commandOnce(
  { console, meter, seen }: Rig,
  { kind, selectionId }: { kind: Kind; selectionId: string },
): Promise<Sample> {
  const [answersBefore, travelsBefore] = [meter.answered.length, meter.travels.length];
  const requestedMs = performance.now();
  const { id } = await console.operate({ selectionId, cause: 'bench' });
  const answeredMs = performance.now();
  const frames = await until(
    `${kind} ends`,
    () => (seen.get(id)?.at(-1)?.frame.command.final === true ? seen.get(id) : undefined),
    30_000,
  );
  const { frame, atMs: seenMs } = frames.at(-1)!;
  const { state, say = '', deviceMs = Number.NaN } = frame.command;
  if (state !== 'confirmed') throw new Error(`${kind} was not confirmed but ${state}: ${say}`);
  const exchanges = meter.answered.slice(answersBefore).filter(({ toMs }) => toMs <= seenMs);
  const travel = meter.travels[travelsBefore];
  const write = exchanges.find((each) => each.write);
  const decisive = exchanges.find(({ fromMs }) => travel !== undefined && fromMs >= travel.toMs);
  const first = exchanges[0];
  if (travel === undefined || write === undefined || decisive === undefined || first === undefined)
    throw new Error(`${kind} was called confirmed before the switch had moved and was read`);
  return {
    totalMs: seenMs - requestedMs,
    deviceMs: covered([...exchanges, travel]),
    agentMs: deviceMs,
    looks: exchanges.filter(({ fromMs }) => fromMs > write.toMs).length,
    parts: recordedParts(frames, requestedMs, seenMs),
    path: {
      requestToAnswer: answeredMs - requestedMs,
      requestToFirstRead: first.fromMs - requestedMs,
      firstReadToWrite: write.fromMs - first.fromMs,
      writeToMoved: travel.toMs - write.fromMs,
      movedToRead: decisive.fromMs - travel.toMs,
      readToSeen: seenMs - decisive.toMs,
    },
  };
}

/** By the times that the head-end recorded, in whole milliseconds: the middle of each is taken. */
function recordedParts(frames: readonly Seen[], requestedMs: number, seenMs: number): Record<string, number> {
  const recordedMs = (state: CommandView['state']): number => {
    const found = frames.find(({ frame }) => frame.transition.state === state);
    return found === undefined ? Number.NaN : found.frame.transition.atMs + 0.5 - performance.timeOrigin;
  };
  const [sentMs, acceptedMs, executingMs, confirmedMs] = [
    recordedMs('sent'),
    recordedMs('accepted'),
    recordedMs('executing'),
    recordedMs('confirmed'),
  ];
  return {
    requestToSent: sentMs - requestedMs,
    sentToAccepted: acceptedMs - sentMs,
    acceptedToExecuting: executingMs - acceptedMs,
    executingToConfirmed: confirmedMs - executingMs,
    confirmedToSeen: seenMs - confirmedMs,
  };
}

/** The time that at least one of the spans covers. */
function covered(spans: readonly Span[]): number {
  let sumMs = 0;
  let endMs = Number.NEGATIVE_INFINITY;
  for (const { fromMs, toMs } of spans.toSorted((a, b) => a.fromMs - b.fromMs)) {
    sumMs += Math.max(0, toMs - Math.max(fromMs, endMs));
    endMs = Math.max(endMs, toMs);
  }
  return sumMs;
}

function summary(samples: readonly Sample[], { log }: BenchContext): Awaited<ReturnType<Bench>> {
  const total = samples.map(({ totalMs }) => totalMs);
  const device = samples.map(({ deviceMs }) => deviceMs);
  const overhead = samples.map(({ totalMs, deviceMs }) => totalMs - deviceMs);
  const parts = byName(samples.map((sample) => sample.parts));
  const path = byName(samples.map((sample) => sample.path));
  log(`${samples.length} commands, all confirmed; in ms        p50      p99`);
  const whole = { 'request to confirmed': total, 'device: answers and travel': device, 'all else': overhead };
  for (const rows of [whole, parts, path]) {
    if (rows === parts) log('by what the head-end recorded');
    if (rows === path) log('by what was seen from outside');
    for (const [name, values] of Object.entries(rows))
      log(`  ${words(name).padEnd(32)} ${figure(median(values))} ${figure(percentile(values, 0.99))}`);
  }
  return {
    name: 'command',
    value: rounded(median(total)),
    unit: 'ms request to confirmed',
    p99: rounded(percentile(total, 0.99)),
    deviceP50: rounded(median(device)),
    overheadP50: rounded(median(overhead)),
    overheadP99: rounded(percentile(overhead, 0.99)),
    deviceShare: rounded(median(device) / median(total)),
    acknowledgedDeviceMsP50: median(samples.map(({ agentMs }) => agentMs)),
    looksAfterWriteP50: median(samples.map(({ looks }) => looks)),
    travelMs,
    commands: samples.length,
    parts: each(parts, median),
    partsP99: each(parts, (values) => percentile(values, 0.99)),
    path: each(path, median),
    pathP99: each(path, (values) => percentile(values, 0.99)),
  };
}

/** All figures of one name together; those of a step that was never told are left out. */
function byName(all: readonly Readonly<Record<string, number>>[]): Record<string, readonly number[]> {
  const names = Object.keys(all[0] ?? {});
  return Object.fromEntries(
    names.map((name) => [name, all.flatMap((one) => (Number.isFinite(one[name]) ? [one[name]!] : []))]),
  );
}

function each(
  figures: Readonly<Record<string, readonly number[]>>,
  of: (values: readonly number[]) => number,
): Record<string, number> {
  return Object.fromEntries(Object.entries(figures).map(([name, values]) => [name, rounded(of(values))]));
}

/** Nearest rank. */
function percentile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(share * values.length) - 1] ?? Number.NaN;
}

const rounded = (value: number): number => Number(value.toFixed(2));
const figure = (value: number): string => value.toFixed(2).padStart(8);
const words = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

import type { Log } from '@tiepoint/agent/io/log.ts';
import { isFinal } from '@tiepoint/protocol';
import { seededRandom } from '../../devices/seeded-random.ts';
import type { SeededRandom } from '../../devices/seeded-random.ts';
import { Line, SimBroker } from './broker.ts';
import type { Weather } from './broker.ts';
import { SimInverter, SimMeter } from './devices.ts';
import type { SimDevice } from './devices.ts';
import type { Disk } from './disk.ts';
import { GatewayProgram, gatewaySettings } from './gateway-program.ts';
import { HeadEndProgram } from './head-end-program.ts';
import type { Mutant } from './mutants.ts';
import { Operators } from './operators.ts';
import { planFor } from './plan.ts';
import type { Place, Plan, Trouble } from './plan.ts';
import { SteppedTime } from './stepped-time.ts';
import { eventKey, Witness } from './witness.ts';
import type { Finding } from './witness.ts';

export type SeedResult = {
  readonly seed: number;
  readonly findings: readonly Finding[];
  readonly counts: Witness['counts'];
  readonly events: number;
  readonly simulatedMs: number;
};

const beginMs = Date.UTC(2026, 5, 1, 12);
/** After the troubles every command must end and every event arrive within this. */
const settleMs = 400_000;
const settledEveryMs = 2_000;

/** One simulated world under one seed: the same seed gives the same world, event by event. */
export async function runSeed(
  seed: number,
  { mutant = {}, trace }: { mutant?: Mutant; trace?: (say: string) => void } = {},
): Promise<SeedResult> {
  const world = new World(planFor(seed), mutant, trace);
  try {
    return await world.run();
  } finally {
    world.close();
  }
}

class World {
  readonly #plan: Plan;
  readonly #time = new SteppedTime(beginMs);
  readonly #random: SeededRandom;
  readonly #weather: Weather;
  readonly #broker = new SimBroker();
  readonly #witness: Witness;
  readonly #gateways: readonly GatewayProgram[];
  readonly #lines: ReadonlyMap<Place, Line>;
  readonly #headEnd: HeadEndProgram;
  readonly #operators: Operators;
  #isTroubled = true;

  constructor(plan: Plan, mutant: Mutant, trace: ((say: string) => void) | undefined) {
    this.#plan = plan;
    this.#random = seededRandom(plan.seed);
    this.#weather = { ...plan.weather };
    const [time, random, broker] = [this.#time, this.#random, this.#broker];
    const stamped =
      trace && ((say: string) => trace(`${((time.nowMs - beginMs) / 1_000).toFixed(3).padStart(8)}  ${say}`));
    const witness = (this.#witness = new Witness(time, stamped));
    const line = (): Line => new Line(time, random, this.#weather);
    const headEndLine = plan.brokerInside ? undefined : line();
    broker.up = !plan.brokerInside;
    this.#lines = new Map<Place, Line>([
      [0, line()],
      [1, line()],
      ...(headEndLine ? [['head-end', headEndLine] as const] : []),
    ]);
    this.#gateways = gatewaySettings.map((settings, index) => {
      const devices = new Map(settings.devices.map(({ id, profile }) => [id, deviceFor(profile, mutant)]));
      const gateway: GatewayProgram = new GatewayProgram({
        settings,
        time,
        random,
        broker,
        line: this.#lines.get(index)!,
        devices,
        witness,
        mutant,
        log: stamped === undefined ? silent : spoken(stamped, settings.gateway.id),
        died: () => this.#died(settings.gateway.id, () => gateway.start()),
      });
      gateway.wire.lostShare = plan.busLostShare;
      return gateway;
    });
    const headEnd: HeadEndProgram = new HeadEndProgram({
      time,
      random,
      broker,
      line: headEndLine,
      witness,
      mutant,
      died: () => this.#died('head-end', () => headEnd.start()),
    });
    this.#headEnd = headEnd;
    this.#operators = new Operators({ headEnd, time, random, witness });
  }

  async run(): Promise<SeedResult> {
    const { seed, troubledMs, troubles } = this.#plan;
    this.#headEnd.start();
    for (const [index, gateway] of this.#gateways.entries()) this.#time.after(100 * index, () => gateway.start());
    for (const trouble of troubles) this.#time.after(trouble.atMs, () => this.#happen(trouble));
    this.#operators.work(beginMs + troubledMs);
    await this.#time.run(beginMs + troubledMs);
    this.#mend();
    const lastMs = Math.max(0, ...this.#plan.troubles.map((each) => each.atMs + ('forMs' in each ? each.forMs : 0)));
    await this.#time.run(Math.max(this.#time.nowMs, beginMs + lastMs + 1));
    const endMs = this.#time.nowMs + settleMs;
    let nextLookMs = 0;
    await this.#time.run(endMs, () => {
      if (this.#time.nowMs < nextLookMs) return false;
      nextLookMs = this.#time.nowMs + settledEveryMs;
      return this.#isSettled();
    });
    this.#judge();
    const { findings, counts, keptEvents } = this.#witness;
    return { seed, findings, counts, events: keptEvents.size, simulatedMs: this.#time.nowMs - beginMs };
  }

  close(): void {
    for (const disk of this.#disks()) disk.close();
  }

  #died(who: string, start: () => void): void {
    this.#witness.counts.crashes += 1;
    this.#witness.say(`${who} crashes`);
    this.#time.after(200 + this.#random.below(this.#isTroubled ? 15_000 : 1_000), () => {
      this.#witness.say(`${who} starts again`);
      start();
    });
  }

  #disks(): readonly Disk[] {
    const { operationsDisk, telemetryDisk } = this.#headEnd;
    return [...this.#gateways.map(({ disk }) => disk), operationsDisk, telemetryDisk];
  }

  #happen(trouble: Trouble): void {
    this.#witness.say(() => `-- ${JSON.stringify(trouble)}`);
    const later = (ms: number, run: () => void): void => void this.#time.after(ms, run);
    switch (trouble.kind) {
      case 'cut':
        return this.#lines.get(trouble.at)?.cut(trouble.forMs);
      case 'crash':
        return this.#program(trouble.at).life.die();
      case 'crash-at':
        this.#program(trouble.at).life.armed = { ...trouble.armed };
        return;
      case 'broker-restart': {
        if (this.#plan.brokerInside) return this.#headEnd.life.die();
        this.#broker.stop(trouble);
        return later(trouble.forMs, () => (this.#broker.up = true));
      }
      case 'disk-fails': {
        const disks = this.#disksOf(trouble.at);
        for (const disk of disks) disk.failing = trouble.what;
        return later(trouble.forMs, () => disks.forEach((disk) => (disk.failing = 'nothing')));
      }
      case 'disk-slow': {
        const disks = this.#disksOf(trouble.at);
        for (const disk of disks) disk.slowMs = trouble.slowMs;
        return later(trouble.forMs, () => disks.forEach((disk) => (disk.slowMs = 0)));
      }
      case 'clock-set': {
        const { clock } = this.#program(trouble.at);
        clock.offsetMs += trouble.byMs;
        return later(trouble.forMs, () => (clock.offsetMs -= trouble.byMs));
      }
      case 'bus-silent':
        this.#gateways[trouble.at]!.wire.silentUntilMs = this.#time.nowMs + trouble.forMs;
        return;
      case 'replay':
        return this.#replay(trouble);
      case 'rotate-keys':
        this.#headEnd.running?.lists.keyDesk.ask({ wish: 'announce', operator: 'ann', identity: 'account' });
        return;
      case 'device':
        return this.#disturb(trouble);
    }
  }

  #disturb({ at, how, forMs }: Extract<Trouble, { kind: 'device' }>): void {
    for (const device of this.#gateways[at]!.devices.values()) {
      if (how === 'slow') device.moveMs = 12_000;
      else device[how] = true;
      this.#time.after(forMs, () => {
        if (how === 'slow') device.moveMs = 300;
        else device[how] = false;
      });
    }
  }

  /** Somebody who heard it tells again what was said to gateways, to the same or to this one. */
  #replay({ at, count }: Extract<Trouble, { kind: 'replay' }>): void {
    const { id } = this.#gateways[at]!;
    for (let n = 0; n < count; n += 1) {
      const message = this.#broker.said[this.#random.below(this.#broker.said.length)];
      const [root, version, gatewayId, ...rest] = message?.topic.split('/') ?? [];
      if (message === undefined || gatewayId === undefined) continue;
      const topic = [root, version, this.#random.next() < 0.3 && rest.length > 0 ? id : gatewayId, ...rest].join('/');
      this.#time.after(this.#random.below(20_000), () => this.#broker.take({ ...message, topic }));
    }
  }

  #program(at: Place): GatewayProgram | HeadEndProgram {
    return at === 'head-end' ? this.#headEnd : this.#gateways[at]!;
  }

  #disksOf(at: Place): readonly Disk[] {
    if (at !== 'head-end') return [this.#gateways[at]!.disk];
    const { operationsDisk, telemetryDisk } = this.#headEnd;
    return [operationsDisk, telemetryDisk];
  }

  /** From here on everything works. Timed troubles end by themselves. */
  #mend(): void {
    this.#isTroubled = false;
    this.#witness.say('-- all is mended');
    Object.assign(this.#weather, { lostShare: 0, twiceShare: 0, heldShare: 0, latencyMs: 50, reorders: false });
    for (const { life } of [...this.#gateways, this.#headEnd]) life.armed = undefined;
    for (const { wire } of this.#gateways) wire.lostShare = 0;
  }

  #isSettled(): boolean {
    const { running } = this.#headEnd;
    if (running === undefined || running.router.active().length > 0 || running.link.stats().state !== 'up')
      return false;
    const isBusy = this.#gateways.some(({ life, disk }) => {
      if (!life.alive) return true;
      const { n } = disk
        .statement(
          `SELECT (SELECT count(*) FROM outbox WHERE kind = 'event') + (SELECT count(*) FROM acknowledgement WHERE sent = 0)
           + (SELECT count(*) FROM command WHERE state IN ('accepted', 'executing')) AS n`,
        )
        .get() as { n: number };
      return n > 0;
    });
    return !isBusy && this.#missingEvents().length === 0;
  }

  #missingEvents(): readonly string[] {
    const { keptEvents } = this.#witness;
    const stored = new Set(
      this.#headEnd.telemetryDisk
        .statement('SELECT device_key, session, message_seq FROM event WHERE session IS NOT NULL')
        .all()
        .map((row) =>
          eventKey(String(row['device_key']), { session: Number(row['session']), seq: Number(row['message_seq']) }),
        ),
    );
    return [...keptEvents].filter((key) => !stored.has(key));
  }

  #judge(): void {
    const { running } = this.#headEnd;
    for (const key of this.#missingEvents()) this.#witness.found('lost', `the event ${key} is not at the head-end`);
    if (running === undefined) return this.#witness.found('neverEnds', 'the head-end does not come up');
    const mayFail = this.#plan.troubles.some((each) => each.kind === 'disk-fails' && each.what === 'all');
    if (running.link.handlerFailures > 0 && !mayFail) this.#witness.found('fault', 'a handler of the head-end failed');
    for (const record of running.operations.commands({ limit: 1_000 })) {
      const gatewayId = record.routeKey.slice(0, record.routeKey.indexOf('.'));
      const disk = this.#gateways.find(({ id }) => id === gatewayId)?.disk;
      const row = disk?.statement('SELECT state FROM command WHERE id = ?').get(record.id);
      this.#witness.compare(record, row === undefined ? undefined : String(row['state']));
      const steps = running.operations.transitions(record.id).filter(({ state }) => isFinal(state));
      if (steps.length > 1) this.#witness.found('endsDisagree', `${record.id} ended ${steps.length} times`);
    }
  }
}

function deviceFor(profile: string, mutant: Mutant): SimDevice {
  const device = profile === 'ami-meter-200a' ? new SimMeter() : new SimInverter();
  device.echoes = mutant.devicesEcho === true;
  return device;
}

const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

function spoken(say: (text: string) => void, who: string): Log {
  const at = (level: string) => (fields: object, text: string) => {
    if (text !== 'command') say(`${who} ${level}: ${text} ${JSON.stringify(fields).slice(0, 200)}`);
  };
  const log: Log = { debug: () => undefined, info: at('info'), warn: at('warn'), error: at('error'), child: () => log };
  return log;
}

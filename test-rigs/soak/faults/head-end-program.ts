import { listsOf } from '@tiepoint/headend/main-lists.ts';
import type { Lists } from '@tiepoint/headend/main-lists.ts';
import { beaconEveryMs, hostDeath, hostTopic } from '@tiepoint/headend/nms/clock-beacon.ts';
import { CommandRouter } from '@tiepoint/headend/nms/command-router.ts';
import { Fleet } from '@tiepoint/headend/nms/fleet.ts';
import { gatewayEvents } from '@tiepoint/headend/nms/gateway-event.ts';
import { Ingest } from '@tiepoint/headend/nms/ingest.ts';
import { Inquirer } from '@tiepoint/headend/nms/inquirer.ts';
import { sealFor, signedLink } from '@tiepoint/headend/nms/link/signed-link.ts';
import type { SignedLink } from '@tiepoint/headend/nms/link/signed-link.ts';
import type { Register } from '@tiepoint/headend/nms/provisioning/register.ts';
import { Tags } from '@tiepoint/headend/nms/tags.ts';
import { auditTransition } from '@tiepoint/headend/operators/audit.ts';
import { operationsTables } from '@tiepoint/headend/store/operations-tables.ts';
import { retention } from '@tiepoint/headend/store/retention.ts';
import type { OperationsStore, TelemetryStore } from '@tiepoint/headend/store/store.ts';
import { telemetryTables } from '@tiepoint/headend/store/telemetry-tables.ts';
import { TelemetryWriter } from '@tiepoint/headend/store/telemetry-writer.ts';
import { hostState } from '@tiepoint/protocol';
import type { SeededRandom } from '../../devices/seeded-random.ts';
import type { Line, SimBroker } from './broker.ts';
import { Disk, diskFault } from './disk.ts';
import { gatewaySettings } from './gateway-program.ts';
import { memoryFolder, startedKeys } from './keys.ts';
import { Life, ProgramClock } from './life.ts';
import { SimLink } from './link.ts';
import type { Mutant } from './mutants.ts';
import type { SteppedTime } from './stepped-time.ts';
import type { Witness } from './witness.ts';

export type HeadEndParts = {
  readonly time: SteppedTime;
  readonly random: SeededRandom;
  readonly broker: SimBroker;
  /** Absent: the broker is inside. */
  readonly line: Line | undefined;
  readonly witness: Witness;
  readonly mutant: Mutant;
  readonly died: () => void;
};

export type RunningHeadEnd = {
  readonly router: CommandRouter;
  readonly tags: Tags;
  readonly fleet: Fleet;
  readonly operations: OperationsStore;
  readonly telemetry: TelemetryStore;
  readonly writer: TelemetryWriter;
  readonly link: SimLink;
  readonly lists: Lists;
};

const tickMs = 500;
/** Shorter than in the product, so that silence shows within a simulated minute. */
const times = {
  expiryMs: 20_000,
  answerGraceMs: 2_000,
  silenceMs: 25_000,
  giveUpMs: 24 * 3_600_000,
  inquiryEveryMs: 10_000,
};

/** What of the shipped head-end takes part in commands and events, on stepped time, wired as its main does. */
export class HeadEndProgram {
  readonly operationsDisk = new Disk('operations');
  readonly telemetryDisk = new Disk('telemetry');
  readonly #keyFolder = memoryFolder();
  readonly clock: ProgramClock;
  readonly #parts: HeadEndParts;
  #ids = 0;
  #beaconRound = 0;
  life: Life;
  running: RunningHeadEnd | undefined;

  constructor(parts: HeadEndParts) {
    this.#parts = parts;
    this.life = new Life(parts.time, () => undefined);
    this.clock = new ProgramClock(this.life);
  }

  start(): void {
    const { time, broker, line, died } = this.#parts;
    const life = new Life(time, () => {
      this.running = undefined;
      if (line === undefined) broker.stop({ forgets: true });
      else {
        const { connection } = line;
        line.up(() => connection?.break('with-will'));
      }
      died();
    });
    this.life = life;
    this.clock.life = life;
    // A head-end that cannot read its disk does not come up; somebody starts it again.
    guarded(
      () => (this.running = this.#wire(life)),
      () => life.die(),
    );
  }

  #wire(life: Life): RunningHeadEnd {
    const { broker, line, random, witness, mutant } = this.#parts;
    const now = (): number => this.clock.nowMs();
    const session = 1 + random.below(0xffff_fffe);
    const operations = operationsTables(this.operationsDisk.handle(life), 'operations.db');
    const telemetry = telemetryTables(this.telemetryDisk.handle(life), 'telemetry.db', retention);
    const store = mutant.operations?.(operations) ?? operations;
    const keys = startedKeys(this.#keyFolder, now());
    const will = sealFor(hostTopic, hostDeath(session), keys.signer);
    if (!(will instanceof Uint8Array)) throw new Error(will.say);
    const link = new SimLink({ life, broker, line, will: { topic: hostTopic, payload: will, retained: true } });
    const down = signedLink(link, () => keys.signer);
    const send = (topic: string, payload: Uint8Array): void => void down.publish(topic, payload, { qos: 1 });
    const inquirer = new Inquirer(send, now);
    const none = (): void => undefined;
    const writer = new TelemetryWriter(telemetry, (_fresh, kept) => inquirer.keptEvents(kept));
    const fleet: Fleet = new Fleet({
      writer,
      inquirer,
      onDevice: none,
      onGateway: none,
      onGatewayBorn: (gatewayId, birth) => {
        inquirer.tellTime(gatewayId, birth);
        lists.gatewayBorn(gatewayId, birth);
        router.gatewayBorn(gatewayId);
      },
      onAcknowledged: (gatewayId, deviceId, ack) => router.acknowledged(gatewayId, deviceId, ack),
      heldMode: () => undefined,
      now,
    });
    const tags = new Tags(operations, (key) => lists.tagLists.changed(key));
    const told = { keys, operations, register: () => enrolled, tags: () => tags, fleet: () => fleet, down, link };
    const lists = listsOf({ ...told, onChange: none, held: () => false, now });
    const router: CommandRouter = new CommandRouter({
      store,
      twin: (key) => fleet.twin(key),
      switchedBy: (key) => fleet.switchedBy(key),
      tagOf: (key) => (mutant.ignoresTags === true ? undefined : tags.of(key)),
      standing: () => inService,
      rights: () => ({ ok: true }),
      obeys: (gatewayId) => fleet.gateway(gatewayId)?.birth?.trustRevision !== undefined,
      gatewayOnline: (gatewayId) => fleet.gateway(gatewayId)?.online === true,
      publish: (topic, payload) => {
        // A disk that cannot be read hides from the witness what was recorded, and nothing else.
        if (life.alive && this.operationsDisk.failing !== 'all')
          witness.commandLeaves(topic, payload, { tags, operations });
        return down.publish(topic, payload, { qos: 1 });
      },
      inquire: (gatewayId, commands) => inquirer.commands(gatewayId, commands),
      auditTransition,
      onTransition: (command, transition) => witness.transition(command, transition, this.clock.offsetMs),
      onDevice: none,
      now,
      newId: () => `c${(this.#ids += 1)}`,
      times,
    });
    fleet.load(telemetry.gateways(), telemetry.devices());
    tags.load();
    lists.configurations.load();
    router.load();
    const gatewayEvent = gatewayEvents({
      gateway: (gatewayId) => fleet.gateway(gatewayId),
      note: (entry) => writer.event(entry),
      now,
    });
    // Nobody reads meters in this campaign.
    const reads = { intervals: () => undefined, reading: () => undefined };
    new Ingest(Object.assign(fleet, { gatewayEvent, ...reads }), now).listen(link);
    this.#run(life, { link, down, session, fleet, router, inquirer, telemetry, writer, lists });
    return { router, tags, fleet, operations, telemetry, writer, link, lists };
  }

  /** As the timers of the product's main do. */
  #run(
    life: Life,
    {
      link,
      down,
      session,
      fleet,
      router,
      inquirer,
      writer,
      lists,
    }: Omit<RunningHeadEnd, 'tags' | 'operations'> & {
      down: SignedLink;
      session: number;
      inquirer: Inquirer;
    },
  ): void {
    link.onState((state) => {
      if (state !== 'up') return;
      this.#beacon(life, down, session);
      for (const { gatewayId, session: known } of fleet.gateways())
        if (known !== undefined) inquirer.rebirth(gatewayId);
    });
    void link.start();
    let aheadMs = this.clock.nowMs() - this.clock.monotonicMs();
    this.clock.every(tickMs, () => {
      const before = aheadMs;
      aheadMs = this.clock.nowMs() - this.clock.monotonicMs();
      if (Math.abs(aheadMs - before) > tickMs) fleet.clockSet(aheadMs - before);
      guarded(() => {
        fleet.sweep(link.stats().state === 'up');
        router.tick();
        lists.trustLists.tick();
        lists.tagLists.tick();
        lists.keyDesk.tick();
      });
      guarded(() => writer.flush());
    });
  }

  #beacon(life: Life, down: SignedLink, session: number): void {
    const round = (this.#beaconRound += 1);
    const tell = (): void => {
      if (round !== this.#beaconRound) return;
      const timeMs = this.clock.nowMs();
      void down.publish(hostTopic, hostState.toBytes({ online: true, session, timeMs }), { qos: 1, retain: true });
      life.later(beaconEveryMs, tell);
    };
    tell();
  }
}

/** A disk that cannot be read is no fault of the product; whatever else is thrown ends the simulation. */
function guarded(work: () => unknown, failed: () => void = () => undefined): void {
  try {
    work();
  } catch (error) {
    if (!String(error).includes(diskFault)) throw error;
    failed();
  }
}

/** As much of the register as is asked here: every gateway is enrolled, and nobody retired a site. */
const enrolled = {
  of: () => new Map(gatewaySettings.map(({ gateway }) => [gateway.id, {}])),
  ordersOf: () => [],
} as unknown as Register;

const contract = {
  id: 'k1',
  ratedPowerW: 5_000,
  ratedCurrentA: 25,
  operators: ['any'],
  fromDay: '2000-01-01',
};
const inService = { siteId: 's1', state: 'in-service', missing: [], contracts: [contract] } as const;

import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { deviceArea } from './api/areas.ts';
import { metrics } from './api/metrics.ts';
import type { Metrics } from './api/metrics.ts';
import type { ApiParts } from './api/parts.ts';
import { withLongQuestionsInTurn } from './api/long-questions.ts';
import { httpServer } from './api/server.ts';
import type { StreamHub } from './api/stream-hub.ts';
import { eventRow } from './api/views.ts';
import { auditOf } from './main-audit.ts';
import { clockWatch } from './main-clock.ts';
import { chooseLink, strangersOf } from './main-link.ts';
import { startFieldServer } from './main-field.ts';
import type { FieldServer } from './main-field.ts';
import { listsOf } from './main-lists.ts';
import { keepCertificates, recheckOf } from './main-certificate-upkeep.ts';
import { keysFault, openKeys, recoveryKeyLost } from './main-keys.ts';
import type { OpenKeys } from './main-keys.ts';
import { readsOf } from './main-reads.ts';
import type { Reads } from './main-reads.ts';
import { hostNames, httpsUrl, listenFault } from './main-listening.ts';
import { certificateAccess, ingestOf, provisioningOf } from './main-provisioning.ts';
import { openMachineDoor } from './main-machine-door.ts';
import type { MachineDoor } from './main-machine-door.ts';
import { peopleOf } from './main-operators.ts';
import { defaultConsole } from './main-settings.ts';
import type { Settings } from './main-settings.ts';
import { streamHub, told } from './main-stream.ts';
import { startTimers } from './main-timers.ts';
import { startUpkeep } from './main-upkeep.ts';
import type { Upkeep } from './main-upkeep.ts';
import { limitsOf, twoOperatorsOf } from './main-two-operators.ts';
import { version } from './main-version.ts';
import { startWarehouse } from './main-warehouse.ts';
import { doorHandlers } from './main-door-handlers.ts';
import type { Warehouse } from './mdw/warehouse.ts';
import type { WarehouseProcess } from './mdw/warehouse-process.ts';
import { LiveNetwork } from './network/live-network.ts';
import { LoadEngine } from './tlm/load-engine.ts';
import { ClockBeacon } from './nms/clock-beacon.ts';
import type { ClockWatch } from './nms/clock-watch.ts';
import { CommandRouter } from './nms/command-router.ts';
import { Fleet } from './nms/fleet.ts';
import { Inquirer } from './nms/inquirer.ts';
import type { LinkLog } from './nms/link/link.ts';
import { signedLink } from './nms/link/signed-link.ts';
import type { SignedLink } from './nms/link/signed-link.ts';
import { Tags } from './nms/tags.ts';
import { writeAnew } from './nms/write-anew.ts';
import { Unconfirmed } from './nms/unconfirmed.ts';
import { auditTransition } from './operators/audit.ts';
import { firstSignIns } from './operators/first-sign-in.ts';
import { Conditions } from './store/conditions.ts';
import { endRestoredHold, restoredHold } from './store/restored.ts';
import { SqliteStore } from './store/sqlite-store.ts';
import type { EventEntry } from './store/store.ts';
import { TelemetryWriter } from './store/telemetry-writer.ts';

export type HeadendLog = LinkLog & { error(fields: Record<string, unknown>, say: string): void };
export type RunningHeadend = {
  httpsUrl: string;
  mqttUrl: string;
  fieldUrl: string;
  /** PEM: whose certificates its servers show. */
  authority: string;
  firstSignIn?: string;
  stop(): Promise<void>;
};

const hourMs = 3_600_000;

/**
 * Wires a head-end and starts it; resolves when it listens. Throws an Error for people where it cannot: a damaged store, a
 * port in use. `now` is the wall clock.
 */
export async function startHeadend(
  settings: Settings,
  log: HeadendLog,
  now: () => number = Date.now,
): Promise<RunningHeadend> {
  const session = randomBytes(4).readUInt32BE();
  const conditions = new Conditions((id, say) =>
    say === undefined ? log.info({ condition: id }, 'well again') : log.error({ condition: id }, say),
  );
  let wired: Wired | undefined;
  const onTelemetryAnew = (): void => wired && writeAnew(wired.api.fleet, wired.api.writer);
  const store = storeOf(settings, { conditions, onTelemetryAnew, now });
  store.start();
  const warehouse = startWarehouse(settings, conditions, log);
  let app: FastifyInstance | undefined;
  let field: FieldServer | undefined;
  try {
    const onFault: ApiParts['onFault'] = (error, url) => log.error({ err: error, url }, 'a request failed');
    const held = heldAfterRestore(settings, conditions);
    const secrets = await openKeys(settings, store, { log, now });
    const { keys, checkpoints, identity } = secrets;
    conditions.set('recovery-key', keys.isRecoveryKeyLost ? recoveryKeyLost : undefined);
    const shown = { server: await identity.server(now()), client: await identity.client(now()) };
    const access = certificateAccess(() => wired?.api.certificates);
    const chosen = chooseLink(settings, { session, signer: () => keys.signer, ...shown, identity }, access, log);
    const fieldUrl = (): string => field?.url ?? '';
    const recheck = recheckOf(chosen, () => field);
    const made = { store, warehouse, conditions, ...secrets, held, chosen, fieldUrl, recheck };
    const parts = (wired = wire({ settings, session, ...made, onFault, now }));
    const firstSignIn = firstSignIns(parts.api.people, settings.data, settings.demonstration);
    const { clock, api, counted } = parts;
    app = await httpServer(api, counted, {
      tls: shown.server,
      consoleFolder: settings.https.console ?? defaultConsole,
      ...hostNames(settings.https.host),
      onFault,
    });
    hearLink(chosen, parts, log);
    await chosen.link.start();
    await app.listen({ host: settings.https.host, port: settings.https.port });
    const fieldTls = { ...shown.server, ca: identity.authority.certificatesPem };
    field = await startFieldServer(settings, fieldTls, api, { onFault, counted });
    const door = await openMachineDoor(settings.data, doorHandlers({ ...api, data: settings.data, warehouse }), log);
    noteStart(settings, api, log);
    parts.load.start();
    const timers = startTimers(api, clock, log);
    const upkeep = startUpkeep(settings, api, { checkpoints, signer: () => keys.signer, log });
    const watched = { recheck, keysFault: () => keysFault(settings, api) };
    const certificates = keepCertificates({ identity, shown, app, field, chosen, ...watched, conditions, log, now });
    const stopParts = { ...parts, warehouse, app, field, door, chosen, store, timers, upkeep, certificates, now };
    let stopped: Promise<void> | undefined;
    return {
      httpsUrl: httpsUrl(app, settings.https.host),
      mqttUrl: chosen.url(),
      ...(firstSignIn === undefined ? {} : { firstSignIn }),
      fieldUrl: field.url,
      authority: identity.authority.certificatesPem,
      stop: () => (stopped ??= stop(stopParts)),
    };
  } catch (error) {
    await field?.stop();
    await app?.close();
    await warehouse.stop();
    store.stop();
    throw listenFault(error, settings);
  }
}

function hearLink({ link }: Wiring['chosen'], { api, beacon, inquirer }: Wired, log: HeadendLog): void {
  link.onState((state) => {
    log.info({ state }, 'the link to the gateways changed');
    if (state === 'down') return;
    beacon.start();
    // Gateways that stayed with an outside broker while the head-end was away do not introduce themselves by themselves.
    for (const { gatewayId, session: known } of api.fleet.gateways())
      if (known !== undefined) inquirer.rebirth(gatewayId);
  });
}

function noteStart({ tagsChecked }: Settings, { audit, now }: ApiParts, log: HeadendLog): void {
  const checked = tagsChecked === true ? '; the tags were checked after a restore' : '';
  const noted = audit.system('started', `Head-end ${version} started${checked}`, now());
  if (!noted.ok) log.error({}, noted.say);
}

function storeOf(
  { data, retention, setAsideDamaged }: Settings,
  parts: { conditions: Conditions; onTelemetryAnew: () => void; now: () => number },
): SqliteStore {
  const kept = {
    rawMs: retention.rawHours * hourMs,
    minutesMs: retention.minuteHours * hourMs,
    quartersMs: retention.quarterDays * 24 * hourMs,
  };
  return new SqliteStore(data, { ...parts, kept, ...(setAsideDamaged === true ? { setAsideDamaged: true } : {}) });
}

type Wiring = OpenKeys & {
  settings: Settings;
  session: number;
  store: SqliteStore;
  warehouse: Warehouse;
  conditions: Conditions;
  /** Why nothing may be commanded, after a restore. */
  held: string | undefined;
  onFault: ApiParts['onFault'];
  chosen: ReturnType<typeof chooseLink>;
  fieldUrl: () => string;
  recheck: () => void;
  now: () => number;
};
type Wired = {
  load: LoadEngine;
  api: ApiParts;
  beacon: ClockBeacon;
  clock: ClockWatch;
  inquirer: Inquirer;
  counted: Metrics;
};

function wire(wiring: Wiring): Wired {
  const { settings, session, store, conditions, keys, checkpoints, vault, held, chosen, onFault, now } = wiring;
  const { link } = chosen;
  const down = signedLink(link, () => keys.signer);
  const { operations, telemetry } = store;
  const counted = metrics();
  const send = (topic: string, payload: Uint8Array): void => void down.publish(topic, payload, { qos: 1 });
  const inquirer = new Inquirer(send, now);
  const writer = new TelemetryWriter(
    telemetry,
    (fresh, kept) => (hub.events(fresh.map(eventRow)), inquirer.keptEvents(kept)),
  );
  const strangers = strangersOf(chosen, writer, now);
  const fleet: Fleet = new Fleet({
    writer,
    inquirer,
    onDevice: (key) => hub.device(key),
    onGateway: (gatewayId) => onGateway(gatewayId),
    onGatewayBorn: (gatewayId, birth) => {
      strangers.born(gatewayId, birth);
      inquirer.tellTime(gatewayId, birth);
      lists.gatewayBorn(gatewayId, birth);
      router.gatewayBorn(gatewayId);
    },
    onAcknowledged: (gatewayId, deviceId, ack) => router.acknowledged(gatewayId, deviceId, ack),
    heldMode: (gatewayId) => lists.modes.heard(gatewayId),
    now,
  });
  const tags = new Tags(operations, (key) => (lists.tagLists.changed(key), api.unconfirmed.look(key), hub.device(key)));
  const onGateway = (gatewayId: string): void => hub.gateway(gatewayId);
  const told = { keys, operations, register: () => api.register, tags: () => tags, fleet: () => fleet, down, link };
  const lists = listsOf({ ...told, onChange: onGateway, held: () => held !== undefined, now });
  const router: CommandRouter = commandRouter({ ...wiring, fleet, tags, link: down, inquirer, counted }, () => api);
  const provisioning = provisioningOf({
    ...wiring,
    fleet: () => fleet,
    writer,
    onDevice: (key) => (reads.meters.changed(), hub.device(key)),
    onGateway,
    trust: () => keys.trust,
    tags: (gatewayId) => lists.enrolling(gatewayId),
  });
  const beacon = new ClockBeacon(down, session, now);
  const clock = clockWatch(telemetry, { fleet, router, beacon }, now);
  const asked = { publish: send, fleet: () => fleet, note: (entry: EventEntry) => writer.event(entry) };
  const metering = meteringOf(wiring, { ...asked, register: () => provisioning.register });
  const { reads } = metering;
  const ingest = ingestOf(provisioning, clock, { fleet, writer, reads, strangers, now });
  const hub: StreamHub = streamHub(() => api, store, link);
  const people = peopleOf(settings, store.people, { vault, event: asked.note, hub: () => hub, now });
  const parts = { fleet, router, tags, store, writer, ingest, link, hub, people, ...metering };
  const api: ApiParts = {
    ...parts,
    ...lists,
    ...twoOperatorsOf({ router, tags, operations }, settings.operators, () => api),
    unconfirmed: new Unconfirmed(operations),
    ...auditOf({ store, checkpoints, conditions, now }),
    conditions,
    onFault,
    ...provisioning,
    gatewayTitle: titlesOf(settings),
    version,
    startedAtMs: now(),
    now,
  };
  fleet.load(telemetry.gateways(), telemetry.devices());
  for (const part of [tags, api.unconfirmed, api.configurations, api.modes, api.register, router]) part.load();
  ingest.listen(link);
  return { api, load: metering.load, counted, inquirer, beacon, clock };
}

type RouterWiring = Pick<Wiring, 'settings' | 'store' | 'keys' | 'held' | 'now'> & {
  fleet: Fleet;
  tags: Tags;
  link: SignedLink;
  inquirer: Inquirer;
  counted: Metrics;
};

function commandRouter(
  { settings, store: { operations }, keys, fleet, tags, link, inquirer, counted, held, now }: RouterWiring,
  api: () => ApiParts,
): CommandRouter {
  return new CommandRouter({
    store: operations,
    twoOperators: limitsOf(settings.operators),
    twin: (key) => fleet.twin(key),
    switchedBy: (key) => fleet.switchedBy(key),
    tagOf: (key) => tags.of(key),
    standing: (key) => api().register.standing(key),
    obeys: (gatewayId) => {
      const revision = fleet.gateway(gatewayId)?.birth?.trustRevision;
      return revision !== undefined && keys.isObeyedAt(revision);
    },
    held: () => held,
    mode: (gatewayId) => api().modes.verdict(gatewayId),
    rights: (operator, kind, key) => api().people.rights(operator, kind, deviceArea(api(), key)),
    gatewayOnline: (gatewayId) => fleet.gateway(gatewayId)?.online === true,
    publish: (topic, payload) => link.publish(topic, payload, { qos: 1 }),
    inquire: (gatewayId, commands) => inquirer.commands(gatewayId, commands),
    auditTransition,
    onTransition: (command, transition) => told(api(), counted, command, transition),
    onDevice: (key) => api().hub.device(key),
    now,
    newId: randomUUID,
  });
}

/** The network, what is asked of its meters, and what it carries. */
function meteringOf(
  { store, settings, warehouse, conditions, now }: Wiring,
  asked: Pick<Parameters<typeof readsOf>[0], 'publish' | 'fleet' | 'register' | 'note'>,
): Pick<ApiParts, 'network' | 'operationsFile' | 'warehouse' | 'timeZone'> & { reads: Reads; load: LoadEngine } {
  const network = networkOf(store);
  const reads = readsOf({ ...asked, settings, warehouse, network, conditions, now });
  return {
    network,
    operationsFile: join(settings.data, 'operations.db'),
    warehouse: withLongQuestionsInTurn(warehouse),
    timeZone: settings.timeZone,
    reads,
    load: new LoadEngine({ warehouse, network, conditions, settings: settings.loads, now }),
  };
}

function networkOf({ network }: SqliteStore): LiveNetwork {
  const live = new LiveNetwork(network);
  live.refresh();
  return live;
}

function titlesOf({ gateways }: Settings): ApiParts['gatewayTitle'] {
  const titles = new Map(gateways.map(({ id, title }) => [id, title]));
  return (gatewayId) => titles.get(gatewayId);
}

function heldAfterRestore({ data, tagsChecked }: Settings, conditions: Conditions): string | undefined {
  if (tagsChecked === true) endRestoredHold(data);
  const held = restoredHold(data);
  conditions.set('restored', held);
  return held;
}

type Stopping = Wired & {
  app: FastifyInstance;
  field: FieldServer;
  door: MachineDoor;
  chosen: ReturnType<typeof chooseLink>;
  store: SqliteStore;
  warehouse: WarehouseProcess;
  timers: readonly NodeJS.Timeout[];
  upkeep: Upkeep;
  certificates: { end(): void };
  now: () => number;
};

async function stop({
  api,
  load,
  beacon,
  app,
  field,
  door,
  chosen,
  store,
  warehouse,
  timers,
  upkeep,
  certificates,
  now,
}: Stopping): Promise<void> {
  for (const timer of timers) clearInterval(timer);
  certificates.end();
  load.stop();
  api.verification.end();
  api.hub.stop();
  await door.stop();
  await field.stop();
  await app.close();
  await beacon.stop();
  await chosen.link.stop();
  await warehouse.stop();
  api.writer.flushAll();
  api.audit.system('stopped', 'Head-end stopped', now());
  upkeep.end();
  store.stop();
}

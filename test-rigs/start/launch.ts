import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { trusted } from '@tiepoint/headend/authority/testing/trusted.ts';
import { Child, type Ending } from './child.ts';
import { buildConsole, type ConsoleBuild } from './console-build.ts';
import { tellRunning, type DataFolder } from './data-folder.ts';
import { askingAs, firstSignInsOf } from './first-sign-in.ts';
import type { Asking, FirstSignIn } from './first-sign-in.ts';
import { portFor } from './free-port.ts';
import { layTown } from './demonstration-town.ts';
import { emulatedGateways, gatewayFile, imageGateway, realGateway, type GatewayPlan } from './gateway-file.ts';
import type { SiteReady } from './emulated-site.ts';
import { enrolGateway, type HeadendReady } from './gateway-enrolment.ts';
import { gatewayIds, headendFile, writeSecret } from './headend-file.ts';
import { nodeFlagsOf } from './node-flags.ts';
import { putEmulatedInService, type ProvenGateway } from './site-entry.ts';
import type { StartOptions } from './options.ts';
import { tellUncounted } from './uncounted-customers.ts';
import { readTown, townConcentrators, townDays } from './town-meters.ts';
import type { TownPlan } from './town-meters.ts';
import { whatRuns } from './words.ts';

type Ports = { http: number; mqtt: number; field: number; notes: readonly string[] };

const readyTimeoutMs = 60_000;
const reportTimeoutMs = 60_000;
/** The head-end tells its time every minute. */
const clockTimeoutMs = 150_000;
/** For all children together. */
const stopTimeoutMs = 10_000;

/** All programs of one `npm start`. `over` settles with the exit code, once, when everything has stopped. */
export class Launch {
  readonly over: Promise<number>;
  readonly #options: StartOptions;
  readonly #root: string;
  readonly #folder: DataFolder;
  readonly #say: (line: string) => void;
  readonly #children: Child[] = [];
  #settle: (code: number) => void = () => {};
  #stopping = false;

  constructor(
    options: StartOptions,
    { root, folder, say }: { root: string; folder: DataFolder; say: (line: string) => void },
  ) {
    this.#options = options;
    this.#root = root;
    this.#folder = folder;
    this.#say = say;
    this.over = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** Starts one after the other, tells what runs, and then waits for the devices. What fails stops all. */
  async start(): Promise<void> {
    const build = await this.#console();
    const ports = await this.#ports();
    if (ports === undefined) return;
    const headend = await this.#headend(ports);
    const site = headend && (await this.#site());
    if (headend === undefined || site === undefined) return;
    const gateways = this.#gateways(site);
    const asking = await askingAs(headend.httpsUrl, this.#folder.headend);
    if (!asking.ok) return await this.#fail(asking.say);
    const { ask } = asking.value;
    const proven: ProvenGateway[] = [];
    for (const { id } of gateways)
      proven.push({ id, tls: await enrolGateway(headend, ask, id, this.#folder.identity(id)) });
    for (const gateway of gateways) this.#agent(gateway, headend.mqttUrl);
    const reading = this.#options.town ? this.#town(headend, asking.value) : undefined;
    const { httpsUrl, mqttUrl, fieldUrl, authority } = headend;
    const told = { httpsUrl, mqttUrl, fieldUrl, authority, controlUrl: site.controlUrl };
    tellRunning(this.#folder.path, { pid: process.pid, ...told });
    this.#say(
      whatRuns({
        ...headend,
        controlUrl: this.#options.site ? site.controlUrl : undefined,
        gateways,
        emulated: this.#options.site,
        readOnly: this.#options.readOnly,
        build,
        notes: [...ports.notes, ...buildNotes(build)],
        dataPath: this.#folder.path,
        logPath: this.#folder.log,
      }),
    );
    await this.#awaitReports(asking.value, headend.fieldUrl, { gateways, proven });
    await reading;
  }

  /** Agents first, so that their last words arrive; then what they read, then the head-end. */
  async stop(code: number): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    const deadlineMs = performance.now() + stopTimeoutMs;
    const leftMs = (): number => Math.max(500, deadlineMs - performance.now());
    const stopOne = async (child: Child): Promise<void> => {
      if ((await child.stop(leftMs())) === 'killed')
        this.#say(`${child.title} did not stop in time and was killed (process ${child.pid ?? '?'}).`);
    };
    const agents = this.#children.filter(({ title }) => title.startsWith('agent'));
    await Promise.all(agents.map(stopOne));
    for (const child of this.#children.toReversed()) await stopOne(child);
    this.#settle(code);
  }

  /** At once, for who presses Ctrl-C twice. */
  kill(): void {
    for (const child of this.#children) child.kill();
  }

  async #console(): Promise<ConsoleBuild | undefined> {
    if (!this.#options.build) return undefined;
    return await buildConsole(this.#root, join(this.#folder.log, 'console-build.log'), this.#say);
  }

  async #ports(): Promise<Ports | undefined> {
    const { httpsPort, mqttPort, fieldPort } = this.#options;
    const named = [httpsPort, mqttPort, fieldPort];
    const http = await portFor(httpsPort, 8443, '--https-port', named.slice(1));
    const mqtt = await portFor(mqttPort, 8883, '--mqtt-port', [http.ok ? http.port : undefined, fieldPort]);
    const taken = [http, mqtt].map((each) => (each.ok ? each.port : undefined));
    const field = await portFor(fieldPort, 8444, '--field-port', taken);
    for (const port of [http, mqtt, field]) if (!port.ok) return await this.#fail(port.say);
    if (!http.ok || !mqtt.ok || !field.ok) return undefined;
    const notes = [http, mqtt, field].flatMap(({ insteadOf }) =>
      insteadOf === undefined ? [] : [`Port ${insteadOf} is taken: a free one is used instead.`],
    );
    return { http: http.port, mqtt: mqtt.port, field: field.port, notes };
  }

  async #headend({
    http,
    mqtt,
    field,
  }: Ports): Promise<(HeadendReady & { signIns: readonly FirstSignIn[] }) | undefined> {
    const { headend, headendFile: file } = this.#folder;
    const { site, town } = this.#options;
    writeSecret(file, headendFile(gatewayIds(this.#options), site, { lookBackDays: town ? townDays : undefined }));
    if (site) this.#layTown(headend);
    const dist = join(this.#root, 'headend/console/dist');
    const ports = ['--https-port', String(http), '--mqtt-port', String(mqtt), '--field-port', String(field)];
    const args = ['--config', file, '--data', headend, ...ports, '--console', dist];
    const ready = await this.#started(this.#child('head-end', 'headend/src/main.ts', args));
    return ready && { ...trusted(ready as HeadendReady), signIns: firstSignInsOf(ready['firstSignIn']) };
  }

  /** What a store that is damaged or in use says of itself comes better from the head-end, which is started next. */
  #layTown(data: string): void {
    try {
      const said = layTown(data, Date.now());
      if (said !== undefined) this.#say(said);
    } catch {
      return;
    }
  }

  async #site(): Promise<Pick<SiteReady, 'controlUrl' | 'devices'> | undefined> {
    const { site, image } = this.#options;
    if (!site && image === undefined) return { controlUrl: '', devices: [] };
    const args = [
      '--state',
      this.#folder.siteState,
      ...(site ? [] : ['--no-devices']),
      ...(image === undefined ? [] : ['--image', image.file]),
    ];
    const ready = await this.#started(this.#child('emulated site', 'test-rigs/start/emulated-site.ts', args));
    return ready as SiteReady | undefined;
  }

  #gateways({ devices }: Pick<SiteReady, 'devices'>): readonly GatewayPlan[] {
    const { image, real } = this.#options;
    const served = devices.find(({ id }) => id === 'image-1');
    return [
      ...emulatedGateways(devices),
      ...(served === undefined || image === undefined ? [] : [imageGateway(served, image.profile)]),
      ...(real.length === 0 ? [] : [realGateway(real)]),
    ];
  }

  #agent(plan: GatewayPlan, mqttUrl: string): void {
    const file = this.#folder.gatewayFile(plan.id);
    const dataDir = this.#folder.gateway(plan.id);
    mkdirSync(dataDir, { recursive: true });
    writeSecret(
      file,
      gatewayFile(plan, {
        mqttUrl,
        identity: this.#folder.identity(plan.id),
        dataDir,
        readOnly: this.#options.readOnly,
      }),
    );
    const program = 'agent/bin/tiepoint-agent.mjs';
    const child = this.#child(`agent ${plan.id}`, program, ['--config', file], nodeFlagsOf(join(this.#root, program)));
    child.start((ending) => this.#hasEnded(child, ending));
  }

  /** The meters of the town behind their concentrators, and what they kept. */
  async #town(headend: HeadendReady, asking: Asking): Promise<void> {
    const members: TownPlan['members'][number][] = [];
    for (const concentrator of townConcentrators()) {
      const identity = this.#folder.identity(concentrator.id);
      await enrolGateway(headend, asking.ask, concentrator.id, identity);
      members.push({ ...concentrator, identity, named: 'by-number' });
    }
    const plan = join(this.#folder.gateway('town'), 'town.json');
    mkdirSync(this.#folder.gateway('town'), { recursive: true });
    writeFileSync(plan, JSON.stringify({ mqttUrl: headend.mqttUrl, members } satisfies TownPlan));
    const child = this.#child('emulated town', 'test-rigs/start/emulated-town.ts', ['--plan', plan]);
    if ((await this.#started(child)) === undefined) return;
    const meters = members.reduce((total, { serialNumbers }) => total + serialNumbers.length, 0);
    this.#say(`${meters} meters of the town report; the hours that they kept are read now.`);
    const said = await readTown(asking, meters, () => this.#stopping).catch((error: unknown) => String(error));
    if (said === undefined || this.#stopping) return;
    this.#say(said);
    const others = await tellUncounted(asking.ask, Date.now(), () => this.#stopping).catch((error: unknown) =>
      String(error),
    );
    if (!this.#stopping) this.#say(others);
  }

  #child(title: string, script: string, args: readonly string[], nodeFlags: readonly string[] = []): Child {
    const logFile = join(this.#folder.log, `${title.replace(/^agent /, '').replace(' ', '-')}.log`);
    const child = new Child({ title, script: join(this.#root, script), args, logFile, nodeFlags });
    this.#children.push(child);
    return child;
  }

  async #started(child: Child): Promise<Record<string, unknown> | undefined> {
    child.start((ending) => this.#hasEnded(child, ending));
    const ready = await child.said('ready', readyTimeoutMs);
    if (ready === undefined && !this.#stopping)
      return await this.#fail(`The ${child.title} was not ready within ${readyTimeoutMs / 1000} s.`, child);
    return ready;
  }

  #hasEnded(child: Child, { code, signal }: Ending): void {
    if (this.#stopping) return;
    const how = signal === null ? `ended with code ${code ?? '?'}` : `was ended by ${signal}`;
    void this.#fail(`The ${child.title} ${how}, which it should not. So everything is stopped.`, child);
  }

  async #fail(say: string, child?: Child): Promise<undefined> {
    if (this.#stopping) return undefined;
    this.#say(`\n${say}`);
    if (child !== undefined) {
      const lines = child.lastLines();
      if (lines.length > 0) this.#say(`Its last words:\n${lines.map((line) => `  ${line}`).join('\n')}`);
      this.#say(`All of them: ${child.logFile}`);
    }
    await this.stop(1);
    return undefined;
  }

  async #awaitReports(
    asking: Asking,
    fieldUrl: string,
    { gateways, proven }: { gateways: readonly GatewayPlan[]; proven: readonly ProvenGateway[] },
  ): Promise<void> {
    const wanted = gateways.flatMap(({ id, devices }) => devices.map((device) => `${id}.${device.id}`));
    const deadlineMs = performance.now() + reportTimeoutMs;
    let silent: readonly string[] = wanted;
    while (!this.#stopping && performance.now() < deadlineMs) {
      const live = await liveDevices(asking);
      silent = wanted.filter((id) => !live.includes(id));
      if (silent.length === 0) break;
      await pause(500);
    }
    if (this.#stopping) return;
    this.#say(
      silent.length === 0
        ? wanted.length === 1
          ? 'The device reports.'
          : `All ${wanted.length} devices report.`
        : `No report within ${reportTimeoutMs / 1000} s from ${silent.join(', ')}: its page in the console, or the log of its gateway, says why.`,
    );
    if (this.#options.site) await this.#enterSites(asking, fieldUrl, proven);
    if (this.#options.once) await this.stop(silent.length === 0 ? 0 : 1);
    else if (!this.#options.readOnly) await this.#awaitClocks(asking, wanted);
  }

  /** Nothing is commanded that nobody has entered and put into service. */
  async #enterSites({ ask }: Asking, fieldUrl: string, proven: readonly ProvenGateway[]): Promise<void> {
    const against = await putEmulatedInService({ ask }, fieldUrl, proven).catch((error: unknown) => [String(error)]);
    if (this.#stopping) return;
    if (against.length === 0)
      return this.#say('The emulated sites are entered, and in service by reports that say so.');
    this.#say(`Not all emulated sites are in service, so they take no commands: ${against.join(' ')}`);
  }

  /** A gateway takes no command before it has heard the head-end's time: a newcomer who is refused should know why. */
  async #awaitClocks(asking: Asking, wanted: readonly string[]): Promise<void> {
    const deadlineMs = performance.now() + clockTimeoutMs;
    for (let looks = 0; !this.#stopping; looks++) {
      if (await allClocksJudged(asking, wanted)) return this.#say('Commands are taken.');
      if (looks === 10) this.#say('Commands are refused still: a gateway compares its clock with the head-end first.');
      if (performance.now() > deadlineMs) return;
      await pause(1_000);
    }
  }
}

function buildNotes(build: ConsoleBuild | undefined): string[] {
  if (build?.state !== 'failed') return [];
  return [
    `The console could not be built: ${build.say}.`,
    build.older ? 'An older build of it is served.' : 'Everything else runs.',
  ];
}

/** Whether every device that reports says that its gateway's clock is judged; one that is silent is not waited for. */
async function allClocksJudged({ ask }: Asking, ids: readonly string[]): Promise<boolean> {
  try {
    const details = await Promise.all(
      ids.map(async (id) => {
        const response = await ask(`/api/devices/${id}`, { signal: AbortSignal.timeout(5_000) });
        return (await response.json()) as { timeQuality?: string };
      }),
    );
    return details.every(({ timeQuality = 'synchronised' }) => timeQuality === 'synchronised');
  } catch {
    return false;
  }
}

/** Of the head-end's table, which devices report; none while it does not answer. */
async function liveDevices({ ask }: Asking): Promise<readonly string[]> {
  try {
    const response = await ask('/api/fleet', { signal: AbortSignal.timeout(5_000) });
    const { rows } = (await response.json()) as { rows: readonly { id: string; liveness: string }[] };
    return rows.filter(({ liveness }) => liveness === 'live').map(({ id }) => id);
  } catch {
    return [];
  }
}

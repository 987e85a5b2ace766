import { ConfigurationError, readConfiguration } from '../../io/configuration.ts';
import type { AgentSettings } from '../../io/configuration.ts';
import { wholeOption } from '../connection-options.ts';
import { readEnrolment } from '../../io/keys/enrolment-file.ts';
import type { GatewayTls } from '../../io/keys/gateway-identity.ts';
import { textOf } from '../field-command.ts';
import type { ExitCode, FieldInput, FieldValues } from '../field-command.ts';
import { paint } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import { targetsOf } from '../watch/watch-targets.ts';
import type { Target } from '../watch/watch-targets.ts';
import { checkBrokerLine } from './check-broker.ts';
import { checkBus } from './check-buses.ts';
import type { SeenDevice } from './check-buses.ts';
import { checkCommissioning } from './check-commissioning.ts';
import { checkHeadEnd } from './check-head-end.ts';
import { checkIdentity } from './check-identity.ts';
import { checkDatabase, checkSetAside, checkDisk, checkMemory, checkNtp } from './check-machine.ts';
import { isFree, judgePort, portFacts } from './check-ports.ts';
import { checkSession } from './check-session.ts';
import { checkTitles, verdictOf } from './finding.ts';
import type { CheckId, Finding } from './finding.ts';
import { runningGateway } from './running-gateway.ts';
import type { RunningGateway } from './running-gateway.ts';

type Options = { readonly reads: number; readonly waitMs: number; readonly url: string | undefined };

/** Exit code 0: nothing is bad; 1: something is; 2: the command line; 130: interrupted. */
export async function runDoctor({ values }: FieldInput, terminal: Terminal): Promise<ExitCode> {
  const reads = wholeOption(values, 'reads', 1, 100_000);
  const waitS = wholeOption(values, 'wait', 0, 600);
  if (!reads.ok || !waitS.ok) {
    terminal.complain(!reads.ok ? reads.say : !waitS.ok ? waitS.say : '');
    return 2;
  }
  const options = { reads: reads.value ?? 100, waitMs: (waitS.value ?? 65) * 1_000, url: textOf(values, 'url') };
  const doctor = new Doctor(terminal, options);
  const file = textOf(values, 'config');
  const isUsable = file === undefined ? await doctor.examineDevice(values) : await doctor.examineGateway(file, values);
  terminal.progress(undefined);
  if (!isUsable) return 2;
  doctor.conclude();
  if (terminal.signal.aborted) return 130;
  return doctor.verdict === 'bad' ? 1 : 0;
}

/** Makes the checks in the order in which one depends on another, and tells each as it is made. */
class Doctor {
  readonly #terminal: Terminal;
  readonly #options: Options;
  readonly #findings: Finding[] = [];

  constructor(terminal: Terminal, options: Options) {
    this.#terminal = terminal;
    this.#options = options;
  }

  get verdict(): 'ok' | 'warning' | 'bad' {
    return verdictOf(this.#findings);
  }

  /** A device without a gateway: port, bus and this machine. False where the command line does not name one. */
  async examineDevice(values: FieldValues): Promise<boolean> {
    const targets = targetsOf(values);
    if (!targets.ok) {
      this.#terminal.complain(targets.say);
      return false;
    }
    await this.#buses(targets.value);
    this.#tell(await checkNtp(), checkMemory(undefined));
    return true;
  }

  async examineGateway(file: string, values: FieldValues): Promise<boolean> {
    const settings = this.#configuration(file);
    if (settings === undefined) {
      this.#tell(await checkNtp(), checkMemory(undefined));
      return true;
    }
    const targets = targetsOf(values);
    if (!targets.ok) {
      this.#terminal.complain(targets.say);
      return false;
    }
    const { dataDir } = settings.gateway;
    const service = runningGateway(dataDir);
    this.#tell(serviceFinding(service, dataDir));
    this.#tell(...checkCommissioning({ file, dataDir }, service));
    this.#tell(checkDisk(dataDir));
    if (service === undefined) this.#tell(checkDatabase(dataDir, settings.outbox.maxEntries));
    else this.#leaveOut('database', 'the gateway holds it while it runs');
    this.#tell(...checkSetAside(dataDir), checkMemory(service), await checkNtp());
    this.#terminal.progress('broker …');
    const { finding, identity } = checkIdentity(settings.identity, settings.gateway.id, Date.now());
    this.#tell(finding);
    const line = await checkBrokerLine(settings.mqtt, identity?.tls);
    this.#tell(...line);
    // The head-end may take a minute to tell its time; the buses are looked at meanwhile.
    const isReachable = ![finding, ...line].some(({ outcome }) => outcome === 'bad');
    const session = this.#session(settings, { service, tls: isReachable ? identity?.tls : undefined });
    const seen = service === undefined ? await this.#buses(targets.value) : this.#portsOnly(targets.value);
    this.#terminal.progress(`waiting for the head-end to tell its time, ${this.#options.waitMs / 1000} s at most …`);
    this.#tell(...(await session));
    await this.#headEnd(settings, { tls: identity?.tls, seen });
    return true;
  }

  conclude(): void {
    const { verdict } = this;
    if (this.#terminal.json) {
      const findings = this.#findings.map((finding) => ({ title: checkTitles[finding.id], ...finding }));
      this.#terminal.print(JSON.stringify({ at: new Date().toISOString(), verdict, findings }, undefined, 2));
      return;
    }
    const count = (outcome: Finding['outcome']): number =>
      this.#findings.filter((finding) => finding.outcome === outcome).length;
    this.#terminal.print('');
    this.#terminal.print(
      `${count('ok')} good, ${count('warning')} to look at, ${count('bad')} bad, ${count('left-out')} left out`,
    );
  }

  #configuration(file: string): AgentSettings | undefined {
    try {
      const { settings, hash } = readConfiguration(file);
      const { buses, devices } = settings;
      this.#tell({
        id: 'configuration',
        about: file,
        outcome: 'ok',
        say: `${buses.length} buses, ${devices.length} devices, hash ${hash}`,
        measured: { buses: buses.length, devices: devices.length, hash },
      });
      return settings;
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      this.#tell({
        id: 'configuration',
        about: file,
        outcome: 'bad',
        say: error.message,
        todo: 'Correct the lines named; `--check` reads it again.',
      });
      return undefined;
    }
  }

  async #buses(targets: readonly Target[]): Promise<readonly SeenDevice[]> {
    const seen: SeenDevice[] = [];
    for (const own of byBus(targets)) {
      const settings = own[0]!.connection.bus;
      const facts = 'path' in settings ? portFacts(settings) : undefined;
      if (facts !== undefined) this.#tell(...judgePort(facts));
      if (facts !== undefined && !isFree(facts)) {
        this.#leaveOut('bus', 'a second master would spoil the replies of the first', settings.name);
        continue;
      }
      const result = await checkBus(own, {
        reads: this.#options.reads,
        signal: this.#terminal.signal,
        progress: (say) => this.#terminal.progress(say),
        latencyTimerMs: facts?.latencyTimerMs,
      });
      this.#tell(...result.findings);
      seen.push(...result.seen);
    }
    return seen;
  }

  /** Beside a running gateway: a second master on its line would spoil its replies. */
  #portsOnly(targets: readonly Target[]): readonly SeenDevice[] {
    for (const own of byBus(targets)) {
      const settings = own[0]!.connection.bus;
      if ('path' in settings) this.#tell(...judgePort(portFacts(settings)));
      this.#leaveOut('bus', 'the gateway reads it; the head-end shows its figures', settings.name);
    }
    return [];
  }

  async #session(
    settings: AgentSettings,
    { service, tls }: { service: RunningGateway | undefined; tls: GatewayTls | undefined },
  ): Promise<readonly Finding[]> {
    const leftOut = (say: string): readonly Finding[] => [{ id: 'mqtt', outcome: 'left-out', say }];
    if (tls === undefined) return leftOut('what was found above must be put right first');
    if (service !== undefined)
      return leftOut('the running gateway has it; a second one would be refused, or throw it out');
    return await checkSession(settings, tls, { waitMs: this.#options.waitMs, signal: this.#terminal.signal });
  }

  async #headEnd(
    settings: AgentSettings,
    { tls, seen }: { tls: GatewayTls | undefined; seen: readonly SeenDevice[] },
  ): Promise<void> {
    const url = this.#options.url ?? readEnrolment(settings.identity)?.url;
    if (url === undefined || tls === undefined)
      return this.#leaveOut(
        'head-end',
        url === undefined ? 'its address is not known; --url URL tells it' : 'this gateway has no certificate for it',
      );
    this.#terminal.progress('head-end …');
    const found = await checkHeadEnd(url, tls, { devices: settings.devices, seen });
    // One comparison of clocks that succeeded is enough.
    const isCompared = this.#findings.some(({ id, outcome }) => id === 'clock' && outcome !== 'left-out');
    this.#tell(...found.filter(({ id }) => id !== 'clock' || !isCompared));
  }

  #leaveOut(id: CheckId, say: string, about?: string): void {
    this.#tell({ id, outcome: 'left-out', say, ...(about === undefined ? {} : { about }) });
  }

  #tell(...findings: readonly Finding[]): void {
    for (const finding of findings) {
      this.#findings.push(finding);
      if (!this.#terminal.json) for (const line of linesOf(finding, this.#terminal)) this.#terminal.print(line);
    }
  }
}

const signs = { ok: ['✓', 'green'], warning: ['!', 'yellow'], bad: ['✗', 'red'], 'left-out': ['–', 'dim'] } as const;

function linesOf({ id, about, outcome, say, todo }: Finding, terminal: Terminal): string[] {
  const [sign, colour] = signs[outcome];
  const head = `${paint(terminal, colour, sign)} ${checkTitles[id]}${about === undefined ? '' : ` ${about}`}: ${say}`;
  return todo === undefined ? [head] : [head, `    → ${todo}`];
}

function serviceFinding(service: RunningGateway | undefined, dataDir: string): Finding {
  if (service === undefined)
    return { id: 'service', about: dataDir, outcome: 'ok', say: 'no gateway runs on this data folder' };
  return {
    id: 'service',
    about: dataDir,
    outcome: 'ok',
    say: `a gateway runs on this data folder${service.pid === undefined ? '' : ` (process ${service.pid})`}: only what does not disturb it is checked`,
    measured: { running: true, ...(service.pid === undefined ? {} : { pid: service.pid }) },
    todo: 'Stop the gateway and ask again for all checks.',
  };
}

function byBus(targets: readonly Target[]): readonly (readonly Target[])[] {
  const names = [...new Set(targets.map(({ connection }) => connection.bus.name))];
  return names.map((name) => targets.filter(({ connection }) => connection.bus.name === name));
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApprovalView } from '@tiepoint/headend/api/approval-contract.ts';
import type {
  CommandDetail,
  CommandView,
  DeviceDetail,
  FleetResponse,
  FleetRow,
  SelectionView,
} from '@tiepoint/headend/api/contract.ts';
import type { CommandKind, CommandParameters } from '@tiepoint/protocol';
import { Crew } from '@tiepoint/headend/api/testing/signed-in.ts';
import type { SignedIn } from '@tiepoint/headend/api/testing/signed-in.ts';
import type { TestAuthority } from '@tiepoint/headend/authority/testing/test-authority.ts';
import { freePort } from '@tiepoint/headend/nms/link/free-port.ts';
import { DemonstrationSite, portsOf } from '../devices/behaviours/demonstration-site.ts';
import { startSite } from '../devices/emulated-device.ts';
import type { RunningPort } from '../devices/emulated-device.ts';
import { layTown } from '../start/demonstration-town.ts';
import { emulatedGateways, gatewayFile } from '../start/gateway-file.ts';
import type { ServedBus } from '../start/gateway-file.ts';
import { enrolGateway } from '../start/gateway-enrolment.ts';
import type { HeadendReady } from '../start/gateway-enrolment.ts';
import { headendFile } from '../start/headend-file.ts';
import { putEmulatedInService } from '../start/site-entry.ts';
import type { ProvenGateway } from '../start/site-entry.ts';
import { parse, stringify } from 'yaml';
import { agentProgram, Program, readyLine } from './program.ts';
import type { AgentFile } from './program.ts';
import { until } from './until.ts';

export type Line = {
  readonly url: string;
  readonly headEnd: Program;
  /** Where all of it lies. */
  readonly directory: string;
  /** A head-end in the place of `headEnd`, on other data. */
  headEndOn(data: string, ...more: string[]): Program;
  readonly agents: Readonly<Record<'gw-home' | 'gw-site', Program>>;
  readonly site: DemonstrationSite;
  /** Writes that each device was given, in order. */
  readonly writes: Readonly<Record<string, (readonly number[])[]>>;
  readonly api: Api;
  /** Waits until all devices have introduced themselves, enters their sites and puts them into service. */
  inService(): Promise<void>;
  stop(): Promise<void>;
};

/**
 * The whole line as `npm start` runs it, on free ports: head-end and agents as processes, the site in this process, so that a story can put
 * faults into it. `outside`: a broker outside of the head-end, and the authority of all of them.
 */
export async function startLine({
  outside,
  town = false,
  groupSize,
}: {
  outside?: OutsideBroker;
  /** The head-end has the demonstration town as its network. */
  town?: boolean;
  /** More devices at once take two operators. */
  groupSize?: number;
} = {}): Promise<Line> {
  const directory = mkdtempSync(join(tmpdir(), 'tiepoint-line-'));
  const site = new DemonstrationSite();
  site.prepare(40);
  const writes: Record<string, (readonly number[])[]> = {};
  for (const [id, device] of Object.entries(site.devices)) {
    const seen: (readonly number[])[] = (writes[id] = []);
    device.image.onWrite((_table, _address, words) => (seen.push(words), 'ok'));
  }
  const served = await startSite({ ports: site.ports('rtu-over-tcp') });
  if (!served.ok) throw new Error(served.say);
  const data = join(directory, 'headend');
  const headEndOn = await headEndPrograms(directory, { outside, town, groupSize });
  if (town) layTown(data, Date.now());
  const headEnd = headEndOn(data);
  headEnd.start();
  const plans = emulatedGateways(
    served.site.ports.flatMap((port, index) =>
      (portsOf[index] ?? []).map((id) => ({ id, unit: site.devices[id].unit, bus: placeOf(port) })),
    ),
  );
  const ready = await readyOf(headEnd);
  const api = new Api(ready.httpsUrl, data);
  const { ask } = await api.operator();
  const identityOf = (id: string): string => join(directory, id, 'identity');
  const proven: ProvenGateway[] = [];
  for (const { id } of plans) proven.push({ id, tls: await enrolGateway(ready, ask, id, identityOf(id)) });
  const programs = plans.map((plan) => {
    const file = gatewayFile(plan, {
      mqttUrl: ready.mqttUrl,
      identity: identityOf(plan.id),
      dataDir: join(directory, plan.id),
      readOnly: false,
    });
    return [plan.id, agentProgram(directory, parse(file) as AgentFile)] as const;
  });
  for (const [, program] of programs) program.start();
  const inService = async (): Promise<void> => {
    for (const key of plans.flatMap(({ id, devices }) => devices.map((device) => `${id}.${device.id}`)))
      await until(`${key} introduced`, () => api.get(`/api/devices/${key}`).catch(() => false), 60_000);
    const against = await putEmulatedInService(await api.operator(), ready.fieldUrl, proven);
    if (against.length > 0) throw new Error(against.join(' '));
  };
  const stop = async (): Promise<void> => {
    for (const [, program] of programs) await program.kill();
    await headEnd.kill();
    await served.site.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  return {
    url: api.url,
    headEnd,
    directory,
    headEndOn,
    agents: Object.fromEntries(programs) as Line['agents'],
    site,
    writes,
    api,
    inService,
    stop,
  };
}

/** A broker outside, whose certificates this authority signs, as those of the gateways. */
export type OutsideBroker = { readonly url: string; readonly authority: TestAuthority };

function outsideSettings(directory: string, { url, authority }: OutsideBroker): string {
  const [certFile, keyFile] = [join(directory, 'utility.pem'), join(directory, 'utility-key.pem')];
  writeFileSync(certFile, authority.authority.certificatesPem);
  writeFileSync(keyFile, authority.keyPem, { mode: 0o600 });
  return stringify({ broker: { url }, authority: { certFile, keyFile } });
}

async function readyOf(headEnd: Program): Promise<HeadendReady> {
  return await until('the head-end is ready', () => readyLine(headEnd.output), 60_000).catch((fault: unknown) => {
    throw new Error(`${String(fault)}; it said: ${headEnd.output}`);
  });
}

/** Head-ends of one configuration on the same ports, each on the data that it is given; not started yet. */
async function headEndPrograms(
  directory: string,
  { outside, town, groupSize }: { outside: OutsideBroker | undefined; town: boolean; groupSize: number | undefined },
): Promise<Line['headEndOn']> {
  const [http, mqtt, field] = [await freePort(), await freePort(), await freePort()];
  const config = join(directory, 'headend.yaml');
  const ids = ['gw-home', 'gw-site', ...(town ? ['concentrator-1'] : [])];
  const more = outside === undefined ? '' : outsideSettings(directory, outside);
  writeFileSync(config, `${headendFile(ids, true, { groupSize })}${more}`);
  const inside = outside === undefined ? ['--mqtt-port', String(mqtt)] : [];
  const ports = ['--https-port', String(http), '--field-port', String(field), ...inside];
  const dist = join(import.meta.dirname, '../../headend/console/dist');
  return (data, ...more) =>
    new Program(['headend/src/main.ts', '--config', config, '--data', data, ...ports, '--console', dist, ...more]);
}

function placeOf(port: RunningPort): ServedBus {
  if (port.kind === 'tcp') return { kind: 'tcp', ...port.at };
  if (port.kind === 'rtu-over-tcp') return { kind: 'rtu-over-tcp', ...port.at, baudRate: 9600 };
  throw new Error(`${port.kind} is not served here`);
}

/** The head-end's API as an operator's program uses it. */
export class Api {
  readonly url: string;
  readonly crew: Crew;

  constructor(url: string, dataFolder: string) {
    this.url = url;
    this.crew = new Crew(() => url, dataFolder);
  }

  async operator(): Promise<SignedIn> {
    return await this.crew.as('tester');
  }

  async get<T>(path: string): Promise<T> {
    return await this.#ask<T>('GET', path);
  }

  async post<T>(path: string, body: object, idempotencyKey: string = crypto.randomUUID()): Promise<T> {
    return await this.#ask<T>('POST', path, body, idempotencyKey);
  }

  async put<T>(path: string, body: object): Promise<T> {
    return await this.#ask<T>('PUT', path, body);
  }

  async delete<T>(path: string): Promise<T> {
    return await this.#ask<T>('DELETE', path);
  }

  async row(id: string): Promise<FleetRow | undefined> {
    return (await this.get<FleetResponse>('/api/fleet')).rows.find((row) => row.id === id);
  }

  /** Waits until the device is live and its gateway can judge the time. */
  async live(id: string): Promise<DeviceDetail> {
    return await until(
      `${id} live with a judged clock`,
      async () => {
        const detail = await this.get<DeviceDetail>(`/api/devices/${id}`).catch(() => undefined);
        return detail?.row.liveness === 'live' && detail.timeQuality === 'synchronised' && detail;
      },
      60_000,
    );
  }

  /** Waits until the head-end offers the command; one that needs parameters is offered as soon as nothing else forbids it. */
  async offered(id: string, kind: CommandKind): Promise<void> {
    await until(`${kind} offered at ${id}`, async () => {
      const { commands } = await this.get<DeviceDetail>(`/api/devices/${id}`);
      const offer = commands.find((each) => each.kind === kind);
      return offer !== undefined && (offer.may.ok || offer.parameters.length > 0);
    });
  }

  /** Selects and operates, with a second operator where it takes two. */
  async command(id: string, kind: CommandKind, parameters?: CommandParameters): Promise<CommandView> {
    const selection = await this.post<SelectionView>(`/api/devices/${id}/selections`, {
      kind,
      ...(parameters && { parameters }),
    });
    const asked = { selectionId: selection.id, cause: 'a test' };
    if (!selection.approval.needed) return await this.post<CommandView>('/api/commands', asked);
    const { id: approvalId } = await this.post<ApprovalView>('/api/approvals', asked);
    const second = await this.crew.as('approver');
    const decision = ['POST', `/api/approvals/${approvalId}/decision`, { approve: true }] as const;
    const [outcome] = (await second.call<ApprovalView>(...decision)).outcomes;
    if (outcome?.ok !== true) throw new Error(outcome?.say ?? 'nothing came of the approval');
    return outcome.command;
  }

  async outcome(commandId: string, withinMs = 60_000): Promise<CommandDetail> {
    return await until(
      `the outcome of ${commandId}`,
      async () => {
        const detail = await this.get<CommandDetail>(`/api/commands/${commandId}`).catch(() => undefined);
        return detail?.final === true && detail;
      },
      withinMs,
    );
  }

  async #ask<T>(method: string, path: string, body?: object, idempotencyKey?: string): Promise<T> {
    const key = idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey };
    return await (await this.operator()).call<T>(method, path, body, key);
  }
}

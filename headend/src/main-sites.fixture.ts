import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnrolmentToken } from '@tiepoint/protocol/field';
import type { CommissioningReport, Enrolment, ReportAnswer } from '@tiepoint/protocol/field';
import { trusted } from './authority/testing/trusted.ts';
import type { DeviceDetail, ErrorBody } from './api/contract.ts';
import type { SiteDetail, TokenIssued } from './api/site-contract.ts';
import { Crew } from './api/testing/signed-in.ts';
import { startHeadend } from './main-headend.ts';
import type { HeadendLog, RunningHeadend } from './main-headend.ts';
import { parseSettings } from './main-settings.ts';
import type { Settings } from './main-settings.ts';
import { fieldCall, newRequest } from './nms/testing/field-client.ts';
import type { FieldAnswer, GatewayTls } from './nms/testing/field-client.ts';
import { FakeAgent, meterBirth, pvBirth } from './nms/testing/fake-agent.ts';

const quiet = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** A home with a meter and a PV behind it, ordered for gw-1; only ada commands the PV. */
export const homeFile = [
  'site,site_title,gateway,device,profile,serial_number,switched_by,connection,unit,contract,contract_power_kw,may_command,from',
  'home,Home,gw-1,meter-1,test/meter,S-1,,rtu /dev/ttyUSB0 9600 8N1,1,,,,',
  'home,Home,gw-1,pv-1,test/pv,,meter-1,,,C-1,3,ada,1970-01-01',
].join('\n');

export type Answer<T> = { status: number; body: T; headers: Headers };
type Sent = { json?: unknown; csv?: string; form?: FormData; operator?: string };
export type FormParts = readonly (readonly [part: string, fileName: string, text: string])[];
export type Enrolled = Enrolment & { tls: GatewayTls };

/** A head-end, and what operators, technicians and gateways do with it. */
export class SitesUnderTest {
  readonly folder: string;
  readonly crew: Crew;
  /** How far its clock is ahead. */
  aheadMs = 0;
  readonly #agents: FakeAgent[] = [];
  readonly #log: HeadendLog;
  #headend: RunningHeadend | undefined;

  constructor(folder = mkdtempSync(join(tmpdir(), 'sites-')), log: HeadendLog = quiet) {
    this.folder = folder;
    this.#log = log;
    this.crew = new Crew(() => this.headend.httpsUrl, folder);
  }

  get headend(): RunningHeadend {
    if (this.#headend === undefined) throw new Error('the head-end is not started');
    return this.#headend;
  }

  async start(more = '', flags: Partial<Settings> = {}): Promise<void> {
    const settings = parseSettings(
      `{ data: ${this.folder}, https: { port: 0 }, broker: { port: 0 }, field: { port: 0 } ${more} }`,
      'test',
    );
    if (!settings.ok) throw new Error(settings.say.join());
    this.#headend = trusted(
      await startHeadend({ ...settings.value, ...flags }, this.#log, () => Date.now() + this.aheadMs),
    );
  }

  async stop(): Promise<void> {
    await this.#headend?.stop();
    this.#headend = undefined;
  }

  async end(): Promise<void> {
    for (const agent of this.#agents) agent.cut();
    await this.stop();
    rmSync(this.folder, { recursive: true });
  }

  async call<T>(method: string, path: string, { json, csv, form, operator = 'ada' }: Sent = {}): Promise<Answer<T>> {
    const type = json !== undefined ? 'application/json' : csv === undefined ? undefined : 'text/csv';
    const body = json === undefined ? (csv ?? form) : JSON.stringify(json);
    const { ask } = await this.crew.as(operator);
    const init = {
      method,
      headers: {
        ...(path === '/api/commands' && method === 'POST' ? { 'idempotency-key': randomUUID() } : {}),
        ...(type === undefined ? {} : { 'content-type': type }),
      },
      ...(body === undefined ? {} : { body }),
    };
    let response = await ask(path, init);
    // The clock was put ahead, beyond the end of the session.
    if (response.status === 401) {
      await this.crew.anew(operator);
      response = await (await this.crew.as(operator)).ask(path, init);
    }
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, headers: response.headers, body: (isJson ? JSON.parse(text) : text) as T };
  }

  /** What a gateway or technician asks; without `tls` it shows no certificate. */
  async field<T>(
    path: string,
    { tls, ...sent }: { tls?: GatewayTls; method?: string; json?: unknown; text?: string } = {},
  ): Promise<FieldAnswer<T>> {
    return await fieldCall(this.headend.fieldUrl + path, tls ?? { ca: this.headend.authority }, sent);
  }

  async imported(text = homeFile): Promise<void> {
    const { status, body } = await this.call('POST', '/api/imports', { csv: text });
    if (status !== 200) throw new Error(JSON.stringify(body));
  }

  async site(): Promise<SiteDetail> {
    return (await this.call<SiteDetail>('GET', '/api/sites/home')).body;
  }

  async token(): Promise<TokenIssued> {
    return (await this.call<TokenIssued>('POST', '/api/gateways/gw-1/enrolment-tokens', { json: {} })).body;
  }

  /** `token`: as it is told to people, or anything else that somebody tries. */
  async enrol(token: string, given?: string): Promise<FieldAnswer<Enrolment & ErrorBody> & { key: string }> {
    const { key, certificateRequest } = await newRequest();
    const secret = parseEnrolmentToken(token)?.secret ?? token;
    const json = { token: secret, name: 'Ted Technician', certificateRequest: given ?? certificateRequest };
    return { ...(await this.field('/field/v1/enrolments', { method: 'POST', json })), key };
  }

  async enrolled(): Promise<Enrolled> {
    const { body, key, status } = await this.enrol((await this.token()).token);
    if (status !== 201) throw new Error(JSON.stringify(body));
    return { ...body, tls: { key, cert: body.certificate, ca: body.authority } };
  }

  async agentOf({ tls }: Pick<Enrolled, 'tls'>, session = 1): Promise<FakeAgent> {
    const agent = new FakeAgent(this.headend.mqttUrl, 'gw-1', session, tls);
    this.#agents.push(agent);
    await agent.start();
    return agent;
  }

  async born(agent: FakeAgent, { serialNumber = 'S-1', configurationHash = 'c0ffee' } = {}): Promise<void> {
    await agent.born(['meter-1', 'pv-1'], { configurationHash });
    await agent.deviceBorn('meter-1', { ...meterBirth, serialNumber });
    await agent.deviceBorn('pv-1', pvBirth);
    await agent.meter('meter-1', { switchState: 'closed', control: 'none', loadSideVoltage: 'present' });
    await agent.aas('pv-1', { activePowerW: 3_200, control: 'none' });
    for (let looks = 0; ; looks += 1) {
      const { devices } = await this.site();
      if (devices.every(({ liveness }) => liveness === 'live')) return;
      if (looks > 200) throw new Error(`not live within 4 s: ${JSON.stringify(devices)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async deliver(
    { tls }: Pick<Enrolled, 'tls'>,
    report: unknown,
    html = '<p>report</p>',
  ): Promise<FieldAnswer<ReportAnswer & ErrorBody>> {
    return await this.field('/field/v1/reports', { method: 'POST', json: { report, html }, tls });
  }

  /** What the button that disconnects the PV says. */
  async mayDisconnect(): Promise<string> {
    const { commands } = (await this.call<DeviceDetail>('GET', '/api/devices/gw-1.pv-1')).body;
    const may = commands.find(({ kind }) => kind === 'disconnect')?.may;
    return may === undefined ? 'not offered' : may.ok ? 'yes' : `${may.reason}: ${may.say}`;
  }
}

/** Files as a browser sends them. */
export function formOf(parts: FormParts): FormData {
  const form = new FormData();
  for (const [part, name, text] of parts) form.append(part, new File([text], name));
  return form;
}

/** A passed report of the home. */
export function homeReport(changes: Partial<CommissioningReport> = {}): CommissioningReport {
  const atMs = Date.now();
  return {
    version: 1,
    id: randomUUID(),
    site: { id: 'home', title: 'Home' },
    gateway: { id: 'gw-1', firmware: 'fake', readOnly: false, configurationHash: 'c0ffee' },
    technician: { name: 'Ted Technician' },
    devices: [
      { id: 'meter-1', profile: 'test/meter', profileHash: 'x', serialNumber: 'S-1' },
      { id: 'pv-1', profile: 'test/pv', profileHash: 'x' },
    ],
    items: [
      'meter-1/ident',
      'meter-1/nameplate',
      'meter-1/switch',
      'pv-1/ident',
      'pv-1/nameplate',
      'pv-1/switch',
      'pv-1/limit',
      'pv-1/start-stop',
      'cadence',
    ].map((id) => ({
      id,
      title: id,
      ...(id.includes('/') ? { deviceId: id.split('/')[0]! } : {}),
      required: true,
      outcome: 'passed' as const,
      say: 'as ordered',
      measured: [],
      atMs,
      tookMs: 1,
      attempts: 1,
    })),
    photographs: [],
    startedAtMs: atMs,
    finishedAtMs: atMs + 1,
    verdict: 'passed',
    reservations: [],
    ...changes,
  };
}

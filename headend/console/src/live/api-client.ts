import type {
  ApprovalDecision,
  ApprovalsResponse,
  ApprovalView,
  GroupOutcome,
  GroupSelectionView,
  TagRemovalRequest,
} from '../../../src/api/approval-contract.ts';
import type {
  AuditHead,
  AuditResponse,
  AuditVerification,
  CommandDetail,
  CommandsResponse,
  CommandView,
  ConfigurationRequest,
  DeviceDetail,
  EventsResponse,
  GatewayRow,
  HealthResponse,
  HistoryPoint,
  HistoryResponse,
  SelectionRequest,
  SelectionView,
  TagView,
} from '../../../src/api/contract.ts';
import type { CommandKeyView, RotationWish } from '../../../src/api/key-contract.ts';
import type {
  ImportDone,
  ImportPreview,
  SiteDetail,
  SiteRow,
  SitesResponse,
  TokenIssued,
} from '../../../src/api/site-contract.ts';
import { enc, query } from './asking.ts';
import type { Answer, Asking } from './asking.ts';

/** The head-end's HTTP API about devices, commands and sites, as whoever signed in. */
export class ApiClient {
  readonly #ask: Asking['ask'];

  constructor(asking: Asking) {
    this.#ask = (path, asked) => asking.ask(path, asked);
  }

  device = (id: string, signal?: AbortSignal): Promise<Answer<DeviceDetail>> =>
    this.#ask(`devices/${enc(id)}`, { signal });
  history = (
    id: string,
    { fromMs, toMs, points }: { fromMs: number; toMs: number; points: readonly HistoryPoint[] },
    signal?: AbortSignal,
  ): Promise<Answer<HistoryResponse>> =>
    this.#ask(
      `devices/${enc(id)}/history?${query({ fromMs: Math.round(fromMs), toMs: Math.round(toMs), points: points.join(',') })}`,
      { signal },
    );
  deviceEvents = (
    id: string,
    page: { beforeSeq?: number | undefined; limit?: number },
    signal?: AbortSignal,
  ): Promise<Answer<EventsResponse>> => this.#ask(`devices/${enc(id)}/events?${query(page)}`, { signal });
  events = (
    page: { beforeSeq?: number | undefined; limit?: number },
    signal?: AbortSignal,
  ): Promise<Answer<EventsResponse>> => this.#ask(`events?${query(page)}`, { signal });
  audit = (
    page: {
      beforeSeq?: number | undefined;
      limit?: number;
      subject?: string | undefined;
      operator?: string | undefined;
      action?: string | undefined;
      untilMs?: number | undefined;
    },
    signal?: AbortSignal,
  ): Promise<Answer<AuditResponse>> => this.#ask(`audit?${query(page)}`, { signal });
  auditHead = (signal?: AbortSignal): Promise<Answer<AuditHead>> => this.#ask('audit/head', { signal });
  auditVerification = (signal?: AbortSignal): Promise<Answer<AuditVerification>> =>
    this.#ask('audit/verification', { signal });
  verifyAudit = (): Promise<Answer<AuditVerification>> => this.#ask('audit/verification', { method: 'POST' });
  commandKeys = (signal?: AbortSignal): Promise<Answer<CommandKeyView>> => this.#ask('command-keys', { signal });
  rotateKey = (wish: RotationWish, cause: string): Promise<Answer<CommandKeyView>> =>
    this.#ask('command-keys/rotation', { method: 'POST', body: { wish, cause } });
  health = (signal?: AbortSignal): Promise<Answer<HealthResponse>> => this.#ask('health', { signal });
  commands = (
    page: { deviceId?: string; state?: 'active' | 'final'; beforeMs?: number | undefined; limit?: number },
    signal?: AbortSignal,
  ): Promise<Answer<CommandsResponse>> => this.#ask(`commands?${query(page)}`, { signal });
  command = (id: string, signal?: AbortSignal): Promise<Answer<CommandDetail>> =>
    this.#ask(`commands/${enc(id)}`, { signal });

  select = (id: string, body: SelectionRequest): Promise<Answer<SelectionView>> =>
    this.#ask(`devices/${enc(id)}/selections`, { method: 'POST', body });
  cancelSelection = (id: string): Promise<Answer<undefined>> =>
    this.#ask(`selections/${enc(id)}`, { method: 'DELETE' });
  /** With the same `key` it is the same command, however often it is sent. */
  operate = (selectionId: string, cause: string, key: string): Promise<Answer<CommandView>> =>
    this.#ask('commands', { method: 'POST', body: { selectionId, cause }, headers: { 'idempotency-key': key } });
  selectGroup = (deviceIds: readonly string[]): Promise<Answer<GroupSelectionView>> =>
    this.#ask('group-selections', { method: 'POST', body: { kind: 'disconnect', deviceIds } });
  cancelGroup = (id: string): Promise<Answer<undefined>> =>
    this.#ask(`group-selections/${enc(id)}`, { method: 'DELETE' });
  /** As `operate`, each device by a command of its own. */
  operateGroup = (selectionId: string, cause: string, key: string): Promise<Answer<GroupOutcome>> =>
    this.#ask('group-commands', { method: 'POST', body: { selectionId, cause }, headers: { 'idempotency-key': key } });
  approvals = (signal?: AbortSignal): Promise<Answer<ApprovalsResponse>> => this.#ask('approvals', { signal });
  askApproval = (selectionId: string, cause: string): Promise<Answer<ApprovalView>> =>
    this.#ask('approvals', { method: 'POST', body: { selectionId, cause } });
  decideApproval = (id: string, decision: ApprovalDecision): Promise<Answer<ApprovalView>> =>
    this.#ask(`approvals/${enc(id)}/decision`, { method: 'POST', body: decision });
  objectToRemoval = (id: string, cause: string): Promise<Answer<ApprovalView>> =>
    this.#ask(`approvals/${enc(id)}/objection`, { method: 'POST', body: { cause } });
  knowRemoval = (id: string): Promise<Answer<undefined>> => this.#ask(`approvals/${enc(id)}/known`, { method: 'POST' });
  withdrawApproval = (id: string): Promise<Answer<undefined>> =>
    this.#ask(`approvals/${enc(id)}`, { method: 'DELETE' });
  setTag = (id: string, cause: string): Promise<Answer<TagView>> =>
    this.#ask(`devices/${enc(id)}/tag`, { method: 'PUT', body: { cause } });
  liftTag = (id: string, cause: string): Promise<Answer<undefined>> =>
    this.#ask(`devices/${enc(id)}/tag`, { method: 'DELETE', body: { cause } });
  askTagRemoval = (id: string, body: TagRemovalRequest): Promise<Answer<ApprovalView>> =>
    this.#ask(`devices/${enc(id)}/tag/removal`, { method: 'POST', body });
  configure = (gatewayId: string, body: ConfigurationRequest): Promise<Answer<GatewayRow>> =>
    this.#ask(`gateways/${enc(gatewayId)}/configuration`, { method: 'PUT', body });

  sites = (search: string, signal?: AbortSignal): Promise<Answer<SitesResponse>> =>
    this.#ask(`sites?${query({ search })}`, { signal });
  site = (id: string, signal?: AbortSignal): Promise<Answer<SiteDetail>> => this.#ask(`sites/${enc(id)}`, { signal });
  putSite = (
    id: string,
    { title, area, critical, address, latitude, longitude, feeder, transformer }: Readonly<Record<string, unknown>>,
  ): Promise<Answer<SiteRow>> =>
    this.#ask(`sites/${enc(id)}`, {
      method: 'PUT',
      body: { title, area, critical, address, latitude, longitude, feeder, transformer },
    });
  retireSite = (id: string, cause: string): Promise<Answer<SiteRow>> =>
    this.#ask(`sites/${enc(id)}/retirement`, { method: 'PUT', body: { cause } });
  reinstateSite = (id: string): Promise<Answer<SiteRow>> =>
    this.#ask(`sites/${enc(id)}/retirement`, { method: 'DELETE' });
  putOrder = (id: string, body: Readonly<Record<string, unknown>>): Promise<Answer<undefined>> =>
    this.#ask(`orders/${enc(id)}`, { method: 'PUT', body });
  putContract = (id: string, body: Readonly<Record<string, unknown>>): Promise<Answer<undefined>> =>
    this.#ask(`contracts/${enc(id)}`, { method: 'PUT', body });
  issueToken = (gatewayId: string): Promise<Answer<TokenIssued>> =>
    this.#ask(`gateways/${enc(gatewayId)}/enrolment-tokens`, { method: 'POST', body: {} });
  revokeToken = (id: string): Promise<Answer<undefined>> =>
    this.#ask(`enrolment-tokens/${enc(id)}`, { method: 'DELETE' });
  revokeCertificates = (gatewayId: string, cause: string): Promise<Answer<undefined>> =>
    this.#ask(`gateways/${enc(gatewayId)}/revocation`, { method: 'POST', body: { cause } });
  previewImport = (file: Blob): Promise<Answer<ImportPreview>> =>
    this.#ask('imports/preview', { method: 'POST', file });
  /** `digest`: of the preview, so that what is done is what was shown. */
  importFile = (file: Blob, digest: string): Promise<Answer<ImportDone>> =>
    this.#ask(`imports?${query({ expect: digest })}`, { method: 'POST', file });
}

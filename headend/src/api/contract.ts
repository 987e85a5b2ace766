/**
 * What the HTTP API and the live stream speak, as types alone: the console imports nothing else of the head-end.
 * Times are milliseconds since 1970 on the head-end's clock, unless a name says otherwise. A field that is absent is unknown;
 * it is never 0, open or safe. Errors of every route, 404 and refused input included, are `ErrorBody`.
 *
 *     GET    /api/fleet                             FleetResponse
 *     GET    /api/devices/:id                       DeviceDetail                  (`id` is FleetRow.id)
 *     GET    /api/devices/:id/history               HistoryResponse               ?fromMs&toMs&points=activePowerW,currentA
 *     GET    /api/devices/:id/events                EventsResponse                ?beforeSeq&limit
 *     POST   /api/devices/:id/selections            SelectionView   201           SelectionRequest
 *     DELETE /api/selections/:id                    204
 *     POST   /api/commands                          CommandView     202           OperateRequest, header Idempotency-Key
 *     GET    /api/commands                          CommandsResponse              ?deviceId&state=active|final&beforeMs&limit
 *     GET    /api/commands/:id                      CommandDetail
 *     PUT    /api/devices/:id/tag                   TagView                       TagRequest
 *     DELETE /api/devices/:id/tag                   204                           { cause? }
 *     GET    /api/events                            EventsResponse                ?beforeSeq&limit
 *     GET    /api/audit                             AuditResponse                 ?beforeSeq&limit&subject&operator
 *     GET    /api/audit/head                        AuditHead
 *     POST   /api/audit/verification                AuditVerification 202         GET: what it found, or how far it is
 *     GET    /api/exports/audit.jsonl               application/jsonl: all of the audit, chained by hashes
 *     GET    /api/gateways                          GatewaysResponse
 *     PUT    /api/gateways/:id/configuration        GatewayRow                    ConfigurationRequest
 *     GET    /api/health                            HealthResponse
 *     GET    /api/stream                            text/event-stream of StreamFrame
 *     GET    /api/openapi.json, GET /metrics
 *     sites, orders, contracts, imports, reports: `site-contract.ts`; people, roles, tokens: `operator-contract.ts`;
 *     commands that take two operators, and many devices in one go: `approval-contract.ts`
 *     the network, its loads, reads, fleet modes: `network-contract.ts`, `load-contract.ts`, `key-contract.ts`, `read-contract.ts`, `mode-contract.ts`
 *     intervals of meters, with their gaps, edits and estimates: `interval-contract.ts`
 *
 * Whoever calls has proven who they are: `operator-contract.ts`. Rows of areas that the caller does not see are left out everywhere.
 */
import type {
  AlarmCode,
  Capability,
  CommandKind,
  CommandParameters,
  CommandState,
  DeviceBirth,
  DeviceConfiguration,
  DeviceKind,
  GatewayBirth,
  Liveness,
  Measurement,
  NumberPoint,
  ParameterName,
  Reason,
  TimeQuality,
  Verdict,
  WordOf,
} from '@tiepoint/protocol';
import type { EventRow } from './event-contract.ts';
import type { ApprovalNeed, ApprovalView } from './approval-contract.ts';
import type { CertificateView, FileFault, RevokedView } from './site-contract.ts';

export type { AuditHead, AuditResponse, AuditRow, AuditVerification } from './audit-contract.ts';

/** Reasons of the API itself, beside those of the protocol. */
export type { EventRow, EventsResponse } from './event-contract.ts';

export type ApiReason =
  | Reason
  | 'not-found'
  | 'conflict'
  | 'too-many'
  | 'internal'
  | 'stopping'
  | 'unauthenticated'
  | 'code-needed'
  | 'sign-in-unfinished'
  | 'sign-in-again'
  | 'foreign-page'
  | 'approval-needed'
  | 'token';
/** `path`: where in the request, e.g. `body.kind`. `faults`: of a file, with their lines. */
export type ErrorBody = {
  error: { reason: ApiReason; say: string; path?: string; faults?: readonly FileFault[] };
};

/**
 * One device in the fleet table; flat, so that a delta is the same shape. `stale`: the values are the last known, not what is
 * so now (liveness is not `live`): show them so, with `measuredAtMs`.
 */
export type FleetRow = {
  /** `<gatewayId>.<deviceId>`: unique in the fleet, safe in a URL. */
  id: string;
  gatewayId: string;
  deviceId: string;
  title: string;
  kind: DeviceKind;
  capabilities: readonly Capability[];
  profile: string;
  readOnly: boolean;
  ratedPowerW?: number;
  /** FleetRow.id of the meter whose service switch disconnects this AAS. */
  switchedBy?: string;
  liveness: Liveness;
  stale: boolean;
  /** When the head-end received the values shown. Absent: none yet. */
  measuredAtMs?: number;
  /** How good the clock of its gateway was with the values shown. */
  timeQuality?: TimeQuality;
  /** Why it is not reporting, where its gateway told. */
  deathCause?: string;
  health?: WordOf<'health'>;
  alarms?: readonly AlarmCode[];
  operatingState?: WordOf<'operatingState'>;
  /** Generation positive at an AAS, import positive at a meter. */
  activePowerW?: number;
  currentA?: number;
  voltageV?: number;
  frequencyHz?: number;
  stateOfChargePct?: number;
  availableCapacityPct?: number;
  availableCurrentA?: number;
  holdTimeS?: number;
  switchState?: WordOf<'switchState'>;
  breakerState?: WordOf<'breakerState'>;
  connection?: WordOf<'connection'>;
  loadSideVoltage?: WordOf<'loadSideVoltage'>;
  control?: WordOf<'control'>;
  synchroniser?: WordOf<'synchroniser'>;
  relay1?: WordOf<'relay1'>;
  relay2?: WordOf<'relay2'>;
  relay3?: WordOf<'relay3'>;
  relay4?: WordOf<'relay4'>;
  tagOwner?: string;
  tagCause?: string;
  /** The command under way here, also one meant for an AAS that this meter's switch carries out. */
  activeCommandId?: string;
  activeCommandKind?: CommandKind;
  activeCommandState?: CommandState;
  /**
   * A command that ended `unconfirmed` here: nobody knows whether it acted. Goes when a later command here is confirmed, or
   * somebody tags the device.
   */
  unconfirmedCommandId?: string;
  unconfirmedKind?: CommandKind;
};

/** Only what changed; `null`: no longer known. */
export type FleetRowDelta = { id: string } & { [K in Exclude<keyof FleetRow, 'id'>]?: FleetRow[K] | null };

export type FleetResponse = { atMs: number; rows: readonly FleetRow[] };

/** A status as it came, without its stamp. */
export type StatusPoint = { point: string; value?: number; unit?: string; word?: string; words?: readonly string[] };

export type RouteView = { deviceId: string; id: string; by: 'own-equipment' | 'meter-switch'; say: string };

/** A button: what it is called, what it needs, whether it may be pressed now and, if not, why. */
export type CommandOffer = {
  kind: CommandKind;
  title: string;
  parameters: readonly ParameterName[];
  energises: boolean;
  /** In words, what must be measured before it is called confirmed. */
  proof: string;
  may: Verdict;
  route?: RouteView;
};

export type TagView = { owner: string; cause: string; sinceMs: number };
export type TagRequest = { cause: string };

export type DeviceDetail = {
  row: FleetRow;
  birth?: Omit<DeviceBirth, 'nextSeq'>;
  bornAtMs?: number;
  /** All that the last status told; `row.stale` holds for it, too. */
  status: readonly StatusPoint[];
  /** On the gateway's own clock. Absent: that is more than a day ahead, `row.measuredAtMs` tells when it was received. */
  statusTimeMs?: number;
  timeQuality?: TimeQuality;
  commands: readonly CommandOffer[];
  tag?: TagView;
  /** May who asks set a tag here, and lift one of their own? */
  mayTag: Verdict;
  /** Where somebody tagged it: may who asks be one of the two who remove the tag of somebody who is away? */
  mayRemoveTag?: Verdict;
  activeCommand?: CommandView;
  line: LineView;
};

/** How the messages of a device came in, since the head-end started. */
export type LineView = {
  session?: number;
  seq?: number;
  expectedEveryMs?: number;
  statuses: number;
  events: number;
  lostMessages: number;
  duplicates: number;
  outOfOrder: number;
  ofOtherSessions: number;
  missedCycles?: number;
};

export type SelectionRequest = { kind: CommandKind; parameters?: CommandParameters };

/** What was selected, and what operating it will do. It can be operated until `expiresAtMs`, by the same operator only. */
export type SelectionView = {
  id: string;
  /** FleetRow.id of the device that the command is meant for. */
  targetId: string;
  kind: CommandKind;
  title: string;
  parameters: CommandParameters;
  operator: string;
  selectedAtMs: number;
  expiresAtMs: number;
  route: RouteView;
  impact: { say: readonly string[] };
  proof: string;
  verdict: Verdict;
  /** Whether it takes a second operator: then it is not operated, but asked for. */
  approval: ApprovalNeed;
};

export type OperateRequest = { selectionId: string; cause?: string };

export type CommandView = {
  id: string;
  targetId: string;
  targetTitle: string;
  kind: CommandKind;
  title: string;
  parameters: CommandParameters;
  route: RouteView;
  state: CommandState;
  final: boolean;
  operator: string;
  /** The second operator, where the command took two. */
  approver?: string;
  cause?: string;
  requestedAtMs: number;
  sentAtMs?: number;
  expiresAtMs: number;
  updatedAtMs: number;
  reason?: Reason;
  say?: string;
  measured: readonly Measurement[];
  deviceMs?: number;
};

export type TransitionView = {
  ordinal: number;
  state: CommandState;
  /** When the head-end recorded it. */
  atMs: number;
  /** The agent's own time of it. */
  agentTimeMs?: number;
  by: 'operator' | 'head-end' | 'agent';
  reason?: Reason;
  say?: string;
  measured: readonly Measurement[];
  deviceMs?: number;
};

export type CommandDetail = CommandView & { transitions: readonly TransitionView[] };
export type CommandsResponse = { commands: readonly CommandView[] };

/**
 * Columns for a plot, times ascending. `raw`: single values in `mean`, without min and max. null: nothing known then.
 * Times are of the bucket's start.
 */
export type HistoryResponse = {
  id: string;
  fromMs: number;
  toMs: number;
  resolution: 'raw' | 'minute' | 'quarter-hour';
  stepMs?: number;
  timesMs: readonly number[];
  points: readonly HistoryColumn[];
  /** More was there than is given: ask for a shorter time. */
  truncated: boolean;
};
export type HistoryPoint = NumberPoint | 'availableCapacityPct' | 'availableCurrentA' | 'holdTimeS';
export type HistoryColumn = {
  point: HistoryPoint;
  unit: string;
  mean: readonly (number | null)[];
  min?: readonly (number | null)[];
  max?: readonly (number | null)[];
};

export type GatewayRow = {
  id: string;
  title: string;
  /** Of the site at which it stands. */
  area?: string;
  state: 'online' | 'offline' | 'never';
  /** The last birth. */
  birth?: GatewayBirth;
  bornAtMs?: number;
  diedAtMs?: number;
  /** As its death told; `silent`: it left without a word and does not answer. */
  deathCause?: string;
  /** Its clock against the head-end's, seen at birth: positive is ahead. The way is in it. */
  clockOffsetMs?: number;
  deviceIds: readonly string[];
  /** Of `deviceIds`: those that never introduced themselves, so that the fleet has no row of them. `say`: why, as told. */
  missing: readonly { deviceId: string; say?: string }[];
  /** What it proves itself with. */
  certificate?: CertificateView;
  /** Why its certificates were revoked, where they were. */
  revoked?: RevokedView;
  /** `pending`: it does not have the tags as they are now. It takes no command before it has heard any. */
  tags: 'told' | 'pending';
  configuration: {
    state: 'none' | 'pending' | 'applied';
    wantedRevision?: number;
    appliedRevision?: number;
    devices: readonly DeviceConfiguration[];
  };
};
export type GatewaysResponse = { gateways: readonly GatewayRow[] };
export type ConfigurationRequest = { devices: readonly DeviceConfiguration[]; cause?: string };

export type HealthResponse = {
  state: 'ok' | 'degraded';
  /** All that is not well. */
  say: readonly string[];
  /** What of it is so with the head-end itself, its disk and its backups. */
  conditions: readonly string[];
  version: string;
  startedAtMs: number;
  atMs: number;
  broker: 'up' | 'down';
  gateways: { online: number; offline: number; never: number };
  devices: Record<Liveness, number>;
  activeCommands: number;
};

/**
 * One `data:` of the stream (unnamed SSE events). After connecting: a `snapshot`, or, with a Last-Event-ID that is still
 * remembered, what was missed. Then `delta` at most once a second, `command` at once, `heartbeat` every 5 s (without id).
 * After `goodbye` the server ends the connection; connect again.
 */
export type StreamFrame =
  | {
      type: 'snapshot';
      atMs: number;
      rows: readonly FleetRow[];
      gateways: readonly GatewayRow[];
      /** Those under way, and the latest finished ones, newest first, 100 at most. */
      commands: readonly CommandView[];
      /** Newest first, 100 at most. */
      events: readonly EventRow[];
      broker: 'up' | 'down';
      /** Those awaiting a second operator, and the latest decided ones, newest first. */
      approvals: readonly ApprovalView[];
    }
  | {
      type: 'delta';
      atMs: number;
      /** New devices come with all their fields. */
      rows: readonly FleetRowDelta[];
      /** FleetRow.id of devices that their gateway no longer carries. */
      removed: readonly string[];
      gateways: readonly GatewayRow[];
      /** Oldest first. */
      events: readonly EventRow[];
      /** Events beyond what a frame carries: fetch them if wanted. */
      eventsLeftOut: number;
      broker: 'up' | 'down';
    }
  | { type: 'command'; atMs: number; command: CommandView; transition: TransitionView }
  | { type: 'approval'; atMs: number; approval: ApprovalView }
  | { type: 'heartbeat'; atMs: number }
  | { type: 'goodbye'; atMs: number; reason: 'slow' | 'stopping' | 'signed-out' | 'rights-changed'; say: string };

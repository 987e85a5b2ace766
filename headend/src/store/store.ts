import type {
  CommandKind,
  CommandParameters,
  CommandState,
  DeviceBirth,
  DeviceConfiguration,
  DeviceEvent,
  GatewayBirth,
  Measurement,
  Reason,
  Result,
  Status,
  FleetModeName,
} from '@tiepoint/protocol';
import type { ChainHead, HashedRow } from './audit-chain.ts';
import type { HistoryPoint } from './history-points.ts';
import type { PeopleStore } from './people-store.ts';
import type { NetworkStore } from './network-store.ts';
import type { ProvisioningStore } from './provisioning-store.ts';

/**
 * What the head-end keeps. One implementation (`sqlite-store.ts`) and a conformance suite (`operations-conformance.test.ts`, `telemetry-conformance.test.ts`) that
 * another must pass. All calls are synchronous: what a write returns is on disk as far as its part of the store promises.
 * A device is named by its key, `<gateway>.<device>`.
 */
export interface Store {
  /** Opens or creates. Throws an Error whose message says what is wrong, where, and what to do. */
  start(): void;
  stop(): void;
  /** Asks a disk that took no writes whether it takes them again, so that it is not told to be full until somebody tries something. */
  lookAgain(): void;
  readonly operations: OperationsStore;
  readonly telemetry: TelemetryStore;
  readonly provisioning: ProvisioningStore;
  readonly people: PeopleStore;
  readonly network: NetworkStore;
}

export type NotRecorded = Result<void, 'not-recorded'>;

/** Commands, tags, configuration and audit: on the disk itself before the call returns. */
export interface OperationsStore {
  /** The command, its newest transition and the audit of it: all or nothing. */
  recordStep(command: CommandRecord, transition: TransitionRecord, audit: AuditEntry): NotRecorded;
  /** Takes the next number for commands to this device: above every earlier one, and not below `atLeast`. */
  nextCommandSeq(deviceKey: string, atLeast: number): Result<number, 'not-recorded'>;
  command(id: string): CommandRecord | undefined;
  commandByIdempotencyKey(operator: string, key: string): CommandRecord | undefined;
  transitions(commandId: string): readonly TransitionRecord[];
  unfinishedCommands(): readonly CommandRecord[];
  /** Devices that any command ever ended `unconfirmed` at: meant for them, or carried out by them. */
  unconfirmedKeys(): readonly string[];
  /**
   * The command that left this device in doubt: it ended `unconfirmed`, no later command was confirmed there, and nobody has
   * set a tag since.
   */
  unconfirmedAt(deviceKey: string): CommandRecord | undefined;
  /** Newest first. `deviceKey` finds commands meant for it and those that it carried out. */
  commands(query: CommandQuery): readonly CommandRecord[];

  appendAudit(entry: AuditEntry): NotRecorded;
  /** Newest first. */
  audit(query: AuditQuery): readonly AuditRecord[];
  /** Oldest first, with the hashes that chain them (`audit-chain.ts`). */
  auditAfter(seq: number, limit: number): readonly HashedRow[];
  /** The last row; seq 0 while there is none. */
  auditHead(): ChainHead;
  /** The highest number that was ever given to a row: above the head where the end was cut off. */
  auditTaken(): number;

  tags(): readonly Tag[];
  setTag(tag: Tag, audit: AuditEntry): NotRecorded;
  /** `removal`: by two others, which its owner is to know. */
  liftTag(deviceKey: string, audit: AuditEntry, removal?: TagRemoval): NotRecorded;
  /** Those that their owners have not said to know yet, oldest first. */
  tagRemovals(): readonly TagRemoval[];
  /** Its owner knows. */
  forgetTagRemoval(id: string, audit: AuditEntry): NotRecorded;

  fleetModes(): readonly FleetModeOrder[];
  /** Written anew where there is one of that id. */
  putFleetMode(order: FleetModeOrder, audit: AuditEntry): NotRecorded;

  configurations(): readonly WantedConfiguration[];
  setConfiguration(wanted: WantedConfiguration, audit: AuditEntry): NotRecorded;
}

/** What comes from the field, written in batches: after a power cut the last second may be missing, never torn. */
export interface TelemetryStore {
  write(batch: TelemetryBatch): Result<BatchCounts, 'not-recorded'>;
  gateways(): readonly GatewayRecord[];
  devices(): readonly DeviceRecord[];
  /** Newest first. */
  events(query: EventQuery): readonly EventRecord[];
  history(query: HistoryQuery): HistoryRows;
  /**
   * Works on the roll-up of closed minutes for at most `maxDevices` devices, and forgets what is past its time.
   * True: there is more to do now.
   */
  rollUp(nowMs: number, maxDevices: number): boolean;
}

export type CommandRecord = {
  id: string;
  targetKey: string;
  routeKey: string;
  routeBy: 'own-equipment' | 'meter-switch';
  routeSay: string;
  kind: CommandKind;
  parameters: CommandParameters;
  operator: string;
  identity: Acting['identity'];
  /** The second operator, where the command takes two. */
  approver?: string;
  cause?: string;
  selectionId: string;
  idempotencyKey?: string;
  seq: number;
  requestedAtMs: number;
  expiresAtMs: number;
  sentAtMs?: number;
  updatedAtMs: number;
  state: CommandState;
  reason?: Reason;
  say?: string;
  measured: readonly Measurement[];
  deviceMs?: number;
  /** The newest of the agent's words that was taken. */
  agentOrdinal?: number;
  /** Transitions so far. */
  transitions: number;
};

export type TransitionRecord = {
  commandId: string;
  ordinal: number;
  state: CommandState;
  atMs: number;
  agentTimeMs?: number;
  by: 'operator' | 'head-end' | 'agent';
  reason?: Reason;
  say?: string;
  measured: readonly Measurement[];
  deviceMs?: number;
};

export type CommandQuery = { deviceKey?: string; active?: boolean; beforeMs?: number; limit: number };

export const auditActions = [
  'select',
  'select-refused',
  'cancel-selection',
  'cancel-refused',
  'operate',
  'operate-refused',
  'command-transition',
  'tag-set',
  'tag-lifted',
  'tag-removed',
  'tag-refused',
  'tag-removal-known',
  'configuration-set',
  'site-set',
  'site-removed',
  'site-state',
  'order-set',
  'order-removed',
  'contract-set',
  'contract-removed',
  'profile-set',
  'profile-removed',
  'import',
  'token-issued',
  'token-revoked',
  'certificate-renewed',
  'certificate-revoked',
  'certificate-retired',
  'enrolled',
  'enrolment-refused',
  'report-received',
  'signed-in',
  'sign-in-refused',
  'access-refused',
  'signed-out',
  'locked-out',
  'password-changed',
  'second-factor-set',
  'second-factor-removed',
  'account-made',
  'account-changed',
  'account-reset',
  'bearer-token-issued',
  'bearer-token-revoked',
  'approval-asked',
  'approval-given',
  'approval-refused',
  'approval-over',
  'started',
  'stopped',
  'set-aside',
  'backed-up',
  'backup-failed',
  'command-key',
  'keys-anew',
  'audit-verified',
  'network-edited',
  'switch-recorded',
  'intervals-edited',
  'interval-edit-taken-back',
  'intervals-estimated',
  'intervals-imported',
  'intervals-forgotten',
  'retention-set',
  'mode-ordered',
  'mode-ended',
] as const;
export type AuditAction = (typeof auditActions)[number];

/** Who is meant by `who`: a person's account, a program's token, the head-end itself, a gateway's word. */
export type AuditIdentity = 'account' | 'token' | 'system' | 'agent';

/** Who does something: proven, by an account's session or a token of it. */
export type Acting = { readonly operator: string; readonly identity: 'account' | 'token' };

export type AuditEntry = {
  atMs: number;
  who: string;
  identity: AuditIdentity;
  action: AuditAction;
  subject?: string;
  commandId?: string;
  why?: string;
  say: string;
};
export type AuditRecord = AuditEntry & { seq: number };
export type AuditQuery = {
  beforeSeq?: number;
  untilMs?: number;
  subject?: string;
  who?: string;
  action?: AuditAction;
  limit: number;
};

export type Tag = { deviceKey: string; owner: string; cause: string; sinceMs: number };

/** Of the tag of somebody who was away, by two others. */
export type TagRemoval = {
  readonly id: string;
  readonly tag: Tag;
  readonly acting: Acting;
  readonly requestedAtMs: number;
  readonly cause: string;
  readonly approver: string;
  readonly approvedAtMs: number;
  /** The words of the second. */
  readonly say?: string;
};

/** Storm or safe, for the gateways of some areas, from an instant to another. */
export type FleetModeOrder = {
  readonly id: string;
  readonly mode: Exclude<FleetModeName, 'normal'>;
  readonly areas: 'all' | readonly string[];
  readonly fromMs: number;
  readonly untilMs: number;
  readonly operator: string;
  readonly cause: string;
  /** Before its time. */
  readonly ended?: { readonly atMs: number; readonly by: string };
};

export type WantedConfiguration = {
  gatewayId: string;
  revision: number;
  devices: readonly DeviceConfiguration[];
  setAtMs: number;
  setBy: string;
};

export type GatewayRecord = {
  gatewayId: string;
  birth: GatewayBirth;
  bornAtMs: number;
  diedAtMs?: number;
  deathCause?: string;
};

export type DeviceRecord = {
  deviceKey: string;
  birth: DeviceBirth;
  bornAtMs: number;
  lastStatus?: { status: Status; receivedAtMs: number };
};

export type EventEntry = {
  atMs: number;
  deviceTimeMs?: number;
  /** Absent: of the head-end itself. */
  gatewayId?: string;
  deviceKey?: string;
  source: 'device' | 'head-end';
  kind: string;
  late: boolean;
  say: string;
  /** The device's own event: told twice with the same session and sequence, it is kept once. */
  detail?: DeviceEvent;
};
export type EventRecord = EventEntry & { seq: number };
export type EventQuery = { deviceKey?: string; beforeSeq?: number; limit: number };

/** `atMs`: when it was measured, as well as anyone knows. Kept once for each (device, session, seq). */
export type Sample = { deviceKey: string; atMs: number; status: Status };

export type TelemetryBatch = {
  gateways: readonly GatewayRecord[];
  devices: readonly Omit<DeviceRecord, 'lastStatus'>[];
  removedDevices: readonly string[];
  lastStatuses: readonly { deviceKey: string; status: Status; receivedAtMs: number }[];
  events: readonly EventEntry[];
  samples: readonly Sample[];
};

/** `known`: were there before. `tooOld`: from before all that is kept. `events`: those new, with their numbers. */
export type BatchCounts = { samples: number; known: number; tooOld: number; events: readonly EventRecord[] };

export type HistoryQuery = {
  deviceKey: string;
  fromMs: number;
  toMs: number;
  points: readonly HistoryPoint[];
  nowMs: number;
  maxRows: number;
};
export type HistoryValue = { n: number; min: number; max: number; mean: number };
/** `values` stand in the order of the points asked for. Rows ascend in time. */
export type HistoryRow = { atMs: number; values: readonly (HistoryValue | undefined)[] };
export type HistoryRows = {
  resolution: 'raw' | 'minute' | 'quarter-hour';
  stepMs?: number;
  rows: readonly HistoryRow[];
  truncated: boolean;
};

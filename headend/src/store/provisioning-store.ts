import type { Contract, OrderedDevice, Site } from '@tiepoint/protocol/field';
import type { AuditEntry, NotRecorded } from './store.ts';

/**
 * Sites, what was ordered for them, contracts, identities of gateways and commissioning: on the disk itself before a call returns.
 * All but reports are few and small, so they are read whole at the start.
 */
export interface ProvisioningStore {
  all<K extends ProvisioningKind>(kind: K): readonly ProvisioningRecords[K][];
  /** All changes with their audit, or nothing. */
  change(changes: readonly ProvisioningChange[], audit: readonly AuditEntry[]): NotRecorded;
  /** Newest first. */
  reports(query: { siteId?: string; limit: number }): readonly ReportRecord[];
  report(id: string): ReportRecord | undefined;
  /** What was sent, unchanged: the JSON of the report and its page. Undefined: not there, or damaged. */
  reportText(id: string, part: ReportPart): string | undefined;
  /** Keeps both texts, then the record with the changes that come with it. The same id again is refused by the caller. */
  addReport(
    record: ReportRecord,
    texts: Readonly<Record<ReportPart, string>>,
    changes: readonly ProvisioningChange[],
    audit: readonly AuditEntry[],
  ): NotRecorded;
}

export type ReportPart = 'json' | 'html';

export type ProvisioningRecords = {
  site: SiteRecord;
  device: DeviceOrder;
  contract: ContractRecord;
  identity: GatewayIdentity;
  certificate: CertificateRecord;
  acceptance: Acceptance;
  token: TokenRecord;
  profile: ProfileFile;
};
export type ProvisioningKind = keyof ProvisioningRecords;
/** Without a record: it is removed. */
export type ProvisioningChange = {
  [K in ProvisioningKind]: { kind: K; id: string; record: ProvisioningRecords[K] | undefined };
}[ProvisioningKind];

export type SiteRecord = Site & {
  readonly retired?: { readonly atMs: number; readonly by: string; readonly cause: string };
};

/** What was ordered for a place on a gateway. `key`: the device's in the fleet. */
export type DeviceOrder = OrderedDevice & { readonly key: string; readonly siteId: string; readonly gatewayId: string };

export type ContractRecord = Contract & { readonly deviceKey: string };

/** That a gateway was enrolled. `revoked`: all its certificates were, and it has to be enrolled again. */
export type GatewayIdentity = {
  readonly gatewayId: string;
  readonly enrolledAtMs: number;
  readonly enrolledBy: string;
  readonly configurationHash: string;
  readonly revoked?: { readonly atMs: number; readonly by: string; readonly cause: string };
};

/** A certificate that was issued to a gateway. One that is not here is good for nothing, whoever signed it. */
export type CertificateRecord = {
  /** Lower case hexadecimal. */
  readonly serial: string;
  readonly gatewayId: string;
  readonly issuedAtMs: number;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly by: 'enrolment' | 'renewal';
  /** `keyId` of the authority that signed it; absent in records of versions that did not keep it. */
  readonly authority?: string;
  /** The serial of the one that was renewed: it ends when this one is shown. */
  readonly replaces?: string;
  readonly revoked?: { readonly atMs: number; readonly cause: string };
};

/** By which report a gateway went into service, and what held then. `fallen`: what has changed since. */
export type Acceptance = {
  readonly gatewayId: string;
  /** Where it was commissioned; absent in records of versions that did not keep it. */
  readonly siteId?: string;
  readonly reportId: string;
  readonly acceptedAtMs: number;
  readonly emulated: boolean;
  readonly configurationHash: string;
  readonly devices: readonly {
    readonly deviceId: string;
    readonly profile: string;
    readonly profileHash: string;
    readonly serialNumber?: string | undefined;
  }[];
  readonly fallen?: { readonly atMs: number; readonly say: string };
};

export type TokenRecord = {
  readonly id: string;
  readonly tokenHash: string;
  readonly gatewayId: string;
  readonly issuedAtMs: number;
  readonly issuedBy: string;
  readonly expiresAtMs: number;
  readonly used?: { readonly atMs: number; readonly by: string };
  readonly revoked?: { readonly atMs: number; readonly by: string };
};

/** A technician's own profile, given to the gateways whose devices name it. `fileName` is `<name>.yaml` or `.json`. */
export type ProfileFile = {
  readonly name: string;
  readonly fileName: string;
  readonly text: string;
  readonly setAtMs: number;
  readonly setBy: string;
};

export type ReportRecord = {
  readonly id: string;
  readonly siteId: string;
  readonly gatewayId: string;
  readonly receivedAtMs: number;
  readonly finishedAtMs: number;
  readonly technician: string;
  readonly verdict: string;
  readonly emulated: boolean;
  readonly accepted: boolean;
  readonly say: string;
  readonly against: readonly string[];
  readonly sha256: Readonly<Record<ReportPart, string>>;
  readonly bytes: number;
};

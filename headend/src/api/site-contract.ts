/**
 * What the HTTP API speaks about sites, as types alone; a part of `contract.ts`.
 *
 *     GET    /api/sites                             SitesResponse                 ?search&limit
 *     GET    /api/sites/:id                         SiteDetail
 *     PUT    /api/sites/:id                         SiteRow                       SiteRequest
 *     DELETE /api/sites/:id                         204
 *     PUT    /api/sites/:id/retirement              SiteRow                       { cause }
 *     DELETE /api/sites/:id/retirement              SiteRow
 *     PUT    /api/orders/:id                        204                           OrderRequest        (`id` is FleetRow.id)
 *     DELETE /api/orders/:id                        204
 *     PUT    /api/contracts/:id                     204                           ContractRequest
 *     DELETE /api/contracts/:id                     204
 *     POST   /api/imports/preview                   ImportPreview                 text/csv
 *     POST   /api/imports                           ImportDone                    text/csv, ?expect=<digest of a preview>
 *     GET    /api/exports/sites.csv                 text/csv: all that is entered
 *     POST   /api/gateways/:id/enrolment-tokens     TokenIssued  201              { validHours? }
 *     DELETE /api/enrolment-tokens/:id              204
 *     POST   /api/gateways/:id/revocation           204                           { cause }
 *     GET    /api/reports/:id                       the report as it came         ?download=true
 *     GET    /api/reports/:id/page                  its page, for people          ?download=true
 *     GET    /api/profiles                          ProfilesResponse
 *     PUT    /api/profiles/:name                    204                           { fileName, text }
 *     DELETE /api/profiles/:name                    204
 *
 * Gateways and technicians speak at `/field/v1`: `protocol/src/field`.
 */
import type { Liveness } from '@tiepoint/protocol';
import type { Contract, OrderedDevice, Site, SiteState } from '@tiepoint/protocol/field';

/** `missing`: why it is not in service, the next thing to do first; empty when it is. */
export type SiteRow = Site & {
  state: SiteState;
  missing: readonly string[];
  gateways: number;
  devices: number;
  devicesBorn: number;
  /** AAS that nobody may command, for they have no contract in force. */
  withoutContract: readonly string[];
  /** In service by a report of emulated devices: for demonstration alone. */
  emulated: boolean;
  retiredCause?: string;
};
/** Those that need something first. `total`: all that are entered; `found`: of these, those that fit the search. */
export type SitesResponse = { sites: readonly SiteRow[]; total: number; found: number; demonstration: boolean };
export type SiteRequest = Omit<Site, 'id'>;

export type SiteDetail = {
  site: SiteRow;
  gateways: readonly SiteGateway[];
  devices: readonly SiteDevice[];
  /** Newest first, 100 at most. */
  reports: readonly ReportView[];
  demonstration: boolean;
  /** A revocation ends connections there at the next start of the broker alone. */
  brokerOutside: boolean;
  /** For the line that a technician copies. */
  enrolUrl: string;
};

export type SiteGateway = {
  id: string;
  title: string;
  online: boolean;
  /** `revoked`: it was enrolled once, and has to be enrolled again. */
  identity: 'none' | 'enrolled' | 'revoked';
  /** The newest that was issued, and not revoked. */
  certificate?: CertificateView;
  /** Why its certificates were revoked, where they were. */
  revoked?: RevokedView;
  enrolledAtMs?: number;
  enrolledBy?: string;
  bornAtMs?: number;
  configurationHash?: string;
  acceptance?: {
    reportId: string;
    acceptedAtMs: number;
    emulated: boolean;
    fallen?: { atMs: number; say: string };
  };
  tokens: readonly TokenView[];
};

/** `serial`: lower case hexadecimal. */
export type CertificateView = { serial: string; notAfterMs: number; by: 'enrolment' | 'renewal' };

export type RevokedView = { atMs: number; by: string; cause: string };

export type TokenView = {
  id: string;
  gatewayId: string;
  state: 'open' | 'used' | 'revoked' | 'expired';
  issuedAtMs: number;
  issuedBy: string;
  expiresAtMs: number;
  overAtMs?: number;
  overBy?: string;
};
/** `token` is told this once. `line`: what the technician runs on the gateway. */
export type TokenIssued = TokenView & { token: string; line: string };

export type SiteDevice = {
  /** FleetRow.id */
  id: string;
  gatewayId: string;
  ordered: OrderedDevice;
  /** As it introduced itself; absent: it has not. */
  born?: {
    bornAtMs: number;
    kind: string;
    profile: string;
    profileHash: string;
    manufacturer?: string;
    model?: string;
    serialNumber?: string;
    ratedPowerW?: number;
    ratedCurrentA?: number;
  };
  liveness: Liveness;
  /** Where what was born is not what was ordered. `stands`: it keeps the site out of service. */
  differences: readonly { stands: boolean; say: string }[];
  contracts: readonly (Contract & { inForce: boolean })[];
};

export type ReportView = {
  id: string;
  gatewayId: string;
  receivedAtMs: number;
  finishedAtMs: number;
  technician: string;
  verdict: string;
  emulated: boolean;
  accepted: boolean;
  say: string;
  bytes: number;
};

export type OrderRequest = Omit<OrderedDevice, 'deviceId'> & { siteId: string };
/** `deviceId`: FleetRow.id of the device. */
export type ContractRequest = Omit<Contract, 'id'> & { deviceId: string };

/** One thing wrong with a file: `line` from 1, the heading included; `column` as the file calls it. */
/** `file`: where there are several. Without `line` it is of the whole. */
export type FileFault = { file?: string; line?: number; row?: number; column?: string; say: string };
export type ImportedRecord = {
  kind: 'site' | 'device' | 'contract';
  id: string;
  line: number;
  change: 'new' | 'changed' | 'same';
  fields: readonly { column: string; from?: string; to?: string }[];
};
export type ImportPreview =
  | { ok: true; records: readonly ImportedRecord[]; digest: string; warnings: readonly string[] }
  | { ok: false; faults: readonly FileFault[]; /** Beyond those told. */ more: number };
export type ImportDone = Extract<ImportPreview, { ok: true }>;

export type ProfileView = { name: string; fileName: string; bytes: number; setAtMs: number; setBy: string };
export type ProfilesResponse = { profiles: readonly ProfileView[] };

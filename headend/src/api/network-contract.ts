import type { CircuitDiagram, NetworkSummary } from '../network/circuit-diagram.ts';
import type { FeatureCollection } from '../network/geojson/export-geojson.ts';
import type { Finding } from '../network/model/finding.ts';
import type { FileFinding } from './interval-contract.ts';

/** As of an instant. `revision`: another number means another network. */
export type NetworkResponse = NetworkSummary & {
  readonly atMs: number;
  readonly revision: number;
  /** From when on a network is known; before it there are no circuits. Undefined: none was ever told. */
  readonly firstMs?: number;
};
export type CircuitResponse = CircuitDiagram & { readonly atMs: number; readonly revision: number };
export type NetworkMapResponse = FeatureCollection;
export type NetworkFindingsResponse = {
  readonly errors: number;
  readonly findings: readonly Pick<Finding, 'severity' | 'code' | 'say' | 'elements'>[];
};
/** A switch that was operated by hand, or by another system: what is told here moves nothing. */
export type SwitchRecordRequest = {
  readonly open: boolean;
  /** Unless given, now; never in the future. */
  readonly atMs?: number;
  readonly phases?: readonly ('A' | 'B' | 'C')[];
  readonly cause: string;
};
export type SwitchRecordResponse = { readonly id: string; readonly state: 'open' | 'closed' | 'partly' };
/**
 * `POST /api/network/imports` takes a form (multipart/form-data) of files: `network` (OpenDSS or CIM RDF/XML), each other script or table that it
 * names as `include`, and CSV of `customers` and `meters`; 64 MB and 200 files at most. What is found wrong is told by file and line. How far it is:
 * `GET /api/network/imports`, an `ImportsResponse`.
 */
export type NetworkImportResponse = { readonly say: string; readonly findings: readonly FileFinding[] };

import type { CircuitDiagram, NetworkSummary } from '../network/circuit-diagram.ts';
import type { FeatureCollection } from '../network/geojson/export-geojson.ts';
import type { Finding } from '../network/model/finding.ts';

/** As of an instant. `revision`: another number means another network. */
export type NetworkResponse = NetworkSummary & { readonly atMs: number; readonly revision: number };
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

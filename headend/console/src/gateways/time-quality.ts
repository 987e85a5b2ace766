import type { FleetRow } from '../../../src/api/contract.ts';

/** How good a gateway's clock is by the latest of its devices' reports; its own birth comes before it could ask anyone. */
export function latestTimeQuality(
  rows: readonly Pick<FleetRow, 'measuredAtMs' | 'timeQuality'>[],
): FleetRow['timeQuality'] {
  const [latest] = rows.toSorted((a, b) => (b.measuredAtMs ?? 0) - (a.measuredAtMs ?? 0));
  return latest?.timeQuality === 'unknown' ? undefined : latest?.timeQuality;
}

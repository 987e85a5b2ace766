import { statusSchemas } from '@tiepoint/protocol';
import type { Status } from '@tiepoint/protocol';

/** The numbers of a status that are kept over time. Grows only at its end: stored buckets carry the index. */
export const historyPoints = [
  'activePowerW',
  'reactivePowerVar',
  'currentA',
  'voltageV',
  'frequencyHz',
  'availableCapacityPct',
  'availableCurrentA',
  'holdTimeS',
  'stateOfChargePct',
  'importedEnergyWh',
  'exportedEnergyWh',
  'voltageAV',
  'voltageBV',
  'voltageCV',
  'currentAA',
  'currentBA',
  'currentCA',
] as const;
export type HistoryPoint = (typeof historyPoints)[number];

export function isHistoryPoint(text: string): text is HistoryPoint {
  return (historyPoints as readonly string[]).includes(text);
}

/** As the status message declares it. */
export function historyUnit(point: HistoryPoint): string {
  for (const { fields } of Object.values(statusSchemas)) {
    const entry = (fields as Record<string, { field: { unit?: string } }>)[point];
    if (entry?.field.unit !== undefined) return entry.field.unit;
  }
  return '';
}

/** Undefined: unknown, or no number of this kind of device. */
export function historyValue(status: Status, point: HistoryPoint): number | undefined {
  return (status as { readonly [P in HistoryPoint]?: number | undefined })[point];
}

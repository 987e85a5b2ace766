import type { EditRequest } from '../../../src/api/interval-contract.ts';
import { kwhText, typedWh } from './interval-rows.ts';
import type { IntervalRow } from './interval-rows.ts';

/** As it is typed, in kWh. */
export type EditDraft = { readonly taken: string; readonly fedBack: string };
type Changes = EditRequest['changes'];

export const draftOf = ({ interval }: IntervalRow): EditDraft => ({
  taken: kwhText(interval?.importWh),
  fedBack: kwhText(interval?.exportWh),
});

/** Only what differs from what stands. */
export function changesOf(
  rows: readonly IntervalRow[],
  drafts: readonly EditDraft[],
): { readonly ok: true; readonly value: Changes } | { readonly ok: false; readonly say: string } {
  const changes: Changes[number][] = [];
  for (const [index, row] of rows.entries()) {
    const { taken, fedBack } = drafts[index] ?? draftOf(row);
    const [importWh, exportWh] = [typedWh(taken), typedWh(fedBack)];
    if (importWh === undefined || exportWh === undefined)
      return { ok: false, say: `‘${importWh === undefined ? taken : fedBack}’ is no energy: write kWh as 1.25.` };
    const before = draftOf(row);
    const change = {
      ...(taken.trim() === before.taken ? {} : { importWh }),
      ...(fedBack.trim() === before.fedBack ? {} : { exportWh }),
    };
    if (Object.keys(change).length === 0) continue;
    changes.push({ startS: row.startS, ...(row.interval === undefined ? { lengthS: row.lengthS } : {}), ...change });
  }
  return { ok: true, value: changes };
}

import type { CommandView, FleetRow } from '../../../src/api/contract.ts';

const subjects: Readonly<Record<string, string>> = {
  switchState: 'the switch reads',
  breakerState: 'the breaker reads',
  connection: 'the connection reads',
  loadSideVoltage: 'voltage on the load side is',
  operatingState: 'it is',
  synchroniser: 'the synchroniser reads',
  relay1: 'relay 1 reads',
  relay2: 'relay 2 reads',
  relay3: 'relay 3 reads',
  relay4: 'relay 4 reads',
};

/**
 * What reads otherwise now than when the command ended without its proof; `row` is the device that carried it out. Empty
 * where nothing does, where the command did not end in doubt, and where nothing live was measured since.
 */
export function changedSince(
  { state, updatedAtMs, measured }: Pick<CommandView, 'state' | 'updatedAtMs' | 'measured'>,
  row: FleetRow,
): readonly { point: string; say: string; now: string }[] {
  if (state !== 'unconfirmed' && state !== 'failed') return [];
  if (row.stale || row.measuredAtMs === undefined || row.measuredAtMs <= updatedAtMs) return [];
  const values = row as { readonly [point: string]: unknown };
  return measured.flatMap(({ point, word }) => {
    const [subject, now] = [subjects[point], values[point]];
    return subject === undefined || typeof now !== 'string' || now === word
      ? []
      : [{ point, say: `${subject} ${now.replaceAll('-', ' ')}`, now }];
  });
}

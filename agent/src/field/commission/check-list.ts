import type { ReportItem } from '@tiepoint/protocol/field';
import { didYouMean } from '../../core/nearest.ts';
import { columns, paint } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import { leftMoved } from './left-moved.ts';
import type { PlannedItem } from './plan.ts';
import type { Progress } from './progress-file.ts';

type Mark = { readonly word: string; readonly how: 'green' | 'red' | 'yellow' | 'dim' | 'cyan' };

export function markOf(result: ReportItem | undefined, isInterrupted: boolean): Mark {
  if (result === undefined)
    return isInterrupted ? { word: 'interrupted', how: 'yellow' } : { word: 'to do', how: 'cyan' };
  if (result.accepted === true) return { word: 'accepted', how: 'yellow' };
  switch (result.outcome) {
    case 'passed':
      return { word: 'passed', how: 'green' };
    case 'failed':
      return { word: 'FAILED', how: 'red' };
    case 'skipped':
      return { word: 'left out', how: 'yellow' };
    case 'not-applicable':
      return { word: 'not here', how: 'dim' };
  }
}

/** The list as it stands, a line for each item, numbered. */
export function checkList(
  terminal: Pick<Terminal, 'colour'>,
  plan: readonly PlannedItem[],
  progress: Progress,
): string {
  const rows = plan.map((item, i) => {
    const { word, how } = markOf(progress.results[item.id], progress.underWay === item.id);
    return [
      String(i + 1).padStart(3),
      paint(terminal, how, word),
      item.deviceId ?? '',
      `${item.title}${item.required ? '' : ' (optional)'}`,
    ];
  });
  return columns(rows).join('\n');
}

/** Devices that an item moved and was not seen to bring back: a sentence each. */
export function leftBehind(progress: Pick<Progress, 'found'>): readonly string[] {
  return leftMoved(progress).map(
    ({ itemId, say }) => `${say}: look at it now. \`--redo ${itemId}\` brings it back first.`,
  );
}

/** What `--redo` names: an item by its id or its number in the list, all of a device, or `all`. */
export function itemsNamed(
  plan: readonly PlannedItem[],
  names: readonly string[],
): { ok: true; value: readonly string[] } | { ok: false; say: string } {
  const devices = plan.flatMap(({ deviceId }) => deviceId ?? []);
  const known = new Set(['all', ...devices, ...plan.map(({ id }) => id)]);
  const meant = names.map((name) => (/^\d+$/.test(name) ? (plan[Number(name) - 1]?.id ?? name) : name));
  const strange = meant.find((name) => !known.has(name));
  return strange === undefined
    ? { ok: true, value: meant }
    : {
        ok: false,
        say: `--redo ${strange}: is no item of this list, and no device.${didYouMean(strange, [...known])} \`--list\` numbers the items. Nothing was done.`,
      };
}

/** Those to be done now: never done, or interrupted, or asked for again; where nobody answers, also what did not pass. */
export function itemsToDo(
  plan: readonly PlannedItem[],
  progress: Progress,
  { redo, alsoFailed }: { readonly redo: readonly string[]; readonly alsoFailed: boolean },
): readonly PlannedItem[] {
  return plan.filter(({ id, deviceId }) => {
    if (redo.includes(id) || (deviceId !== undefined && redo.includes(deviceId)) || redo.includes('all')) return true;
    const result = progress.results[id];
    return result === undefined || (alsoFailed && (result.outcome === 'failed' || result.outcome === 'skipped'));
  });
}

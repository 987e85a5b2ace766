import { leftMoved } from '../commission/left-moved.ts';
import { commissioningFolder, progressPath, readProgress } from '../commission/progress-file.ts';
import type { Finding } from './finding.ts';
import type { RunningGateway } from './running-gateway.ts';

/** Devices that a commissioning moved and was not seen to bring back, as after a kill. Nothing where none was ever begun here. */
export function checkCommissioning(
  { file, dataDir }: { readonly file: string; readonly dataDir: string },
  service: RunningGateway | undefined,
): readonly Finding[] {
  const kept = readProgress(progressPath(commissioningFolder(dataDir)));
  if (!kept.ok)
    return [
      {
        id: 'commissioning',
        outcome: 'warning',
        say: kept.say,
        todo: 'Whether a device was left moved is not known: look at each.',
      },
    ];
  if (kept.progress === undefined) return [];
  if (service?.isCommissioning === true)
    return [{ id: 'commissioning', outcome: 'left-out', say: 'one is under way now, and may have moved a device' }];
  const moved = leftMoved(kept.progress);
  if (moved.length === 0) return [{ id: 'commissioning', outcome: 'ok', say: 'it left no device moved' }];
  const stop = service === undefined ? '' : ' stop the gateway;';
  return moved.map(({ deviceId, itemId, was, say }) => ({
    id: 'commissioning',
    about: deviceId,
    outcome: 'bad',
    say,
    measured: { item: itemId, found: was },
    todo: `Look at it now;${stop} \`tiepoint-agent commission --config ${file} --redo ${itemId}\` brings it back first.`,
  }));
}

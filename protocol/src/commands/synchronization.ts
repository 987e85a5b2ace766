import { no, yes } from '../result.ts';
import type { Verdict } from '../result.ts';
import type { DeviceView } from './device-view.ts';
import type { CommandRule } from './rule.ts';

/** Arms the synchroniser of a running generator. Its breaker stays open. */
export const enableSynchronization: CommandRule = {
  kind: 'enable-synchronization',
  title: 'Enable synchronization',
  energises: false,
  parameters: [],
  proof: 'the controller reads armed for synchronising, and the breaker open',
  may: (device) => {
    const { synchroniser } = device.measured;
    if (synchroniser !== undefined && synchroniser !== 'idle')
      return no('already-so', 'Synchronization is enabled already.');
    return readyToSynchronise(device);
  },
};

/** Lets the device's own synchroniser close onto a live bus. When and whether to close stays its decision. */
export const activateSynchronization: CommandRule = {
  kind: 'activate-synchronization',
  title: 'Synchronize and close',
  energises: true,
  parameters: [],
  proof: 'the breaker reads closed',
  may: (device) => {
    const verdict = readyToSynchronise(device);
    if (!verdict.ok) return verdict;
    if (device.measured.synchroniser === undefined || device.measured.synchroniser === 'idle') {
      return no('precondition', 'Synchronization is not enabled: enable it first.');
    }
    return yes;
  },
};

function readyToSynchronise({ measured }: DeviceView): Verdict {
  if (measured.breakerState === 'closed') return no('already-so', 'The generator breaker is closed already.');
  if (measured.breakerState !== 'open')
    return no('state-unknown', 'The generator breaker does not read open: check it on site.');
  if (measured.operatingState !== 'running' && measured.operatingState !== 'throttled')
    return no('not-running', 'The generator is not running: start it first.');
  if (measured.health === 'fault') return no('fault', 'The controller reports a fault: clear it on site first.');
  return yes;
}

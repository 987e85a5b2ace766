import type { DeviceView } from './device-view.ts';
import { commandKinds } from './kinds.ts';

/** A device that reports, stands in REMOTE, and has every command; what a test is about is given over it. */
export function view(over: Partial<DeviceView> = {}): DeviceView {
  return {
    deviceId: 'device-1',
    kind: 'aas',
    capabilities: ['generation'],
    commands: commandKinds,
    limits: {},
    readOnly: false,
    liveness: 'live',
    ...over,
    measured: { control: 'remote', ...over.measured },
  };
}

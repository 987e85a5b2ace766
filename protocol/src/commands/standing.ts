import { no, yes } from '../result.ts';
import type { Verdict } from '../result.ts';
import type { CommandKind } from './kinds.ts';
import type { DeviceView } from './device-view.ts';

/** What holds for every command, whatever it does. */
export function standing(device: DeviceView, kind: CommandKind): Verdict {
  if (!device.commands.includes(kind))
    return no('not-capable', `${device.deviceId} has no command ${kind} by its profile: choose another device or way.`);
  if (device.readOnly)
    return no(
      'read-only',
      `The gateway of ${device.deviceId} is read-only and writes to no device: change its configuration on site.`,
    );
  if (device.tag !== undefined)
    return no('tagged', `Tagged by ${device.tag.owner} (${device.tag.cause}): ask them to lift the tag.`);
  switch (device.liveness) {
    case 'never':
      return no(
        'never-seen',
        `${device.deviceId} has not reported yet: wait for its first report, or look for its gateway.`,
      );
    case 'lost':
      return no('lost', 'No report for three periods, so nothing could be confirmed: restore its line first.');
    case 'late':
      return no('late', 'The last report is late: wait for the next one, so that you decide on what is so now.');
    // Commands go on in a storm: the agent measures by itself before it acts, and tells what it measured.
    case 'held-back':
    case 'live':
  }
  if (device.active !== undefined && !mayOvertake(kind, device.active.kind))
    return no('busy', `Command ${device.active.kind} is under way here: wait until it is done.`);
  const { control } = device.measured;
  if (control === 'local') return no('local', 'The device is in LOCAL: switch it to REMOTE on site.');
  if (control === undefined)
    return no('local', 'The device does not say whether it is in LOCAL or REMOTE: check it on site.');
  return yes;
}

/** The safe direction need not wait for a command that closes, starts or synchronises: it ends it. */
export function mayOvertake(kind: CommandKind, active: CommandKind): boolean {
  // Stopping is the stronger of the two: a generator that is slow to unload can be stopped.
  if (kind === 'stop-generation') return active !== 'stop-generation';
  return kind === 'disconnect' && active !== 'disconnect' && active !== 'stop-generation';
}

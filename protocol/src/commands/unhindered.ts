import { no, yes } from '../result.ts';
import type { Verdict } from '../result.ts';
import type { DeviceView } from './device-view.ts';
import type { CommandKind } from './kinds.ts';
import { mayOvertake } from './standing.ts';

export type Restrained = Pick<DeviceView, 'deviceId' | 'tag' | 'active'>;

/** Does nothing keep a command from this device, whatever it measures? */
export function unhindered({ deviceId, tag, active }: Restrained, kind: CommandKind): Verdict {
  if (tag !== undefined)
    return no('tagged', `${deviceId} is tagged by ${tag.owner} (${tag.cause}): ask them to lift the tag.`);
  if (active !== undefined && !mayOvertake(kind, active.kind))
    return no('busy', `Command ${active.kind} is under way at ${deviceId}: one at a time.`);
  return yes;
}

/** Closing a switch gives voltage to all devices behind it, so none of them may be tagged or busy. */
export function mayCloseOnto(kind: CommandKind, behind: readonly Restrained[]): Verdict {
  if (kind !== 'connect') return yes;
  return behind.map((each) => unhindered(each, kind)).find(({ ok }) => !ok) ?? yes;
}

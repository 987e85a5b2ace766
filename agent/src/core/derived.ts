import type { DeviceModel } from '@tiepoint/hardware-profiles';
import type { Measured } from '@tiepoint/protocol';

/** Adds what follows from the profile and from other points, where the device does not say it itself. */
export function withDerived(model: DeviceModel, measured: Measured): Measured {
  return {
    ...measured,
    ...(model.profile.control === 'none' ? { control: 'none' as const } : {}),
    health: measured.health ?? healthOf(measured),
  };
}

/** Alarms without a stated health are a warning; a device that tells neither alarms nor a fault leaves its health unknown. */
function healthOf({ alarms, operatingState }: Measured): Measured['health'] {
  if (operatingState === 'fault') return 'fault';
  if (alarms === undefined) return undefined;
  return alarms.length > 0 ? 'warning' : 'ok';
}

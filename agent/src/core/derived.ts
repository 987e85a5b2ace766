import type { Decoded, DeviceModel } from '@tiepoint/hardware-profiles';
import type { AlarmCode, Measured } from '@tiepoint/protocol';

/** More than a switch that is open lets through. */
const leakA = 1;

/** Adds what follows from the profile and from other points, where the device does not say it itself. */
export function withDerived(model: DeviceModel, { measured, setpoints }: Decoded): Measured {
  const alarms = withSwitchAlarms(measured);
  return {
    ...measured,
    ...(model.profile.control === 'none' ? { control: 'none' as const } : {}),
    alarms,
    powerLimitPct: measured.powerLimitPct ?? limitInForce(setpoints),
    health: worse(measured.health ?? healthOf({ ...measured, alarms }), alarms !== measured.alarms),
  };
}

/**
 * An open switch with voltage or current behind it is a danger to who works there, whatever the meter itself thinks of it; so is voltage
 * behind an open breaker. What current a feeder's transformers make of nothing, only the site knows.
 */
function withSwitchAlarms({
  switchState,
  breakerState,
  loadSideVoltage,
  currentA,
  alarms,
}: Measured): Measured['alarms'] {
  const seen: AlarmCode[] = [];
  if ((switchState ?? breakerState) === 'open' && loadSideVoltage === 'present') seen.push('back-feed');
  if (switchState === 'open' && currentA !== undefined && Math.abs(currentA) > leakA) seen.push('switch-failure');
  return seen.length === 0 ? alarms : [...new Set([...(alarms ?? []), ...seen])];
}

function limitInForce({
  'set:limitEnabled': enabled,
  'set:limitPct': limitPct,
}: Decoded['setpoints']): number | undefined {
  if (enabled === 'off') return 100;
  return enabled === 'on' && typeof limitPct === 'number' ? limitPct : undefined;
}

function worse(health: Measured['health'], alarmed: boolean): Measured['health'] {
  return alarmed && health !== 'fault' ? 'warning' : health;
}

/** Alarms without a stated health are a warning; a device that tells neither alarms nor a fault leaves its health unknown. */
function healthOf({ alarms, operatingState }: Measured): Measured['health'] {
  if (operatingState === 'fault') return 'fault';
  if (alarms === undefined) return undefined;
  return alarms.length > 0 ? 'warning' : 'ok';
}

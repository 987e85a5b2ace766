import { done, no } from '../result.ts';
import type { Result } from '../result.ts';
import type { CommandKind } from './kinds.ts';
import type { DeviceView } from './device-view.ts';

/** Below this an AAS is taken off and on by its meter's switch; from here on by its own synchronising equipment (use case D6). */
export const meterSwitchLimitW = 200_000;
/** The use case's other limit, for the switch itself. */
export const meterSwitchLimitA = 200;

export type Route = { readonly deviceId: string; readonly by: 'own-equipment' | 'meter-switch'; readonly say: string };

/**
 * Which device carries out a command meant for `target`. The system chooses, never the operator: connect and disconnect of an
 * AAS under 200 kW go to the service switch of its meter, where it has one whose rating is not exceeded; all else to the device.
 */
export function chooseRoute(kind: CommandKind, target: DeviceView, meter: DeviceView | undefined): Result<Route> {
  const own: Route = { deviceId: target.deviceId, by: 'own-equipment', say: `by ${target.deviceId}'s own equipment` };
  if (target.kind !== 'aas' || (kind !== 'connect' && kind !== 'disconnect')) return done(own);
  const { ratedPowerW, ratedCurrentA } = target.limits;
  if (ratedPowerW === undefined)
    return no(
      'out-of-limits',
      `The rated power of ${target.deviceId} is unknown and no route can be chosen: complete its profile or configuration.`,
    );
  if (ratedPowerW >= meterSwitchLimitW) {
    if (
      target.capabilities.includes('synchroniser') ||
      target.capabilities.includes('breaker') ||
      target.commands.includes(kind)
    )
      return done(own);
    return no(
      'not-capable',
      `${target.deviceId} has 200 kW or more and no synchronising equipment of its own: switch it on site.`,
    );
  }
  if (meter === undefined || !meter.capabilities.includes('service-switch')) return done(own);
  // A rating that is unknown is exceeded by anything.
  const { switchRatingA } = meter.limits;
  const fits =
    ratedCurrentA !== undefined &&
    switchRatingA !== undefined &&
    ratedCurrentA <= Math.min(switchRatingA, meterSwitchLimitA);
  if (!fits) {
    if (target.commands.includes(kind)) return done(own);
    return no(
      'out-of-limits',
      `${target.deviceId} (${told(ratedCurrentA)}) exceeds the service switch of ${meter.deviceId} (${told(switchRatingA)}; ${meterSwitchLimitA} A at most): switch it on site.`,
    );
  }
  return done({
    deviceId: meter.deviceId,
    by: 'meter-switch',
    say: `by the service switch of meter ${meter.deviceId}: under 200 kW`,
  });
}

function told(ratedA: number | undefined): string {
  return ratedA === undefined ? 'rating unknown' : `rated ${ratedA} A`;
}

import { no, yes } from '../result.ts';
import type { Verdict } from '../result.ts';
import type { DeviceView } from './device-view.ts';
import type { CommandRule } from './rule.ts';

/**
 * Opens a meter's service switch, or takes an AAS off by its breaker or by its permission to be in service. Opening is the safe
 * direction: a state that is unknown does not forbid it.
 */
export const disconnect: CommandRule = {
  kind: 'disconnect',
  title: 'Disconnect',
  energises: false,
  parameters: [],
  proof: 'the switch or breaker reads open and no current flows',
  may: (device) => {
    if (device.capabilities.includes('service-switch')) return mayOpenSwitch(device);
    // A connect under way may close any moment: then disconnecting is no repetition, it is the way to call it off.
    if (device.active !== undefined || device.measured.connection !== 'disconnected') return yes;
    return no('already-so', 'It is disconnected already.');
  },
};

function mayOpenSwitch({ measured, active, limits: { switchRatingA } }: DeviceView): Verdict {
  if (measured.switchState === 'open' && active === undefined) return no('already-so', 'The switch is open already.');
  // A service switch is no breaker: above its rating it may fail to break what flows.
  const currents = [measured.currentA, measured.currentAA, measured.currentBA, measured.currentCA];
  const highestA = Math.max(...currents.map((amperes) => Math.abs(amperes ?? 0)));
  if (switchRatingA !== undefined && highestA > switchRatingA) {
    return no(
      'out-of-limits',
      `${highestA} A flow, and the switch may break ${switchRatingA} A: lower the load or generation first.`,
    );
  }
  return yes;
}

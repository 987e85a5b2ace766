import { no, yes } from '../result.ts';
import type { Verdict } from '../result.ts';
import type { DeviceView } from './device-view.ts';
import type { CommandRule } from './rule.ts';

/** Closes a meter's service switch on a dead load side, or lets an AAS connect by its own breaker or enter-service logic. */
export const connect: CommandRule = {
  kind: 'connect',
  title: 'Connect',
  energises: true,
  parameters: [],
  proof: 'the switch or breaker reads closed and voltage is there behind it',
  may: (device) => (device.capabilities.includes('service-switch') ? mayCloseSwitch(device) : mayConnectSource(device)),
};

function mayCloseSwitch({ measured }: DeviceView): Verdict {
  if (measured.switchState === 'closed') return no('already-so', 'The switch is closed already.');
  if (measured.switchState !== 'open')
    return no('state-unknown', 'The switch does not read open: nobody can say what closing would do.');
  if (measured.loadSideVoltage === 'present') {
    return no(
      'load-side-live',
      'There is voltage on the load side: something feeds it from behind. Closing could join two sources.',
    );
  }
  if (measured.loadSideVoltage === undefined) {
    return no(
      'load-side-unknown',
      'The load side does not tell whether it is dead: closing needs a dead load side, measured.',
    );
  }
  return yes;
}

function mayConnectSource({ measured, capabilities }: DeviceView): Verdict {
  if (measured.connection === 'connected') return no('already-so', 'It is connected already.');
  if (measured.connection === undefined && measured.breakerState === undefined) {
    return no('state-unknown', 'It does not tell whether it is connected: nobody can say what connecting would do.');
  }
  if (measured.health === 'fault') return no('fault', 'The device reports a fault: clear it on site first.');
  if (capabilities.includes('synchroniser') && measured.operatingState !== 'running') {
    return no('not-running', 'The generator is not running: start it first.');
  }
  return yes;
}

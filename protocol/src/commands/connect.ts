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
  if (measured.switchState !== 'open') {
    return no(
      'state-unknown',
      'The switch does not read open, so nobody can say what closing would do: check it on site.',
    );
  }
  if (measured.loadSideVoltage === 'present') {
    return no(
      'load-side-live',
      'Something feeds the load side, and closing could join two sources: find it and take it off first.',
    );
  }
  if (measured.loadSideVoltage === undefined) {
    return no(
      'load-side-unknown',
      'Closing needs a load side measured dead, and this one does not tell: check it on site.',
    );
  }
  return yes;
}

function mayConnectSource(device: DeviceView): Verdict {
  const { measured, capabilities } = device;
  const { connection, breakerState } = measured;
  if (connection === 'connected' || (connection === undefined && breakerState === 'closed')) {
    return no('already-so', 'It is connected already.');
  }
  if (connection === undefined && breakerState !== 'open') {
    return no(
      'state-unknown',
      'It does not tell that it is off, so nobody can say what connecting would do: check it on site.',
    );
  }
  if (measured.reclosing === 'hot-line-tag') {
    return no(
      'tagged',
      'A hot-line tag is set at the device, for somebody who works on the line: only they can lift it.',
    );
  }
  if (measured.reclosing === 'in-progress') {
    return no('busy', 'It is reclosing by itself: wait until it has closed or locked out.');
  }
  if (measured.health === 'fault') return no('fault', 'The device reports a fault: clear it on site first.');
  if (capabilities.includes('synchroniser')) {
    // Whether and when to close onto a live bus stays the synchroniser's own decision.
    const { operatingState } = measured;
    return operatingState === 'running' || operatingState === 'throttled'
      ? yes
      : no('not-running', 'The generator is not running: start it first.');
  }
  return capabilities.includes('breaker') ? mayCloseOnDeadSide(device) : yes;
}

/**
 * A breaker that nothing synchronises may only close where there is nothing to synchronise with: its load side is dead, or, of a
 * source, the bus. A feeder's dead bus does not do: closing would feed it backwards, from whatever keeps the line alive.
 */
function mayCloseOnDeadSide({ kind, measured, limits }: DeviceView): Verdict {
  const { busVoltageV, loadSideVoltage } = measured;
  if (loadSideVoltage === 'absent') return yes;
  if (kind !== 'aas') {
    return loadSideVoltage === 'present'
      ? no('load-side-live', 'It has no synchroniser and its line is live: find what feeds it, or close it on site.')
      : no('load-side-unknown', 'It has no synchroniser, and whether its line is dead is not known: close it on site.');
  }
  if (busVoltageV === undefined || limits.ratedVoltageV === undefined) {
    return no(
      'load-side-unknown',
      'It has no synchroniser, and whether the bus is dead is not known: close it on site.',
    );
  }
  return busVoltageV < 0.05 * limits.ratedVoltageV
    ? yes
    : no('load-side-live', 'It has no synchroniser and the bus is live: close it on site, or make the bus dead first.');
}

import { isThrottled, type Inverter, type InverterSettings } from '../../plant/inverter.ts';
import { isLive } from '../../plant/supply.ts';
import type { Behaviour, Told } from './behaviour.ts';

/** A PV inverter of the legacy SunSpec family (models 101, 120 to 123). It has no LOCAL/REMOTE switch to read. */
export function pvInverter(pv: { get(): Inverter; set(next: Inverter): void }, settings: InverterSettings): Behaviour {
  return {
    faults: ['stuckSwitch', 'local'],
    told: () => {
      const now = pv.get();
      const supplied = now.voltageV > 0.1 * settings.nominalV;
      return {
        activePowerW: now.activePowerW,
        reactivePowerVar: 0,
        apparentPowerVa: now.activePowerW,
        currentA: now.currentA,
        voltageV: now.voltageV,
        frequencyHz: supplied ? now.frequencyHz : undefined,
        exportedEnergyWh: now.producedWh,
        operatingState: operatingState(now, supplied, settings),
        alarms: supplied ? [] : ['ac-disconnected'],
        connection: now.phase === 'running' ? 'connected' : 'disconnected',
        availablePowerW: now.phase === 'running' ? now.sunW : 0,
        'set:maxPowerW': settings.ratedW,
        'set:connect': now.connectWanted ? 1 : 0,
        'set:connectWindowS': 0,
        'set:connectRevertS': 0,
        'set:limitPct': now.limitPct,
        'set:limitWindowS': 0,
        'set:limitRevertS': 0,
        'set:limitEnabled': now.limitEnabled ? 'on' : 'off',
      };
    },
    set: (setpoints, faults) => {
      if (!Object.entries(setpoints).every(isSensible)) return 3;
      if (faults.stuckSwitch !== true) pv.set(obeyed(pv.get(), setpoints));
      return 'ok';
    },
  };
}

function operatingState(now: Inverter, supplied: boolean, settings: InverterSettings): string {
  switch (now.phase) {
    case 'sleeping':
      return 'sleeping';
    case 'stopped':
      return 'standby';
    case 'waiting':
      return supplied && isLive({ voltagePu: now.voltageV / settings.nominalV, frequencyHz: now.frequencyHz })
        ? 'starting'
        : 'standby';
    case 'running':
      return isThrottled(now, settings) ? 'throttled' : 'running';
    default:
      return now.phase satisfies never;
  }
}

function isSensible([name, value]: [string, Told[string]]): boolean {
  switch (name) {
    case 'set:connect':
      return value === 0 || value === 1;
    case 'set:limitPct':
      return typeof value === 'number' && value >= 0 && value <= 100;
    case 'set:limitEnabled':
      return value === 'on' || value === 'off';
    default:
      return typeof value === 'number';
  }
}

/** A revert time counts from the write of what it undoes; 0 is none. */
function obeyed(before: Inverter, setpoints: Told): Inverter {
  let next = before;
  const { 'set:connect': connect, 'set:limitPct': limitPct, 'set:limitEnabled': limitEnabled } = setpoints;
  const { 'set:connectRevertS': connectRevertS, 'set:limitRevertS': limitRevertS } = setpoints;
  if (connect !== undefined) next = { ...next, connectWanted: connect === 1 };
  if (typeof limitPct === 'number') next = { ...next, limitPct };
  if (limitEnabled !== undefined) next = { ...next, limitEnabled: limitEnabled === 'on' };
  if (typeof connectRevertS === 'number')
    next = { ...next, connectRevertsInS: connectRevertS > 0 ? connectRevertS : undefined };
  if (typeof limitRevertS === 'number')
    next = { ...next, limitRevertsInS: limitRevertS > 0 ? limitRevertS : undefined };
  return next;
}

import type { Battery, BatterySettings } from '../../plant/battery.ts';
import { storedWh } from '../../plant/battery.ts';
import type { Behaviour, Told } from './behaviour.ts';

/** A battery of the IEEE 1547-2018 family (models 701 to 715). `heartbeatAddress`: where 715 DERHb lies. */
export function derBattery(
  unit: { get(): Battery; set(next: Battery): void },
  settings: BatterySettings,
  heartbeatAddress: () => number | undefined,
): Behaviour {
  return {
    faults: ['stuckSwitch', 'local'],
    told: (faults) => {
      const now = unit.get();
      const phaseA = now.currentA;
      const phaseW = now.activePowerW / 3;
      return {
        activePowerW: now.activePowerW,
        reactivePowerVar: 0,
        apparentPowerVa: Math.abs(now.activePowerW),
        currentA: phaseA,
        currentBA: phaseA,
        currentCA: phaseA,
        voltageV: now.voltageV,
        voltageAV: now.voltageV,
        voltageBV: now.voltageV,
        voltageCV: now.voltageV,
        activePowerAW: phaseW,
        activePowerBW: phaseW,
        activePowerCW: phaseW,
        frequencyHz: now.frequencyHz,
        exportedEnergyWh: now.dischargedWh,
        importedEnergyWh: now.chargedWh,
        operatingState: operatingState(now, settings),
        alarms: now.voltageV > 0.1 * settings.nominalV ? [] : ['ac-disconnected'],
        connection: now.phase === 'running' ? 'connected' : 'disconnected',
        control: faults.local === true ? 'local' : 'remote',
        stateOfChargePct: now.chargePct,
        storedEnergyWh: storedWh(now, settings),
        'set:maxPowerW': settings.ratedW,
        'set:enterService': now.permitted ? 1 : 0,
        // The defaults of IEEE 1547-2018, and the plant's own times.
        'set:enterServiceVoltageHighPct': 105,
        'set:enterServiceVoltageLowPct': 91.7,
        'set:enterServiceFrequencyHighHz': 60.1,
        'set:enterServiceFrequencyLowHz': 59.5,
        'set:enterServiceDelayS': settings.enterServiceDelayS,
        'set:enterServiceRampS': Math.round(1 / settings.rampPerS),
        'set:operation': now.started ? 1 : 0,
        'set:limitPct': now.limitPct,
        'set:limitEnabled': now.limitEnabled ? 'on' : 'off',
        'set:limitRevertEnabled': 'off',
        'set:limitRevertS': 0,
      };
    },
    set: (setpoints, faults) => {
      if (!Object.entries(setpoints).every(isSensible)) return 3;
      if (faults.stuckSwitch !== true) unit.set(obeyed(unit.get(), setpoints));
      return 'ok';
    },
    beside: () => {
      const address = heartbeatAddress();
      const beats = Math.floor(unit.get().heartbeatS);
      return address === undefined
        ? []
        : [{ table: 'holding', address, words: [(beats >>> 16) & 0xffff, beats & 0xffff] }];
    },
  };
}

function operatingState(now: Battery, settings: BatterySettings): string {
  if (now.phase !== 'running') return now.phase;
  return now.limitEnabled && now.activePowerW >= (settings.ratedW * now.limitPct) / 100 - 1 ? 'throttled' : 'running';
}

function isSensible([name, value]: [string, Told[string]]): boolean {
  switch (name) {
    case 'set:enterService':
    case 'set:operation':
      return value === 0 || value === 1;
    case 'set:limitPct':
      return typeof value === 'number' && value >= 0 && value <= 100;
    case 'set:limitEnabled':
    case 'set:limitRevertEnabled':
      return value === 'on' || value === 'off';
    default:
      return typeof value === 'number';
  }
}

/** A revert time counts from the write of what it undoes; 0 is none. */
function obeyed(before: Battery, setpoints: Told): Battery {
  let next = before;
  const { 'set:enterService': permitted, 'set:operation': operation, 'set:limitPct': limitPct } = setpoints;
  const { 'set:limitEnabled': limitEnabled, 'set:limitRevertS': limitRevertS } = setpoints;
  if (permitted !== undefined) next = { ...next, permitted: permitted === 1 };
  if (operation !== undefined) next = { ...next, started: operation === 1 };
  if (typeof limitPct === 'number') next = { ...next, limitPct };
  if (limitEnabled !== undefined) next = { ...next, limitEnabled: limitEnabled === 'on' };
  if (typeof limitRevertS === 'number')
    next = { ...next, limitRevertsInS: limitRevertS > 0 ? limitRevertS : undefined };
  return next;
}

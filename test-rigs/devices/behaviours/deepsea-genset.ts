import { orderGenset, type Genset, type GensetOrder } from '../../plant/genset.ts';
import type { GensetSettings } from '../../plant/genset-settings.ts';
import { refusedInLocal, type Behaviour } from './behaviour.ts';

const keys = ['stop', 'auto', 'manual', 'start', 'toGenerator', 'toMains'] as const;
type Key = (typeof keys)[number];
type Mode = 'stop' | 'auto' | 'manual' | 'test-off-load';

/**
 * A Deep Sea controller with its own synchroniser. It has no LOCAL/REMOTE switch: somebody on site shows as a test mode, in which
 * keys are refused. Start and transfer keys are obeyed in manual mode only; in auto nothing demands the set, so it comes to rest.
 */
export function deepSeaGenset(unit: { get(): Genset; set(next: Genset): void }, settings: GensetSettings): Behaviour {
  let mode: Mode = unit.get().engine === 'stopped' ? 'auto' : 'manual';
  const press = (key: Key): void => {
    if (key === 'stop' || key === 'auto' || key === 'manual') mode = key;
    const order = meaning(key, mode);
    if (order !== undefined) unit.set(orderGenset(unit.get(), order));
  };
  return {
    faults: ['stuckSwitch', 'slowSwitchS', 'local', 'failToStart', 'slipOffsetHz', 'voltageOffsetPu'],
    told: (faults) => {
      const now = unit.get();
      const phaseW = now.activePowerW / 3;
      const closed = now.breaker.position === 'closed';
      const alarms = now.alarms.map((alarm) => (alarm === 'loss-of-mains' ? 'under-voltage' : alarm));
      return {
        // Before the synchroniser, for both lie in one register where nothing is synchronised.
        'set:mode': faults.local === true ? 'test-off-load' : mode,
        activePowerW: now.activePowerW,
        activePowerAW: phaseW,
        activePowerBW: phaseW,
        activePowerCW: phaseW,
        reactivePowerVar: now.reactivePowerVar,
        voltageV: now.voltageV,
        voltageBV: now.voltageV,
        voltageCV: now.voltageV,
        currentA: now.currentA,
        currentBA: now.currentA,
        currentCA: now.currentA,
        frequencyHz: now.frequencyHz,
        busVoltageV: now.supply.voltagePu * settings.nominalV,
        busFrequencyHz: now.supply.frequencyHz,
        exportedEnergyWh: now.producedWh,
        fuelPct: (100 * now.fuelL) / settings.tankL,
        operatingState: engineSaid(now),
        breakerState: now.breaker.position,
        connection: closed ? 'connected' : 'disconnected',
        synchroniser: now.synchroniser.mode === 'closing' ? 'synchronising' : undefined,
        health: now.alarms.includes('fail-to-start') ? 'fault' : alarms.length > 0 ? 'warning' : 'ok',
        alarms,
        'set:supports-stop': 'yes',
        'set:supports-manual': 'yes',
        'set:supports-start': 'yes',
        'set:supports-toGenerator': 'yes',
        'set:supports-toMains': 'yes',
      };
    },
    set: ({ 'set:key': pressed }, faults) => {
      const key = keys.find((each) => each === pressed);
      if (key === undefined) return 3;
      if (faults.local === true) return refusedInLocal;
      press(key);
      return 'ignore';
    },
  };
}

function meaning(key: Key, mode: Mode): GensetOrder | undefined {
  switch (key) {
    case 'stop':
      return 'stop-at-once';
    case 'auto':
      return 'stop';
    case 'manual':
      return undefined;
    case 'start':
      return mode === 'manual' ? 'start' : undefined;
    case 'toGenerator':
      return mode === 'manual' ? 'synchronise-and-close' : undefined;
    case 'toMains':
      return mode === 'manual' ? 'open-breaker' : undefined;
    default:
      return key satisfies never;
  }
}

function engineSaid({ engine }: Genset): string {
  switch (engine) {
    case 'stopped':
      return 'off';
    case 'cranking':
    case 'pausing':
    case 'run-up':
      return 'starting';
    case 'running':
      return 'running';
    case 'cooling':
    case 'stopping':
      return 'stopping';
    default:
      return engine satisfies never;
  }
}

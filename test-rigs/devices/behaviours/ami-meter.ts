import { orderServiceSwitch, type Premises } from '../../plant/premises.ts';
import { positionSaid } from '../../plant/switchgear.ts';
import type { Behaviour } from './behaviour.ts';

/** A home's meter with service switch. Its electronics are fed from the line side. */
export function amiMeter(home: { get(): Premises; set(next: Premises): void }): Behaviour {
  // What the order register reads until the order is done; a switch that is stuck never gets there.
  let pendingOrder = 0;
  const stateWanted = { 1: 'closed', 2: 'open' } as const;
  return {
    faults: ['stuckSwitch', 'slowSwitchS', 'local', 'noLoadSideSensor', 'backFeed'],
    told: (faults) => {
      const now = home.get();
      const switchState = positionSaid(now.serviceSwitch);
      if (switchState !== 'moving' && faults.stuckSwitch !== true) pendingOrder = 0;
      return {
        voltageV: now.supplyV,
        loadSideVoltageV: faults.noLoadSideSensor === true ? undefined : now.loadSideV,
        currentA: now.currentA,
        currentAA: now.currentA,
        activePowerW: now.activePowerW,
        frequencyHz: now.supply.frequencyHz,
        importedEnergyWh: now.importedWh,
        exportedEnergyWh: now.exportedWh,
        switchState,
        alarms: [],
        control: faults.local === true ? 'local' : 'remote',
        health: 'ok',
        'set:switchOrder': pendingOrder,
      };
    },
    set: ({ 'set:switchOrder': ordered }, faults) => {
      if (ordered !== 1 && ordered !== 2) return 3;
      pendingOrder = ordered;
      if (faults.stuckSwitch !== true) home.set(orderServiceSwitch(home.get(), stateWanted[ordered]));
      return 'ok';
    },
  };
}

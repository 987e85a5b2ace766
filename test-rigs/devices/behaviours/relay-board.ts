import type { Behaviour } from './behaviour.ts';

const names = ['relay1', 'relay2', 'relay3', 'relay4'] as const;

/** Four relays, each of which sheds a block of load while it is on. It reads back what its outputs are. */
export function relayBoard(shed: { get(): readonly boolean[]; set(next: readonly boolean[]): void }): Behaviour {
  return {
    faults: ['stuckSwitch'],
    told: () => Object.fromEntries(names.map((name, index) => [name, shed.get()[index] === true ? 'on' : 'off'])),
    set: (setpoints, faults) => {
      if (faults.stuckSwitch === true) return 'ignore';
      shed.set(
        shed
          .get()
          .map((off, index) =>
            setpoints[`set:${names[index] ?? ''}`] === undefined
              ? off
              : setpoints[`set:${names[index] ?? ''}`] === 'on',
          ),
      );
      return 'ok';
    },
  };
}

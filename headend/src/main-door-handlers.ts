import type { DoorHandlers } from './main-machine-door.ts';
import { networkEditByDoor } from './main-network-edit.ts';
import type { WarehouseByDoor } from './main-warehouse-access.ts';
import { recordDeedByDoor } from './main-interval-deeds.ts';
import type { Asker } from './mdw/warehouse-request.ts';
import type { LiveNetwork } from './network/live-network.ts';
import { atMachine } from './operators/machine-desk.ts';
import type { MachineRequest } from './operators/machine-desk.ts';
import type { People } from './operators/people.ts';
import type { Store } from './store/store.ts';

/** Where the door of a running head-end leads to. */
export function doorHandlers({
  data,
  people,
  network,
  store,
  warehouse,
}: {
  data: string;
  people: People;
  network: LiveNetwork;
  store: Pick<Store, 'operations'>;
  warehouse: { readonly ask: Asker };
}): DoorHandlers {
  return {
    network: networkEditByDoor(data, network),
    intervals: recordDeedByDoor(store),
    operators: (request) => atMachine(people, request as MachineRequest),
    warehouse: async (request, progress) => {
      const { ask, withinMs, ...named } = request as WarehouseByDoor;
      return await warehouse.ask(named, ask, { withinMs, onProgress: progress });
    },
  };
}

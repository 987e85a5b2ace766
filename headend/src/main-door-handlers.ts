import type { DoorHandlers } from './main-machine-door.ts';
import type { WarehouseByDoor } from './main-warehouse-access.ts';
import type { Asker } from './mdw/warehouse-request.ts';
import { atMachine } from './operators/machine-desk.ts';
import type { MachineRequest } from './operators/machine-desk.ts';
import type { People } from './operators/people.ts';

/** Where the door of a running head-end leads to. */
export function doorHandlers(people: People, warehouse: { readonly ask: Asker }): DoorHandlers {
  return {
    operators: (request) => atMachine(people, request as MachineRequest),
    warehouse: async (request, progress) => {
      const { ask, withinMs, ...named } = request as WarehouseByDoor;
      return await warehouse.ask(named, ask, { withinMs, onProgress: progress });
    },
  };
}

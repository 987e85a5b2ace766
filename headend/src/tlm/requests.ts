import type { WarehouseRequest } from '../mdw/warehouse-request.ts';
import type { LoadRun, LoadRunSettings } from './run/load-run.ts';
import type { TopologyUpdate } from './topology/load-topology.ts';

/** Who is fed by whom, from an instant on. */
export const tellTopology: WarehouseRequest<TopologyUpdate, void> = { name: 'tlm.topology', repeatable: true };

/** Computes what is due. Progress counts days. */
export const runLoadEngine: WarehouseRequest<LoadRunSettings, LoadRun> = { name: 'tlm.run', repeatable: true };

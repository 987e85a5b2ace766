import { runWorker } from './mdw/worker/run-worker.ts';
import { tlmModule } from './tlm/worker/tlm-module.ts';

/** The process that holds the warehouse: started by the head-end, with the modules of the rooms that work in it. */
await runWorker([tlmModule]);

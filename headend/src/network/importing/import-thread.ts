import { workerData } from 'node:worker_threads';
import { historyIn } from '../network-register.ts';
import { AsidePort } from './aside-port.ts';
import type { NetworkImportAsked } from './import-aside.ts';
import { importNetwork } from './import-network.ts';
import type { NetworkImport, NetworkImported, RecordedEdit } from './import-network.ts';
import { postedFiles } from './posted-files.ts';

/** The thread in which the files of a network are read: started by `import-aside.ts`, which has recorded what differs. */
const port = new AsidePort<RecordedEdit, NetworkImported>();
const { body, contentType, database, ...asked } = workerData as NetworkImportAsked;
const done = await importNetwork({
  ...asked,
  ...(await postedFiles(body, contentType)),
  known: () => historyIn(database),
  record: async (edit) => (await port.ask(edit)) as Awaited<ReturnType<NetworkImport['record']>>,
  progress: port.progress,
});
port.done(done);

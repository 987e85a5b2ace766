import { historyIn } from '../network-register.ts';
import { runAside } from './aside-port.ts';
import type { NetworkImportAsked } from './import-aside.ts';
import { importNetwork } from './import-network.ts';
import type { NetworkImport, NetworkImported, RecordedEdit } from './import-network.ts';
import { postedFiles } from './posted-files.ts';

/** The process in which the files of a network are read: started by `import-aside.ts`, which has recorded what differs. */
await runAside<NetworkImportAsked, RecordedEdit, NetworkImported>(
  async ({ body, contentType, database, ...asked }, port) =>
    await importNetwork({
      ...asked,
      ...(await postedFiles(body, contentType)),
      known: () => historyIn(database),
      record: async (edit) => (await port.ask(edit)) as Awaited<ReturnType<NetworkImport['record']>>,
      progress: (at) => port.progress(at),
    }),
);

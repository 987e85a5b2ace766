import { importAside } from './aside.ts';
import type { NetworkImport, NetworkImported, RecordedEdit } from './import-network.ts';

export type NetworkImportAsked = Pick<NetworkImport, 'atMs' | 'dryRun' | 'acceptErrors'> & {
  /** A form of files, as it came. */
  readonly body: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
  /** The database that holds what is known. */
  readonly database: string;
};

/** Imports in a process of its own. Findings are the first 200 errors, then the first 200 others. Throws Error where it does not come to an end. */
export async function importNetworkAside({
  record,
  progress,
  ...asked
}: NetworkImportAsked & Pick<NetworkImport, 'record' | 'progress'>): Promise<NetworkImported> {
  return await importAside<NetworkImportAsked, RecordedEdit, NetworkImported>(
    new URL('import-program.ts', import.meta.url),
    asked,
    {
      progress,
      answer: record,
    },
  );
}

import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { recordNetworkEdit } from './main-network-edit.ts';
import { NetworkHistory } from './network/connectivity/network-history.ts';
import type { ImportProgress } from './network/importing/aside.ts';
import { importNetwork } from './network/importing/import-network.ts';
import type { NetworkFiles, NetworkImport, NetworkImported } from './network/importing/import-network.ts';
import { historyIn } from './network/network-register.ts';
import { diskFiles } from './network/opendss/script-files.ts';

export type NetworkImportRequest = Omit<NetworkImport, 'files' | 'known' | 'record' | 'progress'> & {
  readonly data: string;
  readonly nowMs: number;
  readonly by: string;
  readonly progress: (say: string) => void;
};

/** As a command: files of the disk, recorded by the head-end that runs on this data, or else here. */
export async function importNetworkFile({
  data,
  nowMs,
  by,
  progress,
  ...asked
}: NetworkImportRequest): Promise<NetworkImported> {
  const { file, atMs } = asked;
  return await importNetwork({
    ...asked,
    files: readFiles,
    known: () => knownHistory(data),
    record: async (edit) => await recordNetworkEdit(data, { ...edit, atMs, nowMs, by }),
    progress: (at) => progress(`${file}: ${progressWords(at)} …`),
  });
}

function progressWords({ state, total }: ImportProgress): string {
  switch (state) {
    case 'reading':
      return 'reading';
    case 'checking':
      return `${total} pieces of equipment; checking`;
    case 'landing':
      return `${total} pieces of equipment; recording`;
  }
}

/** Of a head-end that was never started there is none. */
function knownHistory(data: string): NetworkHistory {
  const path = join(data, 'operations.db');
  return existsSync(path) ? historyIn(path) : new NetworkHistory();
}

const chunkBytes = 1 << 20;

const readFiles: NetworkFiles = {
  ...diskFiles,
  *chunks(path) {
    let descriptor: number | undefined;
    try {
      descriptor = openSync(path, 'r');
      const decoder = new StringDecoder('utf8');
      const buffer = Buffer.alloc(chunkBytes);
      for (let count = readSync(descriptor, buffer); count > 0; count = readSync(descriptor, buffer))
        yield decoder.write(buffer.subarray(0, count));
      yield decoder.end();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`${path} cannot be read (${why})`, { cause: error });
    } finally {
      if (descriptor !== undefined) closeSync(descriptor);
    }
  },
};

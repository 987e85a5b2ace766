import { CommandKeys } from '@tiepoint/headend/authority/command-keys.ts';
import type { KeyFolder } from '@tiepoint/headend/authority/key-folder.ts';
import { fileVault } from '@tiepoint/headend/authority/key-vault.ts';

/** A folder of keys in memory, which outlives the crashes of its head-end. */
export function memoryFolder(files: Map<string, string> = new Map(firstFiles())): KeyFolder {
  return {
    path: 'keys',
    open: () => undefined,
    fileOf: (name) => `keys/${name}`,
    has: (name) => files.has(name),
    read: (name) => files.get(name),
    readBytes: (name) => (files.has(name) ? Buffer.from(files.get(name) ?? '') : undefined),
    write: (name, content) =>
      void files.set(name, typeof content === 'string' ? content : Buffer.from(content).toString()),
    erase: (name) => void files.delete(name),
  };
}

/** The shipped keeper of command keys, as it starts on this folder. */
export function startedKeys(folder: KeyFolder, nowMs: number): CommandKeys {
  const keys = new CommandKeys(folder, fileVault(folder));
  keys.start(nowMs);
  return keys;
}

let first: ReadonlyMap<string, string> | undefined;
let trust: Uint8Array | undefined;

/** Keys are made once: to make them for every seed would take most of its time. */
function firstFiles(): ReadonlyMap<string, string> {
  if (first === undefined) {
    const files = new Map<string, string>();
    startedKeys(memoryFolder(files), 0);
    first = files;
  }
  return first;
}

/** With what a gateway is enrolled. */
export function enrolledTrust(): Uint8Array {
  trust ??= new TextEncoder().encode(JSON.stringify(startedKeys(memoryFolder(), 0).trust));
  return trust;
}

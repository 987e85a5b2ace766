import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder and those above it, as far as they are missing. Throws as `mkdir` does. Level by level: Node's own recursive way never
 * ends where the system says of an existing parent that nothing can be made in it, as below /proc.
 */
export function makeFolder(path: string, mode: number): void {
  const missing: string[] = [];
  for (let at = resolve(path); !isThere(at) && dirname(at) !== at; at = dirname(at)) missing.push(at);
  for (const each of missing.toReversed()) mkdirSync(each, { mode });
  if (!statSync(path).isDirectory()) throw new Error(`${path} is a file and no folder`);
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

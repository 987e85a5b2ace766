import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const restoredFile = 'restored.json';

/** As a restore leaves it in the data folder: of when the backup is. */
export function noteRestored(folder: string, madeAtMs: number): void {
  writeFileSync(join(folder, restoredFile), `${JSON.stringify({ madeAtMs })}\n`, { mode: 0o600, flush: true });
}

/**
 * Why nothing may be commanded in this folder, which was restored: tags that were set after the backup are not in it, and the gateways still
 * hold them. Undefined: nothing of the kind.
 */
export function restoredHold(folder: string): string | undefined {
  const path = join(folder, restoredFile);
  if (!existsSync(path)) return undefined;
  const { madeAtMs } = JSON.parse(readFileSync(path, 'utf8')) as { madeAtMs: number };
  return `This head-end was restored as of ${new Date(madeAtMs).toISOString()}: tags that were set after that are not known here, and the gateways still hold them. Set the tags that hold now, then start once with --tags-checked.`;
}

/** Somebody has set the tags anew that hold now. */
export function endRestoredHold(folder: string): void {
  rmSync(join(folder, restoredFile), { force: true });
}

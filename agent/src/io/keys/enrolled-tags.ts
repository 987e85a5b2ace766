import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentSettings } from '../configuration.ts';
import type { Downlink } from '../downlink.ts';

export const tagsFileName = 'tags.cose';

/**
 * What was tagged when this gateway was enrolled, as the head-end signed it, once: the file goes first, so that it is never taken for the
 * present one after a database was lost. Throws where it cannot be removed, and then it is not used.
 */
export function takeEnrolledTags(folder: string): Uint8Array | undefined {
  const path = join(folder, tagsFileName);
  let content: Uint8Array;
  try {
    content = readFileSync(path);
  } catch {
    return undefined;
  }
  rmSync(path);
  return content;
}

/** It holds until the head-end tells anew. Without `downlink` it is only put away: after a journal was lost it is worth nothing. */
export function adoptEnrolledTags(
  { gateway, identity }: Pick<AgentSettings, 'gateway' | 'identity'>,
  downlink: Pick<Downlink, 'open' | 'take'> | undefined,
): void {
  const sealed = takeEnrolledTags(identity);
  const topic = { of: 'gateway', gatewayId: gateway.id, message: 'tags' } as const;
  const content = sealed && downlink?.open(topic, sealed);
  if (content !== undefined) downlink?.take(topic, content, false);
}

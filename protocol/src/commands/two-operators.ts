import type { Capability } from '../points.ts';
import type { CommandKind } from './kinds.ts';

/**
 * Why this takes two operators; undefined: one does. Letting a generator onto a bus that may be live joins two sources, and `connect` does so
 * as well as `activate-synchronization` where the device has a synchroniser. Head-end and agent ask the same.
 */
export function takesTwo(kind: CommandKind, capabilities: readonly Capability[]): string | undefined {
  const joins = kind === 'activate-synchronization' || (kind === 'connect' && capabilities.includes('synchroniser'));
  return joins ? 'It lets a generator onto a bus that may be live: a second operator approves it.' : undefined;
}

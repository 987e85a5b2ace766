/** Grows only at its end: the wire carries the index. */
export const commandKinds = [
  'connect',
  'disconnect',
  'start-generation',
  'stop-generation',
  'enable-synchronization',
  'activate-synchronization',
  'limit-power',
  'switch-relay',
] as const;
export type CommandKind = (typeof commandKinds)[number];

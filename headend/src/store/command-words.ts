import type { CommandKind, CommandParameters } from '@tiepoint/protocol';

/** What was commanded, for the audit: `limit-power to 40 %`, `switch-relay 2 off`, `disconnect`. */
export function commandWords(kind: CommandKind, { limitPct, relay, to }: CommandParameters): string {
  const limit = limitPct === undefined ? [] : [`to ${limitPct} %`];
  return [kind, ...limit, ...[relay, to].filter((each) => each !== undefined)].join(' ');
}

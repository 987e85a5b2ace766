import { commandRules } from '@tiepoint/protocol';
import type { CommandKind, CommandParameters } from '@tiepoint/protocol';

/** What was commanded, for the audit: `Limit power to 40 %`, `Switch relay 2 off`, `Disconnect`. */
export function commandWords(kind: CommandKind, { limitPct, relay, to }: CommandParameters): string {
  const limit = limitPct === undefined ? [] : [`to ${limitPct} %`];
  return [commandRules[kind].title, ...limit, ...[relay, to].filter((each) => each !== undefined)].join(' ');
}

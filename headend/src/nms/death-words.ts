import type { Death } from '@tiepoint/protocol';

/** A death as a sentence for the event list; `devices`: how many went with a gateway. */
export function diedSay({ cause, say }: Death, devices?: number): string {
  const words: { readonly [C in Death['cause']]?: string } = {
    'line-lost': 'The line to it was lost',
    stopped: 'It was stopped',
    'bus-unreachable': 'It no longer answers its gateway',
    removed: 'Its gateway no longer carries it',
    'not-identified': 'What answers there is another device than configured',
  };
  const told = say === undefined ? '' : `: ${say}`;
  return `${words[cause] ?? cause}${told}${devices === undefined || devices === 0 ? '' : ` (${devices} devices with it)`}`;
}

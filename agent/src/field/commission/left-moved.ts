import type { Progress } from './progress-file.ts';

/** A device that an item of a commissioning moved, and was not seen to bring back. */
export type LeftMoved = {
  readonly deviceId: string;
  readonly itemId: string;
  /** How it was found, in words: `switched on`, `running`, `with a limit of 100 %`. */
  readonly was: string;
  /** What is so, without what to do. */
  readonly say: string;
};

/** A kill loses no such device: how it was found is on disk before it is moved. */
export function leftMoved({ found }: Pick<Progress, 'found'>): readonly LeftMoved[] {
  return Object.entries(found).map(([itemId, state]) => {
    const deviceId = itemId.split('/')[0] ?? itemId;
    const was = foundWords(state);
    const say = `${deviceId} was found ${was} when ${itemId} began, and was not seen to be so again`;
    return { deviceId, itemId, was, say };
  });
}

function foundWords(state: string): string {
  if (/^\d/.test(state)) return Number(state) === 100 ? 'without a limit' : `with a limit of ${state} %`;
  if (state === 'on' || state === 'off') return `switched ${state}`;
  return state.startsWith('{') ? relayWords(state) : state;
}

/** As the item of the relays notes them: a word for each that reads. */
function relayWords(state: string): string {
  let relays: object;
  try {
    relays = JSON.parse(state) as object;
  } catch {
    return state;
  }
  const known = Object.entries(relays).filter(([name]) => name.startsWith('relay'));
  return `with ${known.map(([name, word]) => `${name.replace('relay', 'relay ')} ${String(word)}`).join(', ')}`;
}

/** A topic filter or a topic, cut into levels once, so that a busy link does not cut it again for every handler. */
export type Levels = readonly string[];

export function levels(topicOrFilter: string): Levels {
  return topicOrFilter.split('/');
}

/**
 * Does an MQTT topic match a filter? (MQTT 3.1.1, 4.7.) A filter that begins with a wildcard does not match a topic that
 * begins with `$` (4.7.2-1): the broker's own topics are heard by nobody who did not ask for them by name.
 */
export function matches(filter: Levels, topic: Levels): boolean {
  if (topic[0]?.startsWith('$') === true && filter[0]?.startsWith('$') !== true) return false;
  for (const [at, wanted] of filter.entries()) {
    if (wanted === '#') return true; // also the parent level: sport/# matches sport
    if (at >= topic.length) return false;
    if (wanted !== '+' && wanted !== topic[at]) return false;
  }
  return filter.length === topic.length;
}

/** What is wrong with a filter, or undefined. */
export function filterFault(filter: string): string | undefined {
  if (filter === '' || filter.includes('\0')) return 'a topic filter is empty or holds a NUL';
  const words = levels(filter);
  for (const [at, word] of words.entries()) {
    if (word.includes('#') && (word !== '#' || at !== words.length - 1)) {
      return `${filter}: # stands alone, and only at the end`;
    }
    if (word.includes('+') && word !== '+') return `${filter}: + stands alone between two /`;
  }
  return undefined;
}

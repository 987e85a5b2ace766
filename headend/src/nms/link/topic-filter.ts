/**
 * Does an MQTT topic match a filter? (MQTT 3.1.1, 4.7.) A filter that begins with a wildcard does not match a topic that
 * begins with `$` (4.7.2-1): the broker's own topics are heard by nobody who did not ask for them by name.
 */
export function matches(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && !filter.startsWith('$')) return false;
  const wanted = filter.split('/');
  const given = topic.split('/');
  for (const [level, word] of wanted.entries()) {
    if (word === '#') return true; // also the parent level: sport/# matches sport
    if (level >= given.length) return false;
    if (word !== '+' && word !== given[level]) return false;
  }
  return wanted.length === given.length;
}

/** What is wrong with a filter, or undefined. */
export function filterFault(filter: string): string | undefined {
  if (filter === '' || filter.includes('\0')) return 'a topic filter is empty or holds a NUL';
  const words = filter.split('/');
  for (const [level, word] of words.entries()) {
    if (word.includes('#') && (word !== '#' || level !== words.length - 1)) {
      return `${filter}: # stands alone, and only at the end`;
    }
    if (word.includes('+') && word !== '+') return `${filter}: + stands alone between two /`;
  }
  return undefined;
}

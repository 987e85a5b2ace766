import { expect, test } from 'vitest';
import { filterFault, levels, matches } from './topic-filter.ts';

test.each([
  // filter, topic, matches (MQTT 3.1.1, 4.7.1 and 4.7.2, with the standard's own examples)
  ['sport/tennis/player1/#', 'sport/tennis/player1', true],
  ['sport/tennis/player1/#', 'sport/tennis/player1/score/wimbledon', true],
  ['sport/#', 'sport', true],
  ['#', 'a', true],
  ['#', '/', true],
  ['sport/tennis/+', 'sport/tennis/player1', true],
  ['sport/tennis/+', 'sport/tennis/player1/ranking', false],
  ['sport/+', 'sport', false],
  ['sport/+', 'sport/', true],
  ['+/+', '/finance', true],
  ['/+', '/finance', true],
  ['+', '/finance', false],
  ['#', '$SYS/x', false],
  ['+/monitor', '$SYS/monitor', false],
  ['$SYS/#', '$SYS/x', true],
  ['a/b', 'a/B', false],
  ['a/b', 'a/b/c', false],
  ['a/b/c', 'a/b', false],
])('%s and %s: %s', (filter, topic, wanted) => {
  expect(matches(levels(filter), levels(topic))).toBe(wanted);
});

test.each([
  ['a/+/b/#', undefined],
  ['#', undefined],
  ['', 'empty'],
  ['a/#/b', '# stands alone'],
  ['a#', '# stands alone'],
  ['a/b+', '+ stands alone'],
])('filter %s: %s', (filter, fault) => {
  expect(filterFault(filter) ?? 'none').toContain(fault ?? 'none');
});

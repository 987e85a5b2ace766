import { expect, test } from 'vitest';
import { seenOf, shortened, withTranscript } from './transcript.ts';

test.each([
  { what: 'a pty ends lines with CR and LF', raw: 'one\r\ntwo\r\n', seen: 'one\ntwo\n' },
  { what: 'colours', raw: '\u001B[32mpassed\u001B[0m  ok\n', seen: 'passed  ok\n' },
  { what: 'progress', raw: '\r\u001B[2Kunit 1\r\u001B[2Kunit 2\r\u001B[2Kdone\r\n', seen: 'done\n' },
  { what: 'a question and what was typed', raw: '\r\u001B[2KGo on? yes\r\n', seen: 'Go on? yes\n' },
])('seen: $what', ({ raw, seen }) => {
  expect(seenOf(raw)).toBe(seen);
});

test.each([
  {
    what: 'a token',
    seen: `enroll https://h:8444 ${'Ab-_0123'.repeat(4)}.${'0123abcd'.repeat(8)} --dir x`,
    is: 'enroll https://h:8444 Ab-_0123….0123abcd… --dir x',
  },
  { what: 'a report', seen: 'report-6fd86465-9cfe-4a65-b7f9-7733bfe00f2a.html', is: 'report-6fd86465-….html' },
  {
    what: 'the list before the work, and no later one',
    seen: '  1  to do  a\n  2  to do  b\n  3  to do  c\n 10  to do  d\n\n  1  passed  a\n',
    is: '  1  to do  a\n […] 2 more\n 10  to do  d\n\n  1  passed  a\n',
  },
  {
    what: 'what is the same once more',
    seen: 'pv-1: Port and identity\n  passed\n\npv-1: Enter-service settings\n',
    is: '[… pv-1: the same four items in the same way: passed …]\n\npv-1: Enter-service settings\n',
  },
  { what: 'places of this recording', seen: '/dev/pts/7 at /tmp/x', is: '/dev/pts/5 at /tmp/x' },
])('left out: $what', ({ seen, is }) => {
  expect(shortened(seen, { instead: new Map([['/dev/pts/7', '/dev/pts/5']]) })).toBe(is);
});

test('the transcript takes the place of the earlier one, and of nothing else', () => {
  const readme = 'a\n```\nnpm x\n```\nb\n```\n$ tiepoint-agent scan old\nmore\n```\nc\n```\nz\n```\n';
  expect(withTranscript(readme, '$ tiepoint-agent scan new\n')).toBe(
    'a\n```\nnpm x\n```\nb\n```\n$ tiepoint-agent scan new\n```\nc\n```\nz\n```\n',
  );
  expect(() => withTranscript('a', 'b')).toThrow('no block');
});

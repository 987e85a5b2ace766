import { expect, test } from 'vitest';
import { operatorName } from './operator-name.ts';

test.each([
  { headers: ['ada'], name: 'ada' },
  { headers: ['  ada  '], name: 'ada' },
  { headers: ['ada%20%20lovelace'], name: 'ada lovelace' },
  { headers: ['%E5%BC%A0%E4%BC%9F'], name: '张伟' },
  { headers: ['Rene%CC%81'], name: 'René' }, // composed, so that one name is one name
  { headers: ['100%'], name: '100%' },
  { headers: ['headmaster'], name: 'headmaster' },
  { headers: [], name: undefined },
  { headers: ['ada', 'bob'], name: undefined },
  { headers: ['   '], name: undefined },
  { headers: ['%20'], name: undefined },
  { headers: ['head-end'], name: undefined },
  { headers: ['Head-End '], name: undefined },
  { headers: ['agent'], name: undefined },
  { headers: ['agent of g.meter-1'], name: undefined },
  { headers: ['ada%00'], name: undefined },
  { headers: ['ada%0Abob'], name: undefined },
  { headers: ['a%E2%80%8Bda'], name: undefined }, // zero width
  { headers: ['%E2%80%AEada'], name: undefined }, // right to left
  { headers: ['ada%E3%85%A4'], name: undefined }, // a letter that shows nothing
  { headers: ['a'.repeat(120)], name: 'a'.repeat(120) },
  { headers: ['a'.repeat(121)], name: undefined },
])('$headers: $name', ({ headers, name }) => {
  expect(operatorName(headers)).toBe(name);
});

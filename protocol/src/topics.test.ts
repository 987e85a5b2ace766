import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  deviceDown,
  deviceUp,
  formatTopic,
  gatewayClientId,
  gatewayDown,
  gatewayUp,
  isName,
  mayPublish,
  maySubscribe,
  parseTopic,
  upFilters,
} from './topics.ts';
import type { Topic } from './topics.ts';

const name = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,62}$/).filter(isName);
const topic: fc.Arbitrary<Topic> = fc.oneof(
  fc.constant({ of: 'host' as const }),
  fc.record({
    of: fc.constant('gateway' as const),
    gatewayId: name,
    message: fc.constantFrom(...gatewayUp, ...gatewayDown),
  }),
  fc.record({
    of: fc.constant('device' as const),
    gatewayId: name,
    deviceId: name,
    message: fc.constantFrom(...deviceUp, ...deviceDown),
  }),
);

test('what is formatted parses back', () => {
  fc.assert(
    fc.property(topic, (each) => {
      expect(parseTopic(formatTopic(each))).toEqual(each);
    }),
  );
});

test('no text throws, and what parses formats back', () => {
  const part = fc.constantFrom(
    'tiepoint',
    'v1',
    'host',
    'gw-x',
    'birth',
    'command',
    '',
    '+',
    '#',
    '..',
    '$SYS',
    'A',
    '__proto__',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(part, { maxLength: 6 }).map((parts) => parts.join('/')),
  );
  fc.assert(
    fc.property(text, (each) => {
      const parsed = parseTopic(each);
      expect(parsed === undefined ? each : formatTopic(parsed)).toBe(each);
    }),
    { numRuns: 3_000 },
  );
});

test.each([
  '',
  'tiepoint',
  'tiepoint/v1',
  'tiepoint/v1/',
  'tiepoint/v2/host',
  'Tiepoint/v1/host',
  '/tiepoint/v1/host',
  'tiepoint/v1/host/birth',
  'tiepoint/v1/host/dev/status',
  'tiepoint/v1/gw/status',
  'tiepoint/v1/gw/birth/',
  'tiepoint/v1/gw/dev/inquiry',
  'tiepoint/v1/gw/dev/status/x',
  'tiepoint/v1/gw//status',
  'tiepoint/v1/-gw/birth',
  'tiepoint/v1/GW/birth',
  'tiepoint/v1/gw\n/birth',
  'tiepoint/v1/gw/birth\n',
  'tiepoint/v1/+/birth',
  'tiepoint/v1/gw/#',
  'tiepoint/v1/gw/toString',
  'tiepoint/v1/gw\u0000/birth',
  `tiepoint/v1/${'g'.repeat(64)}/birth`,
  `tiepoint/v1/gw/birth${'/x'.repeat(1_000)}`,
])('no topic of ours: %j', (text) => {
  expect(parseTopic(text)).toBeUndefined();
  expect(mayPublish(gatewayClientId('gw'), text)).toBe(false);
});

test.each(['host', '', 'a/b', '+', 'x'.repeat(64), 'Ä', '-a'])('no name: %j', (gatewayId) => {
  expect(() => formatTopic({ of: 'gateway', gatewayId, message: 'birth' })).toThrow(RangeError);
  expect(() => formatTopic({ of: 'device', gatewayId: 'gw', deviceId: gatewayId, message: 'status' })).toThrow(
    RangeError,
  );
});

describe('gateway x may publish', () => {
  test.each<[string, boolean]>([
    ...gatewayUp.map((word): [string, boolean] => [`tiepoint/v1/x/${word}`, true]),
    ...deviceUp.map((word): [string, boolean] => [`tiepoint/v1/x/d/${word}`, true]),
    ...gatewayDown.map((word): [string, boolean] => [`tiepoint/v1/x/${word}`, false]),
    ...deviceDown.map((word): [string, boolean] => [`tiepoint/v1/x/d/${word}`, false]),
    ['tiepoint/v1/host', false],
    ['tiepoint/v1/y/birth', false],
    ['tiepoint/v1/y/d/status', false],
    ['tiepoint/v1/gw-x/birth', false],
    ['$SYS/broker', false],
  ])('%s: %s', (text, may) => {
    expect(mayPublish(gatewayClientId('x'), text)).toBe(may);
    expect(mayPublish('x', text)).toBe(false);
  });
});

describe('gateway gw-x may subscribe to', () => {
  test.each<[string, boolean]>([
    ['tiepoint/v1/host', true],
    ['tiepoint/v1/gw-x/#', true],
    ['tiepoint/v1/gw-x/+/command', true],
    ['tiepoint/v1/gw-x/inquiry', true],
    ['tiepoint/v1/gw-x/d/command', true],
    ['tiepoint/v1/+/inquiry', false],
    ['tiepoint/v1/+/+/command', false],
    ['tiepoint/v1/#', false],
    ['tiepoint/#', false],
    ['#', false],
    ['+/v1/gw-x/#', false],
    ['tiepoint/+/gw-x/#', false],
    ['tiepoint/v1/gw-y/#', false],
    ['tiepoint/v1/gw-x#', false],
    ['tiepoint/v1/gw-x/#/command', false],
    ['tiepoint/v1/gw-x/d+/command', false],
    ['$share/g/tiepoint/v1/gw-x/#', false],
    ['$SYS/#', false],
    ['', false],
    [`tiepoint/v1/gw-x${'/+'.repeat(100)}`, false],
  ])('%s: %s', (filter, may) => {
    expect(maySubscribe(gatewayClientId('gw-x'), filter)).toBe(may);
  });
});

test('the head-end hears every gateway and device, and nothing that goes down', () => {
  expect([upFilters.gateway('birth'), upFilters.device('status')]).toEqual([
    'tiepoint/v1/+/birth',
    'tiepoint/v1/+/+/status',
  ]);
});

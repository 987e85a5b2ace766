import { expect, test } from 'vitest';
import { RevokedGateways } from './revoked-gateways.ts';

const hour = 3_600_000;

test('who comes again and again is told once an hour, each gateway by itself, also after the clock was set', () => {
  const told: [number, string][] = [];
  let nowMs = 10 * hour;
  const revoked = new RevokedGateways({
    note: ({ atMs, gatewayId, kind, say }) => told.push([atMs, `${kind} ${gatewayId ?? ''}: ${say.slice(0, 30)}`]),
    now: () => nowMs,
  });
  revoked.refused('gw-1', '10.0.0.1');
  revoked.refused('gw-1', '10.0.0.2');
  revoked.heard('gw-2');
  nowMs += hour - 1;
  revoked.refused('gw-1', '10.0.0.1');
  nowMs += 1;
  revoked.refused('gw-1', '10.0.0.1');
  nowMs = hour;
  revoked.heard('gw-1');
  expect(told).toEqual([
    [10 * hour, 'revoked-gateway gw-1: It came with a certificate tha'],
    [10 * hour, 'revoked-gateway gw-2: Its certificate was revoked, a'],
    [11 * hour, 'revoked-gateway gw-1: It came with a certificate tha'],
    [hour, 'revoked-gateway gw-1: Its certificate was revoked, a'],
  ]);
});

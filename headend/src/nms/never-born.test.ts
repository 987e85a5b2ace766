import { expect, test } from 'vitest';
import { TelemetryWriter } from '../store/telemetry-writer.ts';
import type { TelemetryStore } from '../store/store.ts';
import { Fleet } from './fleet.ts';
import { meterBirth } from './testing/fake-agent.ts';

test('what a gateway lists but cannot introduce is known as missing, with its word why, until it is born or the session ends', () => {
  const asked: string[] = [];
  const changed: string[] = [];
  const none = (): void => undefined;
  const fleet = new Fleet({
    writer: new TelemetryWriter({} as TelemetryStore, none),
    inquirer: { rebirth: (gatewayId) => void asked.push(gatewayId), isAnswer: () => false },
    onDevice: none,
    onGateway: (gatewayId) => changed.push(gatewayId),
    onGatewayBorn: none,
    onAcknowledged: none,
    heldMode: () => undefined,
    now: () => 1_000_000,
  });
  const gateway = { protocolVersion: 1, timeMs: 1_000_000, firmware: 'f', readOnly: false, configurationRevision: 0 };
  const born = (session: number, deviceIds: readonly string[]): unknown =>
    fleet.gatewayBorn('g', { ...gateway, session, deviceIds });
  const deviceBorn = (session: number, deviceId: string): unknown =>
    fleet.deviceBorn('g', deviceId, { ...meterBirth, session });
  born(1, ['m', 'x']);
  deviceBorn(1, 'm');
  expect(fleet.missingOf('g')).toEqual([{ deviceId: 'x' }]);
  asked.length = 0;
  const death = { session: 1, cause: 'not-identified', say: 'unit 3 answers as another make' } as const;
  expect(fleet.deviceDied('g', 'x', death)).toBeUndefined();
  expect(changed.at(-1)).toBe('g');
  expect(fleet.missingOf('g')).toEqual([
    { deviceId: 'x', say: 'What answers there is another device than configured: unit 3 answers as another make' },
  ]);
  expect(asked).toEqual([]);
  expect(fleet.deviceDied('g', 'unlisted', death)).toMatchObject({ reason: 'not-listed' });
  expect(fleet.deviceDied('h', 'x', death)).toMatchObject({ reason: 'unknown-device' });
  expect([...fleet.twins()].map(({ deviceId }) => deviceId)).toEqual(['m']);
  born(2, ['m', 'x']);
  expect(fleet.missingOf('g')).toEqual([{ deviceId: 'x' }]);
  deviceBorn(2, 'x');
  expect(fleet.missingOf('g')).toEqual([]);
});

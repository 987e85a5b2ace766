import { expect, test } from 'vitest';
import type { DeviceView } from './device-view.ts';
import { commandKinds } from './kinds.ts';
import { chooseRoute } from './route.ts';
import { view } from './view.fixture.ts';

const meterOf = (switchRatingA: number | undefined): DeviceView =>
  view({ deviceId: 'meter-1', kind: 'meter', capabilities: ['meter', 'service-switch'], limits: { switchRatingA } });
const source = (
  ratedPowerW: number | undefined,
  ratedCurrentA: number | undefined,
  over: Partial<DeviceView> = {},
): DeviceView => view({ deviceId: 'aas-1', limits: { ratedPowerW, ratedCurrentA }, ...over });
const switchless = { commands: [] } as const;

test.each<[string, DeviceView, DeviceView | undefined, string]>([
  ['under 200 kW and 200 A', source(199_999, 199.9), meterOf(200), 'meter-1'],
  ['199,999 W at 200 A', source(199_999, 200), meterOf(200), 'meter-1'],
  ['at 200.1 A by itself', source(199_999, 200.1), meterOf(200), 'aas-1'],
  ['at 200.1 A with no way', source(199_999, 200.1, switchless), meterOf(200), 'out-of-limits'],
  [
    '200.1 A and a switch for 320 A: still above the use case',
    source(199_999, 200.1, switchless),
    meterOf(320),
    'out-of-limits',
  ],
  ['100 A and a switch for 100 A', source(50_000, 100), meterOf(100), 'meter-1'],
  ['100.1 A and a switch for 100 A', source(50_000, 100.1, switchless), meterOf(100), 'out-of-limits'],
  ['a current that is unknown, with no way', source(50_000, undefined, switchless), meterOf(200), 'out-of-limits'],
  ['a current that is unknown, by itself', source(50_000, undefined), meterOf(200), 'aas-1'],
  ['a switch of unknown rating', source(50_000, 10, switchless), meterOf(undefined), 'out-of-limits'],
  ['no meter', source(50_000, 10), undefined, 'aas-1'],
  ['a meter without a switch', source(50_000, 10), { ...meterOf(200), capabilities: ['meter'] }, 'aas-1'],
  ['200 kW', source(200_000, 100), meterOf(200), 'aas-1'],
  [
    '200 kW with a synchroniser',
    source(200_000, 100, { ...switchless, capabilities: ['synchroniser'] }),
    meterOf(200),
    'aas-1',
  ],
  ['200 kW with no way', source(200_000, 100, switchless), meterOf(200), 'not-capable'],
  ['a power that is unknown', source(undefined, 10), meterOf(200), 'out-of-limits'],
])('%s', (_, target, meter, expected) => {
  for (const kind of ['connect', 'disconnect'] as const) {
    const route = chooseRoute(kind, target, meter);
    expect(route.ok ? route.value.deviceId : route.reason).toBe(expected);
    expect(route.ok ? route.value.by === 'meter-switch' : false).toBe(expected === 'meter-1');
    expect(route.ok ? 'refused: not.' : route.say).toMatch(/: [a-z].*\.$/);
  }
});

test('all else goes to the device itself, whatever is known of it', () => {
  for (const kind of commandKinds.filter((each) => each !== 'connect' && each !== 'disconnect')) {
    expect(chooseRoute(kind, source(undefined, undefined), meterOf(200))).toMatchObject({
      ok: true,
      value: { deviceId: 'aas-1' },
    });
  }
  expect(chooseRoute('disconnect', meterOf(200), undefined)).toMatchObject({
    ok: true,
    value: { deviceId: 'meter-1', by: 'own-equipment' },
  });
});

test('a refusal tells what is unknown', () => {
  expect(chooseRoute('disconnect', source(50_000, undefined, switchless), meterOf(undefined))).toMatchObject({
    say: 'aas-1 (rating unknown) exceeds the service switch of meter-1 (rating unknown; 200 A at most): switch it on site.',
  });
});

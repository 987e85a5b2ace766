import type { CommandKind, CommandParameters, DeviceView } from '@tiepoint/protocol';
import { describe, expect, test } from 'vitest';
import { impact } from './impact.ts';
import { offeredKinds, permission } from './permission.ts';
import type { SwitchingMeter } from './permission.ts';
import { meterBirth, pvBirth } from './testing/fake-agent.ts';
import { newTwin } from './twins.ts';
import type { Twin } from './twins.ts';

const view = (changes: Partial<DeviceView>): DeviceView => ({
  ...pvBirth,
  deviceId: 'pv-1',
  liveness: 'live',
  measured: { control: 'none' },
  ...changes,
});
const meterView = (changes: Partial<DeviceView> = {}): DeviceView =>
  view({
    ...meterBirth,
    deviceId: 'meter-1',
    measured: { control: 'none', switchState: 'closed', loadSideVoltage: 'present' },
    ...changes,
  });
const seen = (changes: Partial<DeviceView> = {}): SwitchingMeter => ({ seen: true, view: meterView(changes) });
const tag = { owner: 'bob', cause: 'work' };
const open = { control: 'none', switchState: 'open', loadSideVoltage: 'absent' } as const;
const active = { id: 'c', kind: 'disconnect' as const };

describe('permission', () => {
  test.each([
    { name: 'by the meter', kind: 'disconnect', target: {}, meter: seen(), is: 'ok meter-switch' },
    {
      name: 'an AAS out of reach is still taken off',
      kind: 'disconnect',
      target: { liveness: 'lost' },
      meter: seen(),
      is: 'ok meter-switch',
    },
    {
      name: 'but not by a meter out of reach',
      kind: 'disconnect',
      target: {},
      meter: seen({ liveness: 'late' }),
      is: 'late meter-switch',
    },
    { name: 'the AAS is tagged', kind: 'disconnect', target: { tag }, meter: seen(), is: 'tagged meter-switch' },
    { name: 'the meter is tagged', kind: 'disconnect', target: {}, meter: seen({ tag }), is: 'tagged meter-switch' },
    { name: 'the AAS is busy', kind: 'disconnect', target: { active }, meter: seen(), is: 'busy meter-switch' },
    {
      name: 'the meter is unseen',
      kind: 'connect',
      target: {},
      meter: { seen: false, deviceId: 'meter-1' },
      is: 'never-seen -',
    },
    {
      name: 'closing onto a live load side',
      kind: 'connect',
      target: {},
      meter: seen({ measured: { control: 'none', switchState: 'open', loadSideVoltage: 'present' } }),
      is: 'load-side-live meter-switch',
    },
    {
      name: 'above the rating of the switch',
      kind: 'disconnect',
      target: { limits: { ratedPowerW: 5_000, ratedCurrentA: 300 } },
      meter: seen(),
      is: 'out-of-limits -',
    },
    {
      name: 'closing onto another that is tagged',
      kind: 'connect',
      target: {},
      meter: seen({ measured: open }),
      behind: [view({ deviceId: 'pv-2', tag })],
      is: 'tagged meter-switch',
    },
    {
      name: 'the meter itself, onto one that is tagged',
      kind: 'connect',
      target: meterView({ measured: open }),
      meter: undefined,
      behind: [view({ tag })],
      is: 'tagged own-equipment',
    },
    {
      name: 'the meter itself, onto one that is busy',
      kind: 'connect',
      target: meterView({ measured: open }),
      meter: undefined,
      behind: [view({ active: { id: 'c', kind: 'limit-power' } })],
      is: 'busy own-equipment',
    },
    {
      name: 'the meter itself, onto none that is tagged or busy',
      kind: 'connect',
      target: meterView({ measured: open }),
      meter: undefined,
      behind: [view({ liveness: 'lost' })],
      is: 'ok own-equipment',
    },
    {
      name: 'opening goes on, whoever is tagged behind it',
      kind: 'disconnect',
      target: {},
      meter: seen(),
      behind: [view({ deviceId: 'pv-2', tag })],
      is: 'ok meter-switch',
    },
    { name: 'rated power unknown', kind: 'disconnect', target: { limits: {} }, meter: seen(), is: 'out-of-limits -' },
    {
      name: 'its own command',
      kind: 'limit-power',
      parameters: { limitPct: 50 },
      target: {},
      meter: seen({ liveness: 'lost' }),
      is: 'ok own-equipment',
    },
    { name: 'a parameter is missing', kind: 'limit-power', target: {}, meter: undefined, is: 'invalid own-equipment' },
    {
      name: 'a parameter out of range',
      kind: 'limit-power',
      parameters: { limitPct: 101 },
      target: {},
      meter: undefined,
      is: 'invalid -',
    },
    {
      name: 'a parameter of another command',
      kind: 'disconnect',
      parameters: { relay: 1 },
      target: {},
      meter: seen(),
      is: 'invalid -',
    },
  ] as {
    name: string;
    kind: CommandKind;
    parameters?: CommandParameters;
    target: Partial<DeviceView>;
    meter: SwitchingMeter;
    behind?: DeviceView[];
    is: string;
  }[])('$name: $is', ({ kind, parameters = {}, target, meter, behind, is }) => {
    const { verdict, route } = permission(kind, parameters, view(target), meter, behind);
    expect(`${verdict.ok ? 'ok' : verdict.reason} ${route?.by ?? '-'}`).toBe(is);
  });

  test('offered are a device’s own commands and those of its meter’s switch', () => {
    expect(offeredKinds(view({}), seen())).toEqual(['limit-power', 'connect', 'disconnect']);
    expect(offeredKinds(view({}), undefined)).toEqual(['limit-power']);
    expect(offeredKinds(meterView(), undefined)).toEqual(['connect', 'disconnect']);
  });
});

describe('impact', () => {
  const twin = (
    deviceId: string,
    birth: Twin['birth'],
    activePowerW?: number,
    liveness: Twin['liveness'] = 'live',
  ): Twin => ({
    ...newTwin('g', deviceId, birth, 0),
    liveness,
    status: {
      kind: birth.kind === 'aas' ? 'aas' : 'meter',
      session: 1,
      seq: 0,
      timeMs: 0,
      timeQuality: 'unknown',
      activePowerW,
    },
  });
  const own = { deviceId: 'pv-1', by: 'own-equipment', say: 'by its own equipment' } as const;
  const pv = twin('pv-1', pvBirth, 3_210);
  const feeder = twin('feeder-1', { ...meterBirth, capabilities: ['meter', 'breaker'], limits: {} }, 1_250_000);
  test.each([
    {
      kind: 'disconnect',
      carrier: twin('meter-1', meterBirth, 850),
      behind: [pv],
      says: [
        'Opens the service switch of meter-1; 850 W flows through it now.',
        'The premises behind it lose supply.',
        'Also takes pv-1 (3.2 kW) off the grid.',
      ],
    },
    {
      kind: 'disconnect',
      carrier: twin('meter-1', meterBirth),
      behind: [twin('pv-1', pvBirth)],
      says: [
        'Opens the service switch of meter-1; how much flows through it now is unknown.',
        'The premises behind it lose supply.',
        'Also takes pv-1 (power unknown) off the grid.',
      ],
    },
    {
      kind: 'disconnect',
      carrier: twin('meter-1', meterBirth, 850, 'lost'),
      behind: [twin('pv-1', pvBirth, 10, 'lost')],
      says: [
        'Opens the service switch of meter-1; how much flows through it now is unknown (850 W when last heard).',
        'The premises behind it lose supply.',
        'Also takes pv-1 (10 W when last heard) off the grid.',
      ],
    },
    {
      kind: 'disconnect',
      target: feeder,
      carrier: feeder,
      behind: [],
      says: ['Opens the breaker of feeder-1; 1.25 MW flows through it now.', 'The line behind it loses supply.'],
    },
    {
      kind: 'connect',
      target: feeder,
      carrier: feeder,
      behind: [],
      says: ['Closes the breaker of feeder-1; the line behind it gets voltage.'],
    },
    {
      kind: 'disconnect',
      carrier: pv,
      behind: [],
      says: ['Takes pv-1 off the grid by its own equipment; 3.2 kW is generated now.'],
    },
    {
      kind: 'disconnect',
      carrier: twin('meter-1', meterBirth, -2_510),
      behind: [twin('battery-1', pvBirth, -1_250_000)],
      says: [
        'Opens the service switch of meter-1; 2.5 kW flows back through it into the grid now.',
        'The premises behind it lose supply.',
        'Also takes battery-1 (\u22121.25 MW) off the grid.',
      ],
    },
    {
      kind: 'disconnect',
      carrier: twin('meter-1', meterBirth, -850, 'lost'),
      behind: [twin('pv-1', pvBirth, -0.4)],
      says: [
        'Opens the service switch of meter-1; how much flows through it now is unknown (\u2212850 W when last heard).',
        'The premises behind it lose supply.',
        'Also takes pv-1 (0 W) off the grid.',
      ],
    },
    {
      kind: 'stop-generation',
      target: twin('battery-1', pvBirth, -3_210),
      carrier: pv,
      behind: [],
      says: ['Stops battery-1; 3.2 kW is drawn now.'],
    },
    {
      kind: 'connect',
      carrier: twin('meter-1', meterBirth),
      behind: [pv],
      says: [
        'Closes the service switch of meter-1; what is behind it gets voltage.',
        'pv-1 (rated 5 kW) may feed in again.',
      ],
    },
    {
      kind: 'limit-power',
      parameters: { limitPct: 40 },
      carrier: pv,
      behind: [],
      says: ['Limits pv-1 to 40 % of its rated power (2 kW).', '3.2 kW is generated now.'],
    },
    {
      kind: 'limit-power',
      parameters: { limitPct: 100 },
      carrier: pv,
      behind: [],
      says: ['Lifts the limit on pv-1.', '3.2 kW is generated now.'],
    },
  ] as {
    kind: CommandKind;
    parameters?: CommandParameters;
    target?: Twin;
    carrier: Twin;
    behind: Twin[];
    says: string[];
  }[])('$says', ({ kind, parameters = {}, target = pv, carrier, behind, says }) => {
    expect(impact({ kind, parameters, target, route: own, carrier, behind, tagOf: () => undefined })).toEqual(says);
  });

  test.each(['connect', 'disconnect'] as const)('%s tells who is tagged behind the switch', (kind) => {
    const carrier = twin('meter-1', meterBirth, 850);
    const tagOf = (key: string) => (key === 'g.pv-1' ? tag : undefined);
    const says = impact({ kind, parameters: {}, target: carrier, route: own, carrier, behind: [pv], tagOf });
    expect(says.at(-1)).toBe('pv-1 is tagged by bob (work): people may be at work there.');
  });
});

import type { DeviceBirth, GatewayBirth } from '@tiepoint/protocol';
import type { CommissioningReport } from '@tiepoint/protocol/field';
import { describe, expect, test } from 'vitest';
import type { DeviceOrder } from '../../store/provisioning-store.ts';
import { meterBirth } from '../testing/fake-agent.ts';
import { changedSince, differencesOf, judgeReport } from './acceptance.ts';

const order: DeviceOrder = { key: 'gw.m', siteId: 'home', gatewayId: 'gw', deviceId: 'm', profile: 'test/meter' };
const birth: DeviceBirth = { ...meterBirth, session: 7, serialNumber: 'S1', manufacturer: 'Acme Ltd.', model: 'M-1' };
const gateway: GatewayBirth = {
  protocolVersion: 1,
  session: 7,
  timeMs: 0,
  firmware: 'f',
  deviceIds: ['m'],
  readOnly: false,
  configurationRevision: 0,
  configurationHash: 'c0ffee',
};
const item = (
  id: string,
  outcome: CommissioningReport['items'][number]['outcome'] = 'passed',
): CommissioningReport['items'][number] => ({
  id,
  title: 'A',
  ...(id.includes('/') ? { deviceId: 'm' } : {}),
  required: true,
  outcome,
  say: '',
  measured: [],
  atMs: 0,
  tookMs: 0,
  attempts: 1,
});
const report: CommissioningReport = {
  version: 1,
  id: 'report-1',
  site: { id: 'home', title: 'Home' },
  gateway: { id: 'gw', firmware: 'f', readOnly: false, configurationHash: 'c0ffee' },
  technician: { name: 'Ted' },
  devices: [{ id: 'm', profile: 'test/meter', profileHash: 'x', serialNumber: 'S1' }],
  items: ['m/ident', 'm/nameplate', 'm/switch', 'cadence'].map((id) => item(id)),
  photographs: [],
  startedAtMs: 0,
  finishedAtMs: 1,
  verdict: 'passed',
  reservations: [],
};

type Case = {
  report?: Partial<CommissioningReport>;
  order?: Partial<DeviceOrder>;
  birth?: Partial<DeviceBirth>;
  gateway?: Partial<GatewayBirth>;
  unborn?: boolean;
  offline?: boolean;
  demonstration?: boolean;
  fellAfterMs?: number;
};
const judged = (of: Case) =>
  judgeReport(
    { ...report, ...of.report },
    {
      gatewayId: 'gw',
      siteId: 'home',
      orders: [{ ...order, ...of.order }],
      born: {
        online: of.offline !== true,
        gateway: { ...gateway, ...of.gateway },
        device: () => (of.unborn === true ? undefined : { ...birth, ...of.birth }),
      },
      demonstration: of.demonstration === true,
      ...(of.fellAfterMs === undefined ? {} : { fellAfterMs: of.fellAfterMs }),
      nowMs: 5,
    },
  );

describe('a report puts a gateway into service', () => {
  test.each([
    { name: 'that passed', of: {} },
    { name: 'that passed with reservations', of: { report: { verdict: 'passed-with-reservations' } } },
    { name: 'of the ordered number', of: { order: { serialNumber: 'S1' } } },
    {
      name: 'of a device that tells no number',
      of: {
        order: { serialNumber: 'S1' },
        birth: { serialNumber: undefined },
        report: { devices: [{ id: 'm', profile: 'test/meter', profileHash: 'x' }] },
      },
    },
    { name: 'of what was done after it was last in service', of: { fellAfterMs: 0 } },
    { name: 'of an emulated device, in a demonstration', of: { report: { emulated: true }, demonstration: true } },
  ] satisfies { name: string; of: Case }[])('$name', ({ of }: { of: Case }) => {
    expect(judged(of)).toMatchObject({
      against: [],
      acceptance: { reportId: 'report-1', configurationHash: 'c0ffee' },
    });
  });

  test.each([
    { name: 'failed', of: { report: { verdict: 'failed' } }, says: 'verdict is failed' },
    { name: 'incomplete', of: { report: { verdict: 'incomplete' } }, says: 'verdict is incomplete' },
    { name: 'emulated', of: { report: { emulated: true } }, says: 'not started for demonstration' },
    {
      name: 'of another gateway',
      of: { report: { gateway: { ...report.gateway, id: 'gw-2' } } },
      says: 'is of gateway gw-2',
    },
    { name: 'of another site', of: { report: { site: { id: 'works', title: 'W' } } }, says: 'is of site works' },
    { name: 'of another configuration', of: { gateway: { configurationHash: 'beef' } }, says: 'gw runs beef' },
    {
      name: 'of a gateway that tells no configuration',
      of: { gateway: { configurationHash: undefined } },
      says: 'one without a hash',
    },
    { name: 'of what was done before it fell out of service', of: { fellAfterMs: 1 }, says: 'commission --redo all' },
    { name: 'of a gateway off line', of: { offline: true }, says: 'gw is not on line' },
    { name: 'without a device', of: { report: { devices: [] } }, says: 'm is not in the report' },
    { name: 'in which nothing of a device passed', of: { report: { items: [] } }, says: 'Nothing that passed' },
    { name: 'of a device that was not born', of: { unborn: true }, says: 'has not introduced itself' },
    {
      name: 'of a device born in an earlier session',
      of: { birth: { session: 6 } },
      says: 'has not introduced itself',
    },
    { name: 'of another profile hash', of: { birth: { profileHash: 'y' } }, says: 'it runs test/meter (y)' },
    {
      name: 'of another number than it says',
      of: { birth: { serialNumber: 'S2' } },
      says: 'serial number S1; it says S2',
    },
    {
      name: 'of another number than ordered',
      of: { order: { serialNumber: 'S9' } },
      says: 'ordered with serial number S9, and says S1',
    },
    {
      name: 'of another profile than ordered',
      of: { order: { profile: 'other' } },
      says: 'ordered with profile other',
    },
  ] satisfies { name: string; of: Case; says: string }[])(
    'not one $name',
    ({ of, says }: { of: Case; says: string }) => {
      const { against, acceptance } = judged(of);
      expect(against.join(' ')).toContain(says);
      expect(acceptance).toBeUndefined();
    },
  );
});

test.each([
  { name: 'nothing', of: {}, says: undefined },
  {
    name: 'another configuration',
    of: { gateway: { configurationHash: 'beef' } },
    says: 'Its configuration is beef now',
  },
  { name: 'another profile hash', of: { birth: { profileHash: 'y' } }, says: 'runs profile test/meter (y) now' },
  {
    name: 'another device',
    of: { birth: { serialNumber: 'S2' } },
    says: 'serial number S2 now, and had serial number S1',
  },
  {
    name: 'a device that no longer says which',
    of: { birth: { serialNumber: undefined } },
    says: 'no readable serial number now',
  },
  { name: 'another order', of: { order: { profile: 'other' } }, says: 'is ordered with profile other now' },
  {
    name: 'another site',
    of: { order: { siteId: 'works' } },
    says: 'is entered at site works now, and was commissioned at home',
  },
  { name: 'a new order', of: { order: { deviceId: 'n' } }, says: 'n was entered after report' },
  {
    name: 'periods and thresholds set from the head-end',
    of: { gateway: { configurationRevision: 9 } },
    says: undefined,
  },
] satisfies { name: string; of: Case; says: string | undefined }[])(
  'since then: $name',
  ({ of, says }: { of: Case; says: string | undefined }) => {
    const { acceptance } = judged({});
    if (acceptance === undefined) throw new Error('not accepted');
    const changed = changedSince(acceptance, [{ ...order, ...of.order }], {
      gateway: { ...gateway, ...of.gateway },
      device: () => ({ ...birth, ...of.birth }),
    });
    expect(changed?.includes(says ?? '')).toBe(says === undefined ? undefined : true);
  },
);

test('make and model are compared as people write them, and judged by people', () => {
  expect(differencesOf({ ...order, make: 'ACME LTD', model: 'm1' }, birth)).toEqual([]);
  expect(differencesOf({ ...order, make: 'Other' }, birth)).toEqual([
    { stands: false, say: 'm was ordered with make Other, and says Acme Ltd..' },
  ]);
});

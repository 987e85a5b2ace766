import { describe, expect, test } from 'vitest';
import { aSwitch, line, networkOf, poleTransformer, source } from '../connectivity/sample-network.fixture.ts';
import { feederPath, feedersMissing } from '../feeders.fixture.ts';
import { nominalVoltages } from '../model/nominal-voltages.ts';
import type { Equipment } from '../model/equipment.ts';
import type { NetworkElement } from '../model/network.ts';
import type { Phase } from '../model/phase.ts';
import { NetworkDraft } from '../model/network-draft.ts';
import { importOpenDss } from '../opendss/import-opendss.ts';
import { diskFiles } from '../opendss/script-files.ts';
import { checkNetwork } from './check-network.ts';

const point = (id: string, node: string, more: object = {}): NetworkElement => ({
  kind: 'UsagePoint',
  id,
  name: id,
  node,
  phases: ['s1', 's2'],
  ...more,
});
const customer = (id: string): NetworkElement => ({ kind: 'Customer', id, name: 'Smith' });

const sound: readonly Equipment[] = [
  source('s', 'bus'),
  aSwitch('b', 'bus', 'a'),
  line('l', 'a', 'm'),
  aSwitch('tie', 'm', 'n', true),
  { ...line('k', 'a', 'n') },
  poleTransformer('t', 'm', 'A', 'x'),
];

function check(equipment: readonly Equipment[], more: readonly NetworkElement[] = [point('p', 'x')]): string[] {
  const network = networkOf(equipment, (draft) => {
    for (const each of more) draft.put(each);
  });
  const draft = new NetworkDraft(
    { ...network.header, coordinates: more.some((each) => 'position' in each) ? 'geographic' : 'none' },
    network,
  );
  const voltages = nominalVoltages(network);
  for (const node of network.nodes.values()) {
    const nominalVoltageV = voltages.get(node.id);
    draft.put({ ...node, ...(nominalVoltageV === undefined ? {} : { nominalVoltageV }) });
  }
  return checkNetwork(draft.network()).map(({ severity, code, say }) => `${severity} ${code} ${say}`);
}

const with_ = (id: string, change: object): Equipment[] =>
  sound.map((each) => (each.id === id ? { ...each, ...change } : each));
const without = (id: string): Equipment[] => sound.filter((each) => each.id !== id);
const at = (...ends: readonly [string, string][]) => ({
  terminals: ends.map(([node, phases]) => ({ node, phases: phases.split('') as Phase[] })),
});

describe('a check of the network', () => {
  test('finds nothing where nothing is wrong', () => expect(check(sound)).toEqual([]));

  test.each([
    {
      what: 'no source',
      equipment: without('s'),
      says: ['error no-source the network has no source of supply in service'],
    },
    {
      what: 'an island nobody meant',
      equipment: [...sound, line('far', 'q', 'r')],
      says: ['error island q: no line or switch leads from a source to it and 1 nodes with it'],
    },
    {
      what: 'what no switch feeds in the normal state',
      equipment: without('k'),
      says: ['warning unfed n: in the normal state there is no supply for this node: tie would have to be closed'],
    },
    {
      what: 'a loop',
      equipment: with_('tie', { normalOpen: false }),
      says: [
        /^warning loop (tie|k|l): with all switches in their normal position supply reaches it from both ends, by way of .*; should a switch/,
      ],
    },
    {
      what: 'a line without rating',
      equipment: with_('l', { ratedCurrentA: undefined }),
      says: ['warning missing-rating l: has no rated current: its loading cannot be judged'],
    },
    {
      what: 'an emergency below the normal',
      equipment: with_('l', { emergencyCurrentA: 10 }),
      says: ['warning absurd-rating l: bears 10 A in an emergency, but 400 A always'],
    },
    {
      what: 'a transformer without rating',
      equipment: with_('t', { normalPowerVa: undefined }),
      says: ['warning missing-rating t: has no rated power: its loading cannot be judged'],
    },
    {
      what: 'a length of nothing',
      equipment: with_('l', { lengthM: 0 }),
      says: ['error zero-impedance l: has a length of 0 m'],
    },
    {
      what: 'a phase that nobody brings',
      equipment: [...sound, line('lat', 'm', 'y', ['A', 'B']), poleTransformer('u', 'y', 'C', 'z')],
      says: ['error phases u: uses phase C of y, which nothing brings there in the normal state'],
    },
    {
      what: 'phases that do not fit',
      equipment: with_('l', at(['a', 'ABC'], ['m', 'AB'])),
      says: [
        'error phases l: has phases ABC at one end and AB at the other',
        'error phases tie: uses phase C of m, which nothing brings there in the normal state',
      ],
    },
    {
      what: 'an impedance of other size',
      equipment: with_('l', { impedance: 'wire2' }),
      says: ['error phases l: has 3 phases, and its impedance wire2 is of 2 conductors'],
    },
    {
      what: 'an impedance that is not there',
      equipment: with_('l', { impedance: 'none' }),
      says: ['error missing-element l: its impedance none is not in the network'],
    },
    {
      what: 'both ends at one node',
      equipment: [...sound, line('o', 'm', 'm')],
      says: ['error both-ends o: begins and ends at m'],
    },
    {
      what: 'a name twice',
      equipment: [...sound, { ...line('l2', 'm', 'y'), name: 'L' }],
      says: ['warning duplicate-name l2: has the name L, as has l'],
    },
    {
      what: 'a winding on the wrong voltage',
      equipment: [
        ...sound,
        {
          ...poleTransformer('u', 'm', 'A', 'z'),
          ends: poleTransformer('u', 'm', 'A', 'z').ends.map((end) => ({
            ...end,
            ratedVoltageV: end.ratedVoltageV / 3,
          })),
        },
      ],
      says: ['error voltage u: winding 1 is rated for 4.157 kV between phases, and m has 12.47 kV'],
    },
  ])('tells of $what', ({ equipment, says }) => {
    const found = check(equipment);
    for (const say of says)
      expect(
        found.some((each) => (typeof say === 'string' ? each === say : say.test(each))),
        found.join('\n'),
      ).toBe(true);
    expect(found).toHaveLength(says.length);
  });

  test.each([
    {
      what: 'a service point nowhere',
      more: [point('p', 'nowhere')],
      say: 'error missing-element p: is at nowhere, which is not in the network',
    },
    {
      what: 'one on phases that are not there',
      more: [point('p', 'x', { phases: ['A'] })],
      say: 'error phases p: is served by phases A, and nothing at x has all of them',
    },
    {
      what: 'a customer without service point',
      more: [customer('c')],
      say: 'error no-service-point c: is a customer without a service point',
    },
    {
      what: 'an unknown customer',
      more: [point('p', 'x', { customer: 'c' })],
      say: 'error missing-element p: its customer c is not in the network',
    },
    {
      what: 'a meter at two places',
      more: [point('p', 'x', { meter: '7' }), point('q', 'x', { meter: '7' })],
      say: 'error duplicate-name q: has meter 7, which is at p too',
    },
    {
      what: 'a circuit without head',
      more: [{ kind: 'Circuit', id: 'c', name: 'c', head: { equipment: 'none', terminal: 1 } } as const],
      say: 'error missing-element c: its head none is not in the network',
    },
    {
      what: 'a node with nothing',
      more: [{ kind: 'ConnectivityNode', id: 'lonely', name: 'lonely' } as const],
      say: 'warning unused-node lonely: nothing is connected to this node',
    },
  ])('tells of $what', ({ more, say }) => expect(check(sound, more)).toEqual([say]));

  test('tells of a customer below 1 kV without a transformer', () => {
    const low: readonly Equipment[] = [{ ...source('s', 'bus'), nominalVoltageV: 400 }, line('l', 'bus', 'h')];
    expect(check(low, [point('p', 'h', { phases: ['A'] })])).toEqual([
      'error no-transformer p: is served without a transformer between it and the source',
    ]);
  });

  test('tells of coordinates that are missing or that a line cannot span', () => {
    const where = (id: string, x: number, y: number): NetworkElement => ({
      kind: 'ConnectivityNode',
      id,
      name: id,
      position: { x, y },
    });
    const places = [where('bus', 10, 50), where('a', 10, 50), where('m', 10.1, 50), where('n', 10, 50.001)];
    const found = check(sound, [...places, where('x', 50, 100)]);
    expect(found).toEqual([
      'error absurd-position x: longitude 50 and latitude 100 are nowhere: are they the wrong way round?',
      'warning absurd-length l: is 100 m long and spans 7147 m: is its unit right, or a coordinate wrong?',
    ]);
    expect(check(sound, places)).toContainEqual('warning no-position x: has no coordinates');
  });
});

describe.skipIf(feedersMissing)('the test feeders (need ../shared/data)', () => {
  test.each([
    { master: 'ieee13/IEEE13Nodeckt.dss', codes: { 'missing-rating': 12 } },
    { master: 'ieee123/IEEE123Master.dss', codes: { 'missing-rating': 126 } },
    { master: 'ieee9500/Master-bal-initial-config.dss', codes: { 'missing-rating': 121, 'absurd-length': 1 } },
  ])('$master: nothing is wrong but what the files leave out', ({ master, codes }) => {
    const found = checkNetwork(importOpenDss(feederPath(master), diskFiles).network);
    const counts: Record<string, number> = {};
    for (const { code } of found) counts[code] = (counts[code] ?? 0) + 1;
    expect(found.filter(({ severity }) => severity === 'error').map(({ say }) => say)).toEqual([]);
    expect(counts).toEqual(codes);
    expect(found.filter(({ code, place }) => code === 'missing-rating' && place === undefined)).toEqual([]);
  });
});

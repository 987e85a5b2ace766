import { expect, test } from 'vitest';
import { NetworkHistory } from '../connectivity/network-history.ts';
import { aSwitch, networkOf, poleTransformer, source } from '../connectivity/sample-network.fixture.ts';
import { changesBetween } from '../model/network-change.ts';
import { emptyNetwork } from '../model/network-draft.ts';
import { exportGeoJson } from './export-geojson.ts';

test('a network as of an instant, as GeoJSON', () => {
  const network = networkOf(
    [source('s', 'bus'), aSwitch('b', 'bus', 'm'), poleTransformer('t', 'm', 'A', 'x')],
    (draft) => {
      for (const [index, id] of ['bus', 'm', 'x'].entries())
        draft.put({ kind: 'ConnectivityNode', id, name: id, position: { x: 10 + index, y: 50 } });
      draft.put({ kind: 'Network', id: 'network', name: 'n', frequencyHz: 60, coordinates: 'geographic' });
      draft.put({ kind: 'Circuit', id: 'c', name: 'c', head: { equipment: 'b', terminal: 1 } });
      draft.put({ kind: 'UsagePoint', id: 'p', name: 'p', node: 'x', phases: ['s1', 's2'] });
    },
  );
  const history = new NetworkHistory([
    { kind: 'edit', atMs: 0, changes: changesBetween(emptyNetwork(), network) },
    { kind: 'switched', atMs: 10, switchId: 'b', open: true },
  ]);
  const { features, ...whole } = exportGeoJson(history.at(0));
  expect(whole).toEqual({ type: 'FeatureCollection' });
  expect(
    features.map(({ id, geometry, properties }) => [
      id,
      geometry.coordinates,
      properties['circuit'],
      properties['state'],
    ]),
  ).toEqual([
    ['s', [10, 50], null, undefined],
    [
      'b',
      [
        [10, 50],
        [11, 50],
      ],
      'c',
      'closed',
    ],
    ['t', [11, 50], 'c', undefined],
    ['p', [12, 50], 'c', undefined],
  ]);
  const later = exportGeoJson(history.at(10)).features;
  expect(later.map(({ id, properties }) => [id, properties['energised']])).toEqual([
    ['s', 'all'],
    ['b', 'all'],
    ['t', 'none'],
    ['p', 'none'],
  ]);
  expect(later[1]?.properties['state']).toBe('open');
});

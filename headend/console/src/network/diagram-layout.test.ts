import { expect, test } from 'vitest';
import { layOut } from './diagram-layout.ts';

type Given = Parameters<typeof layOut>[0];
const segments = (...ids: string[]): Given['segmentList'] =>
  ids.map((id) => ({ id, title: id, customers: 1, transformers: 1, lengthM: 10, circuit: 'c' }));
const sw = (id: string, from: string, to: string, state: 'open' | 'closed' = 'closed'): Given['switches'][number] => ({
  id,
  name: id,
  type: 'Breaker',
  state,
  normalOpen: false,
  from,
  to,
});

const trunk: Given = {
  root: 'a',
  segmentList: segments('bus', 'a', 'b', 'c', 'f1', 'f2', 'other'),
  switches: [
    sw('head', 'bus', 'a'),
    sw('fuse1', 'a', 'f1'),
    sw('main1', 'a', 'b'),
    sw('fuse2', 'b', 'f2'),
    sw('main2', 'b', 'c'),
    sw('tie', 'c', 'other', 'open'),
  ],
};

test('the trunk goes straight on, laterals turn off below, ties end in stubs', () => {
  const { segments: placed, switches, head, columns } = layOut(trunk);
  const at = Object.fromEntries(placed.map(({ segment, column, row }) => [segment.id, [column, row]]));
  expect(at).toMatchObject({ a: [0, 0], b: [1, 0], c: [2, 0] });
  expect(at['f1']?.[0]).toBe(1);
  expect(at['f2']?.[0]).toBe(2);
  expect(new Set(Object.values(at).map(String)).size).toBe(placed.length);
  expect(head?.id).toBe('head');
  const tie = switches.find(({ drawn }) => drawn.id === 'tie');
  expect(tie).toMatchObject({ to: undefined, beyond: { id: 'other' } });
  expect(columns).toBe(4);
});

test('every switch but the head is drawn once', () => {
  const ids = layOut(trunk).switches.map(({ drawn }) => drawn.id);
  expect(ids.toSorted()).toEqual(['fuse1', 'fuse2', 'main1', 'main2', 'tie']);
});

test('a loop is drawn, and ends', () => {
  const looped = { ...trunk, switches: [...trunk.switches, sw('ring', 'f1', 'f2')] };
  const { segments: placed, switches } = layOut(looped);
  expect(placed.length).toBe(5);
  expect(switches.filter(({ drawn }) => drawn.id === 'ring').length).toBe(1);
});

test('without a root nothing is drawn', () => {
  const { root: _, ...rootless } = trunk;
  expect(layOut(rootless)).toMatchObject({ segments: [], switches: [] });
});

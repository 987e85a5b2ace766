import { expect, test } from 'vitest';
import { SoleSession } from './sole-session.ts';

type Step =
  | { at: number; claims: string | undefined; as: string; waitS?: number }
  | { at: number; heard: string }
  | { at: number; left: string };

test.each<{ name: string; steps: Step[]; seconds: number }>([
  { name: 'the first', steps: [{ at: 0, claims: 'x', as: 'a' }], seconds: 0 },
  {
    name: 'its own process takes over a connection that was cut without a word',
    steps: [
      { at: 0, claims: 'x', as: 'a' },
      { at: 1, claims: 'x', as: 'b' },
      { at: 2, heard: 'a' }, // what was still under way
      { at: 3, left: 'a' },
      { at: 4, claims: 'y', as: 'c', waitS: 87 },
    ],
    seconds: 0,
  },
  {
    name: 'a power cut: the restarted gateway waits, and is no second one',
    steps: [
      { at: 0, claims: 'x', as: 'a' },
      { at: 40, heard: 'a' },
      { at: 60, claims: 'y', as: 'b', waitS: 70 },
      { at: 100, claims: 'y', as: 'c', waitS: 30 },
      { at: 130, claims: 'y', as: 'd' },
      { at: 131, left: 'a' },
      { at: 132, heard: 'd' },
    ],
    seconds: 0,
  },
  {
    name: 'a second agent: refused, and told once the first is heard again',
    steps: [
      { at: 0, claims: 'x', as: 'a' },
      { at: 10, claims: 'y', as: 'b', waitS: 80 },
      { at: 14, heard: 'a' },
      { at: 18, heard: 'a' },
      { at: 30, claims: 'y', as: 'c', waitS: 78 },
    ],
    seconds: 1,
  },
  {
    name: 'the first has left',
    steps: [
      { at: 0, claims: 'x', as: 'a' },
      { at: 10, left: 'a' },
      { at: 11, claims: 'y', as: 'b' },
    ],
    seconds: 0,
  },
  {
    name: 'who tells no instance is never the same process',
    steps: [
      { at: 0, claims: undefined, as: 'a' },
      { at: 10, claims: undefined, as: 'b', waitS: 80 },
    ],
    seconds: 0,
  },
])('$name', ({ steps, seconds }) => {
  let told = 0;
  const session = new SoleSession(() => (told += 1));
  const connections = new Map<string, object>();
  const connection = (name: string): object => {
    const known = connections.get(name) ?? {};
    connections.set(name, known);
    return known;
  };
  const waits: [atS: number, waitS: number | undefined][] = [];
  for (const step of steps) {
    const nowMs = step.at * 1_000;
    if ('heard' in step) session.heard(connection(step.heard), nowMs);
    else if ('left' in step) session.left(connection(step.left));
    else {
      const claimant = { clientId: 'gw-one', instance: step.claims, keepaliveS: 60, remoteAddress: '192.0.2.7' };
      const waitMs = session.claim(claimant, connection(step.as), nowMs);
      waits.push([step.at, waitMs === undefined ? undefined : waitMs / 1_000]);
    }
  }
  expect(waits).toEqual(steps.flatMap((step) => ('claims' in step ? [[step.at, step.waitS]] : [])));
  expect(told).toBe(seconds);
});

import { expect, test } from 'vitest';
import { gatewayStep, maxPastSessions, newGateway, rememberedGateway } from './gateway-state.ts';
import type { GatewayInput } from './gateway-state.ts';

const birth = (session: number): Extract<GatewayInput, { kind: 'birth' }> => ({
  kind: 'birth',
  birth: {
    protocolVersion: 1,
    session,
    timeMs: 0,
    firmware: 'x',
    deviceIds: [],
    readOnly: false,
    configurationRevision: 0,
  },
});
/** A birth that answers what was asked last. */
const answer = (session: number): GatewayInput => ({ ...birth(session), isAnswer: true });
const death = (session: number): GatewayInput => ({ kind: 'death', death: { session, cause: 'line-lost' } });

test.each([
  { name: 'born', inputs: [birth(1)], session: 1, says: ['born anew'] },
  { name: 'introduced again', inputs: [birth(1), birth(1)], session: 1, says: ['born anew', 'born'] },
  { name: 'dead', inputs: [birth(1), death(1)], session: undefined, says: ['born anew', 'died'] },
  {
    name: 'late will',
    inputs: [birth(1), birth(2), death(1)],
    session: 2,
    says: ['born anew', 'born anew', 'outdated'],
  },
  {
    name: 'late birth',
    inputs: [birth(1), birth(2), birth(1)],
    session: 2,
    says: ['born anew', 'born anew', 'outdated'],
  },
  {
    name: 'birth after its death',
    inputs: [birth(1), death(1), birth(1)],
    session: undefined,
    says: ['born anew', 'died', 'outdated'],
  },
  {
    name: 'over, as it seemed, for another was born in its name: its answer shows that it is there',
    inputs: [birth(1), birth(2), birth(1), answer(1), birth(2)],
    session: 1,
    says: ['born anew', 'born anew', 'outdated', 'born anew', 'outdated'],
  },
  {
    name: 'two that both answer',
    inputs: [birth(1), birth(2), answer(1), answer(2), death(1)],
    session: 2,
    says: ['born anew', 'born anew', 'born anew', 'born anew', 'outdated'],
  },
  {
    name: 'an answer after its death',
    inputs: [birth(1), birth(2), death(1), answer(1)],
    session: 2,
    says: ['born anew', 'born anew', 'outdated', 'outdated'],
  },
  {
    name: 'the other dies',
    inputs: [birth(1), birth(2), death(2), birth(1), answer(1)],
    session: 1,
    says: ['born anew', 'born anew', 'died', 'outdated', 'born anew'],
  },
  { name: 'will before any birth', inputs: [death(1)], session: undefined, says: ['outdated'] },
])('$name', ({ inputs, session, says }) => {
  let state = newGateway('g');
  const said: string[] = [];
  for (const input of inputs) {
    const step = gatewayStep(state, input, 1);
    state = step.state;
    said.push(...step.effects.map((effect) => (effect.kind === 'born' && effect.anew ? 'born anew' : effect.kind)));
  }
  expect(state.session).toBe(session);
  expect(state.online).toBe(session !== undefined);
  expect(said).toEqual(says);
});

test('past sessions are bounded', () => {
  let state = newGateway('g');
  for (let session = 0; session < 100; session += 1) state = gatewayStep(state, birth(session), 1).state;
  expect(state.displacedSessions).toHaveLength(maxPastSessions);
  for (let session = 100; session < 200; session += 1)
    for (const input of [birth(session), death(session)]) state = gatewayStep(state, input, 1).state;
  expect(state.endedSessions).toHaveLength(maxPastSessions);
});

test('over a start: a session that had not ended may go on, one that had may not', () => {
  const alive = rememberedGateway('g', birth(5).birth, { bornAtMs: 1 });
  expect(alive).toMatchObject({ online: false, session: 5 });
  const ended = rememberedGateway('g', birth(5).birth, { bornAtMs: 1, diedAtMs: 2 });
  expect(gatewayStep(ended, birth(5), 3).effects).toEqual([{ kind: 'outdated' }]);
});

import type { Measurement } from '@tiepoint/protocol';
import { expect, test } from 'vitest';
import type { CommandRecord, TransitionRecord } from '../store/store.ts';
import { Audit, auditTransition } from './audit.ts';

const measured: Measurement[] = [
  { point: 'switchState', word: 'open', expected: 'open', met: 'yes' },
  { point: 'currentA', value: 0, unit: 'A', expected: 'below 0.5 A', met: 'yes' },
  { point: 'loadSideVoltage', expected: 'absent', met: 'unknown' },
];
const seen = 'switchState open, currentA 0 A, loadSideVoltage unknown';

test.each<{ is: Partial<TransitionRecord>; says: string }>([
  { is: { state: 'sent', by: 'head-end' }, says: 'Disconnect by g.meter-1 sent' },
  { is: { say: 'Measured as commanded.', measured }, says: `confirmed: Measured as commanded. Measured: ${seen}` },
  { is: { say: 'no reply in 1 s', measured }, says: `confirmed: no reply in 1 s; measured: ${seen}` },
  { is: { measured }, says: `confirmed; measured: ${seen}` },
  {
    is: { state: 'refused', reason: 'local', say: 'Switch it to REMOTE.' },
    says: 'refused (local): Switch it to REMOTE.',
  },
  { is: { state: 'requested', by: 'operator', say: 'not repeated' }, says: 'Disconnect by g.meter-1 requested' },
])('$says', ({ is, says }) => {
  const transition = { state: 'confirmed', by: 'agent', atMs: 1, measured: [], ...is } as unknown as TransitionRecord;
  const command = {
    id: 'c',
    targetKey: 'g.pv-1',
    routeKey: 'g.meter-1',
    kind: 'disconnect',
    parameters: {},
    operator: 'Ana',
  };
  const { say } = auditTransition(command as CommandRecord, transition);
  expect(says.startsWith('Disconnect') ? say : say.replace('Disconnect by g.meter-1 ', '')).toBe(says);
});

test.each([
  { kind: 'limit-power', parameters: { limitPct: 40 }, says: 'Limit power to 40 % requested' },
  { kind: 'switch-relay', parameters: { relay: 2, to: 'off' }, says: 'Switch relay 2 off requested' },
] as const)('what was commanded: $says', ({ kind, parameters, says }) => {
  const transition = { state: 'requested', by: 'operator', atMs: 1, measured: [] } as unknown as TransitionRecord;
  const command = { id: 'c', targetKey: 'g.d', routeKey: 'g.d', kind, parameters, operator: 'Ana' };
  expect(auditTransition(command as unknown as CommandRecord, transition).say).toBe(says);
});

test.each([
  { signed: [], told: { seq: 7, hash: 'h7' } },
  {
    signed: [
      { seq: 2, atMs: 20 },
      { seq: 5, atMs: 50, signature: 's' },
    ],
    told: { seq: 7, hash: 'h7', signed: { seq: 5, atMs: 50 } },
  },
])('the head, with the last that was signed: $told', ({ signed, told }) => {
  const store = { auditHead: () => ({ seq: 7, hash: 'h7' }) } as unknown as ConstructorParameters<typeof Audit>[0];
  expect(new Audit(store, () => signed).head()).toEqual(told);
});

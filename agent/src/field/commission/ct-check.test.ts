import { expect, test } from 'vitest';
import { judgeCt } from './ct-check.ts';
import type { CtReading, PhaseReading } from './ct-check.ts';

const volts = 240;
/** `share`: active power by apparent power, as the device says it. */
const phase = (
  name: PhaseReading['phase'],
  clampA: number,
  currentA: number | undefined,
  share: number | 'untold' = 1,
): PhaseReading => ({
  phase: name,
  clampA,
  currentA,
  voltageV: volts,
  activePowerW: share === 'untold' || currentA === undefined ? undefined : share * volts * currentA,
});
const three = (
  device: readonly [number, number, number],
  shares: readonly [number, number, number] = [1, 1, 1],
): readonly PhaseReading[] => [
  phase('A', 20, device[0], shares[0]),
  phase('B', 30, device[1], shares[1]),
  phase('C', 45, device[2], shares[2]),
];
const reading = (phases: readonly PhaseReading[], over: Partial<CtReading> = {}): CtReading => ({
  phases,
  activePowerW: undefined,
  expectedSign: 1,
  ...over,
});

test.each<{ what: string; given: CtReading; outcome: string; says?: string }>([
  { what: 'all is right', given: reading(three([20, 30, 45])), outcome: 'passed' },
  { what: 'the clamp is 4 % off', given: reading(three([20.8, 29, 46.5])), outcome: 'passed' },
  {
    what: 'power is exported as known',
    given: reading(three([20, 30, 45], [-1, -1, -1]), { expectedSign: -1 }),
    outcome: 'passed',
  },
  { what: 'the power factor is poor', given: reading(three([20, 30, 45], [0.6, 0.6, 0.6])), outcome: 'passed' },
  {
    what: 'A is reversed',
    given: reading(three([20, 30, 45], [-0.98, 1, 0.97])),
    outcome: 'failed',
    says: 'The CT of phase A is reversed:',
  },
  {
    what: 'all are reversed',
    given: reading(three([20, 30, 45], [-1, -1, -1])),
    outcome: 'failed',
    says: 'all CTs reversed',
  },
  {
    what: 'CTs of A and B are exchanged',
    given: reading(three([30, 20, 45], [-0.5, -0.5, 1])),
    outcome: 'failed',
    says: 'phases A and B are exchanged',
  },
  {
    what: 'all currents are shifted',
    given: reading(three([30, 45, 20], [-0.5, -0.5, -0.5])),
    outcome: 'failed',
    says: 'shifted by one',
  },
  {
    what: 'voltages of A and B are exchanged',
    given: reading(three([20, 30, 45], [-0.5, -0.48, 1])),
    outcome: 'failed',
    says: 'phases A and B is half',
  },
  {
    what: 'voltages are rotated',
    given: reading(three([20, 30, 45], [-0.5, -0.5, -0.5])),
    outcome: 'failed',
    says: 'shifted by one phase',
  },
  {
    what: 'all is right, and what the plate says is kept for the report',
    given: reading(three([20, 30, 45]), { ratio: { primaryA: 200, secondaryA: 5 } }),
    outcome: 'passed',
    says: 'are right. On their plate: 200:5.',
  },
  { what: 'the ratio is half', given: reading(three([10, 15, 22.5])), outcome: 'failed', says: '200:5 would fit' },
  {
    what: 'the secondary is counted',
    given: reading(three([0.5, 0.75, 1.125]), { ratio: { primaryA: 200, secondaryA: 5 } }),
    outcome: 'failed',
    says: 'set 200:5',
  },
  {
    what: 'another ratio is set',
    given: reading(three([10, 15, 22.5]), { ratio: { primaryA: 200, secondaryA: 5 } }),
    outcome: 'failed',
    says: '100:5 were set',
  },
  { what: 'one CT is another', given: reading(three([20, 60, 45])), outcome: 'failed', says: 'phase B' },
  {
    what: 'one CT is not connected',
    given: reading(three([20, 0, 45])),
    outcome: 'failed',
    says: 'no current in phase B',
  },
  { what: 'nothing flows', given: reading([phase('A', 0.1, 0.1)]), outcome: 'failed', says: 'put some load on' },
  {
    what: 'a phase is idle',
    given: reading([phase('A', 20, 20), phase('B', 0, 0), phase('C', 45, 45)]),
    outcome: 'differs',
    says: 'phase B',
  },
  {
    what: 'a current is not told',
    given: reading([phase('A', 20, undefined)]),
    outcome: 'failed',
    says: 'does not tell',
  },
  {
    what: 'only the total is told, and backwards',
    given: reading([phase('A', 20, 20, 'untold')], { activePowerW: -4_800 }),
    outcome: 'failed',
    says: 'against the direction',
  },
  {
    what: 'only the total is told',
    given: reading([phase('A', 20, 20, 'untold')], { activePowerW: 4_800 }),
    outcome: 'passed',
  },
])('$what: $outcome', ({ given, outcome, says }) => {
  const judged = judgeCt(given);
  expect(judged.outcome, judged.say).toBe(outcome);
  expect(judged.say).toContain(says ?? '');
});

import { deadUnit, hole, slowUnit, type Fault, type FaultPlan } from '../faults.ts';
import { readRange } from '../register-range.ts';
import type { DeviceFaults, FaultName } from './device-faults.ts';

/** Faults of the line, which every device can have, whatever it is. */
export const wireFaultNames = [
  'dead',
  'slowRepliesMs',
  'lateRepliesMs',
  'lostReplies',
  'noise',
  'badChecksums',
  'wrongUnit',
  'holes',
] as const satisfies readonly FaultName[];

/** Carries a device's faults of the line into the plan of the port that it is served on. */
export class WireFaults {
  readonly #plan: FaultPlan;
  readonly #unit: number;
  #heal: (() => void)[] = [];

  constructor(plan: FaultPlan, unit: number) {
    this.#plan = plan;
    this.#unit = unit;
  }

  /** Replaces what was there before. */
  apply(faults: DeviceFaults): void {
    const unit = this.#unit;
    const plan = this.#plan;
    const { dead, slowRepliesMs, lateRepliesMs, lostReplies, noise, badChecksums, wrongUnit, holes = [] } = faults;
    for (const heal of this.#heal.splice(0)) heal();
    const add = (fault: Fault, probability?: number): void => {
      const when = probability === undefined ? {} : { when: { probability } };
      this.#heal.push(plan.add({ fault, to: { units: [unit] }, ...when }));
    };
    if (dead === true) this.#heal.push(plan.add(deadUnit(unit)));
    if (slowRepliesMs !== undefined) this.#heal.push(plan.add(slowUnit(unit, slowRepliesMs)));
    if (lateRepliesMs !== undefined) add({ kind: 'late', delayMs: lateRepliesMs });
    if (lostReplies !== undefined) add({ kind: 'lost' }, lostReplies);
    if (noise !== undefined) add({ kind: 'noise', where: 'inside', byteCount: 2 }, noise);
    if (badChecksums !== undefined) add({ kind: 'bad-crc' }, badChecksums);
    if (wrongUnit !== undefined) add({ kind: 'wrong-unit' }, wrongUnit);
    for (const text of holes) {
      const range = readRange(text);
      if (range !== undefined) this.#heal.push(plan.add(hole(range.table, range.address, range.count, unit)));
    }
  }
}

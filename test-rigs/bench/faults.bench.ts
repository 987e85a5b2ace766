import faults from '../soak/faults.soak.ts';
import kills from '../soak/kills.soak.ts';
import type { Bench } from './bench.ts';

const seeds = 800;
const killCount = 20;

/** A short campaign of both kinds: simulated faults, and kill -9 of real programs. `value` counts broken promises. */
const bench: Bench = async ({ log }) => {
  const began = performance.now();
  const simulated = await faults({ seed: 1_000_000, amount: seeds, trace: false, log });
  const killed = await kills({ seed: 1, amount: killCount, trace: false, log });
  const both = (name: string): number => Number(simulated[name]) + Number(killed[name]);
  const promises = {
    lost: both('lost'),
    repeated: both('repeated'),
    falseConfirmed: both('falseConfirmed'),
    others: both('others'),
  };
  const value = Object.values(promises).reduce((sum, count) => sum + count, 0);
  return {
    name: 'faults',
    value,
    unit: 'broken promises',
    limit: 0,
    kept: value === 0,
    ...promises,
    seeds,
    kills: killCount,
    commands: both('commands'),
    confirmed: both('confirmed'),
    crashes: simulated['crashes'],
    seconds: Math.round((performance.now() - began) / 1_000),
  };
};

export default bench;

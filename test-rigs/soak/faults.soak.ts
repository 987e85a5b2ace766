import { runCampaign } from './faults/campaign.ts';
import { runSeed } from './faults/world.ts';
import type { Soak } from './soak.ts';

const wholeCampaign = 10_000;

/** Seeded simulation of gateways, broker and head-end on stepped time, with everything going wrong that one can think of. */
const soak: Soak = async ({ seed, amount = wholeCampaign, trace, log }) => {
  if (trace) {
    const { findings } = await runSeed(seed, { trace: log });
    return {
      name: 'faults',
      value: findings.length,
      unit: `findings under seed ${seed}`,
      limit: 0,
      kept: findings.length === 0,
    };
  }
  const { seconds, broken, ...counts } = await runCampaign({ from: seed, seeds: amount, log });
  return {
    name: 'faults',
    value: broken,
    unit: `of ${amount} seeds broke a promise (${counts.commands} commands, ${counts.crashes} crashes, ${seconds} s)`,
    limit: 0,
    kept: broken === 0,
    seconds,
    ...counts,
  };
};

export default soak;

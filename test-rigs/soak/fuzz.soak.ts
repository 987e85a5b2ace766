import { apiUnderFuzz } from './fuzz/api.ts';
import { fuzz } from './fuzz/campaign.ts';
import { decoderTargets } from './fuzz/targets.ts';
import type { Soak } from './soak.ts';

const wholeCampaign = 5_000_000;
/** A request costs as much as a hundred messages. */
const apiPerMille = 12;
/** What is compiled and cached on the way; each input that left a byte behind would make five megabytes. */
const grownLimitMb = 12;

/** Every decoder and every route of the API under spoilt and odd inputs: nothing throws, nothing takes long, nothing is kept. */
const soak: Soak = async ({ seed, amount = wholeCampaign, log }) => {
  const api = await apiUnderFuzz(apiPerMille);
  try {
    const { failures, grownMb, ...result } = await fuzz([...decoderTargets(), api.target], {
      seed,
      inputs: amount,
      log,
    });
    for (const each of failures) log(each);
    if (failures.length > 0) log(`again: npm run soak -- fuzz --seed ${seed} --seeds ${amount}`);
    const kept = failures.length === 0 && grownMb <= grownLimitMb;
    return {
      name: 'fuzz',
      value: failures.length,
      unit: `failures in ${result.inputs} inputs (${result.seconds} s, slowest ${result.slowestMs} ms, heap grown by ${grownMb} MB)`,
      limit: 0,
      kept,
      grownMb,
      grownLimitMb,
      routes: api.routes.length,
      ...result,
    };
  } finally {
    await api.stop();
  }
};

export default soak;

import { restartStory } from '../fleet/restart-story.ts';
import type { RestartTold } from '../fleet/restart-story.ts';
import type { Soak } from './soak.ts';

const wholeFleet = 1_000;
const withinMs = 60_000;
/** What a restart may tell of a fleet of any size. */
const fewEvents = 20;
/** Soon back, and so late that every agent waits as long as it ever does. */
const absencesMs = [5_000, 150_000] as const;

/** A head-end with 1,000 gateways on line is killed and started again: no command lost, no storm of alarms, all live within a minute. */
const soak: Soak = async ({ amount: gateways = wholeFleet, log }) => {
  const told: RestartTold[] = [];
  for (const awayMs of absencesMs) {
    log(`away for ${awayMs / 1_000} s`);
    const one = await restartStory({ gateways, awayMs, commanded: 6, log });
    log(JSON.stringify(one));
    told.push(one);
  }
  const worst = Math.max(...told.map(({ liveAgainMs }) => liveAgainMs));
  const sum = (of: (one: (typeof told)[number]) => number): number => told.reduce((total, one) => total + of(one), 0);
  const events = Math.max(...told.map((one) => one.events));
  const [lost, repeated] = [sum((one) => one.lost), sum((one) => one.repeated)];
  const kept = worst <= withinMs && events <= fewEvents && lost === 0 && repeated === 0;
  return {
    name: 'restart',
    value: Math.round(worst / 100) / 10,
    unit: `s until ${gateways} gateways were live again, at worst`,
    limit: withinMs / 1_000,
    kept,
    gateways,
    events,
    lost,
    repeated,
  };
};

export default soak;

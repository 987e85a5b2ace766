import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { LightFleet } from '../fleet/light-fleet.ts';
import type { TownPlan } from './town-meters.ts';

/** Often enough that a newcomer sees each of them soon. */
const heartbeatMs = 120_000;
/** The meters of the demonstration town: `--plan FILE` says where the head-end is and who the concentrators are. */
const { values } = parseArgs({ options: { plan: { type: 'string' } } });
const { mqttUrl, members } = JSON.parse(readFileSync(values.plan ?? '', 'utf8')) as TownPlan;
const fleet = new LightFleet(members, mqttUrl, { heartbeatMs });
let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    if (stopping) return;
    stopping = true;
    void fleet.stop().then(() => process.exit(0));
  });
await fleet.start();
console.log(JSON.stringify({ msg: 'ready', concentrators: fleet.online }));

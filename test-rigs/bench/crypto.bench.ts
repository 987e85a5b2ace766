import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { nodeFlagsOf } from '../start/node-flags.ts';
import type { Bench } from './bench.ts';
import { gateCost } from './gate-cost.ts';
import type { GateCost } from './gate-cost.ts';

/** Of a whole command, console request to *confirmed*, as `bench command` has measured it. */
const commandMs = 119;
/** A hundredth of that. */
const limitUs = 1_190;
const limitBytesAdded = 192;

/**
 * What it costs that a command is signed: bytes on the wire, time to sign at the head-end and to verify at the agent, each in a process
 * with that program's own flags (the agent runs without optimising compilers, to save memory).
 */
const bench: Bench = ({ log }) => {
  const headEnd = gateCost();
  const agent = costUnder(nodeFlagsOf(join(import.meta.dirname, '../../agent/bin/tiepoint-agent.mjs')));
  const { contentBytes, sealedBytes, signUs } = headEnd;
  const { verifyUs } = agent;
  const bytesAdded = sealedBytes - contentBytes;
  const bothUs = signUs + verifyUs;
  log(`a command of ${contentBytes} bytes has ${sealedBytes} signed: ${bytesAdded} more (limit ${limitBytesAdded})`);
  log(`signed in ${signUs.toFixed(0)} µs at the head-end, verified in ${verifyUs.toFixed(0)} µs at the agent`);
  return Promise.resolve({
    name: 'crypto',
    value: Math.round(bothUs),
    unit: 'µs to sign and verify a command',
    limit: limitUs,
    kept: bothUs <= limitUs && bytesAdded <= limitBytesAdded,
    signUs: Math.round(signUs),
    verifyUs: Math.round(verifyUs),
    contentBytes,
    bytesAdded,
    limitBytesAdded,
    shareOfCommand: Number((bothUs / 1_000 / commandMs).toFixed(5)),
  });
};

export default bench;

function costUnder(flags: readonly string[]): GateCost {
  const url = pathToFileURL(join(import.meta.dirname, 'gate-cost.ts')).href;
  const code = `const { gateCost } = await import(${JSON.stringify(url)}); console.log(JSON.stringify(gateCost()));`;
  const run = spawnSync(process.execPath, [...flags, '--input-type=module', '--eval', code], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`the agent's side could not be measured: ${run.stderr}`);
  return JSON.parse(run.stdout) as GateCost;
}

import { writeFileSync } from 'node:fs';
import { extname } from 'node:path';
import { parseArgs } from 'node:util';
import { exportCim } from '@tiepoint/headend/network/cim/export-cim.ts';
import { demonstrationNetwork } from './demonstration-network.ts';
import { drawNetwork } from './drawing.ts';

const usage =
  'node test-rigs/network/main.ts FILE.xml|FILE.svg [--seed N]   the demonstration network as CIM or as a picture';

/** Writes the demonstration network for `network import`, or for the eye. */
const { values, positionals } = parseArgs({
  options: { seed: { type: 'string', default: '1' } },
  allowPositionals: true,
});
const [file, ...more] = positionals;
const writers: Readonly<Record<string, (network: ReturnType<typeof demonstrationNetwork>) => string>> = {
  '.xml': exportCim,
  '.svg': drawNetwork,
};
const writer = writers[extname(file ?? '').toLowerCase()];
if (file === undefined || writer === undefined || more.length > 0 || !/^\d+$/.test(values.seed)) {
  console.error(`Usage: ${usage}`);
  process.exitCode = 2;
} else {
  writeFileSync(file, writer(demonstrationNetwork(Number(values.seed))));
  console.log(`${file}: seed ${values.seed}`);
}

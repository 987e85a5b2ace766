#!/usr/bin/env -S node --max-semi-space-size=1 --v8-pool-size=1 --no-opt --no-maglev --no-memory-reducer --no-flush-bytecode
// What keeps the agent small on a gateway, measured with four devices at 4 s. A young generation of 1 MB instead of 16 saves
// 10 MB, for the agent makes little garbage; one helper thread instead of four saves 1.5 MB. It wakes for milliseconds and
// sleeps for seconds: the optimising compilers never earn back their work (10 MB, and a quarter of the processor time), and
// collecting garbage in the pauses, which throws away bytecode that is needed again 4 s later, costs another third. And plain
// JavaScript here: stripping types costs 30 MB, so the compile cache is on before the first TypeScript file is loaded, and
// types are stripped once, at the first start (or by --check), and never again. (Older kernels read 127 characters of line 1.)
import * as modules from 'node:module';
import { fileURLToPath } from 'node:url';

if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error(
    `The agent needs Node 24 or later, and this is ${process.version}. \`npm run agent -- --config FILE\` brings its own.`,
  );
  process.exit(1);
}
modules.enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/tiepoint-agent', import.meta.url)));
await import('../src/main.ts');

#!/usr/bin/env -S node --max-semi-space-size=1 --v8-pool-size=1
// Three things keep the agent small on a gateway. A young generation of 1 MB instead of 16 saves 10 MB, for the agent makes
// little garbage; one helper thread instead of four saves 1.5 MB. And plain JavaScript here: stripping types costs 30 MB, so
// the compile cache is on before the first TypeScript file is loaded, and types are stripped once, at the first start (or by
// --check), and never again.
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

#!/usr/bin/env node
// Plain JavaScript, so that an older Node says what it lacks instead of stumbling over the first type.
if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error(
    `The rig needs Node 24 or later, and this is ${process.version}. \`npm run rig -- help\` brings its own.`,
  );
  process.exit(1);
}
await import('./main.ts');

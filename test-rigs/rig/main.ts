import { openTerminal } from '@tiepoint/agent/field/terminal.ts';
import { runRig } from './rig-program.ts';

const controller = new AbortController();
const interrupt = (): void => {
  if (controller.signal.aborted) process.exit(130);
  controller.abort();
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
// Nobody reads the output any more.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => controller.abort());

const { stdin, stdout, stderr, env: environment } = process;
const terminal = openTerminal({ stdin, stdout, stderr, environment }, { json: false }, controller.signal);
const code = await runRig(process.argv.slice(2), terminal);
terminal.close();
process.exit(code);

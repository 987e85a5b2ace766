import { join } from 'node:path';
import { releaseDataFolder, takeDataFolder } from './data-folder.ts';
import { Launch } from './launch.ts';
import { readOptions, usage, type StartOptions } from './options.ts';
import { isFailure, plainly } from './system-failure.ts';

const shown = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
const root = join(import.meta.dirname, '../..');

// What is kept is for this user and group alone, as the head-end keeps it: the launcher begins its store, with the town's network.
process.umask(0o027);

const read = readOptions(process.argv.slice(2));
if (read.ok === 'help') {
  process.stdout.write(usage);
} else if (!read.ok) {
  process.stderr.write(`${read.say}\n`);
  process.exitCode = 2;
} else {
  await run(read.options);
}

async function run(options: StartOptions): Promise<void> {
  const taken = takeDataFolder(options.dataDir ?? join(root, '.tiepoint'), options.fresh);
  if (!taken.ok) {
    process.stderr.write(`${taken.say}\n`);
    process.exitCode = 1;
    return;
  }
  const launch = new Launch(options, { root, folder: taken.folder, say: (line) => process.stdout.write(`${line}\n`) });
  let asked = false;
  const stop = (): void => {
    if (asked) {
      launch.kill();
      releaseDataFolder(taken.folder);
      process.exit(1);
    }
    asked = true;
    process.stdout.write('\nStopping (again Ctrl-C: at once) ...\n');
    void launch.stop(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  // A terminal that is closed takes the output with it; that must not keep anything running.
  process.stdout.on('error', () => undefined);
  if (options.forS !== undefined) setTimeout(() => void launch.stop(0), options.forS * 1000).unref();
  launch.start().catch((error: unknown) => {
    process.stderr.write(`${isFailure(error) ? plainly(error) : shown(error)}\n`);
    void launch.stop(1);
  });
  const code = await launch.over;
  releaseDataFolder(taken.folder);
  process.exit(code);
}

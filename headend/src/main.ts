import { pino } from 'pino';
import { startHeadend } from './main-headend.ts';
import { headendCommand, helpAsked } from './main-commands.ts';
import { readSettings } from './main-settings.ts';

const stopTimeoutMs = 10_000;

// What is made is for this user and group alone, also in a folder that others may enter: hashes, names and customers are in it.
process.umask(0o027);

const args = process.argv.slice(2);
const help = helpAsked(args);
if (help !== undefined) console.log(help.join('\n'));
else if (args[0]?.startsWith('-') === false) process.exitCode = await headendCommand(args);
else await run();

async function run(): Promise<void> {
  const read = readSettings(args);
  if (!read.ok) {
    for (const say of read.say) console.error(say);
    process.exit(2);
  }
  // A reader of the log that has gone must neither end the head-end nor hold it up.
  process.stdout.on('error', () => undefined);
  const log = pino({ name: 'headend', level: read.value.log.level }, process.stdout);

  try {
    const headend = await startHeadend(read.value, log);
    const { httpsUrl, mqttUrl, fieldUrl, authority, firstSignIn } = headend;
    // For a launcher that waits, at whatever log level.
    console.log(JSON.stringify({ msg: 'ready', httpsUrl, mqttUrl, fieldUrl, authority, firstSignIn }));
    let stopping = false;
    const stop = (signal: NodeJS.Signals): void => {
      if (stopping) return;
      stopping = true;
      log.info({ signal }, 'stopping');
      setTimeout(() => process.exit(1), stopTimeoutMs).unref();
      headend.stop().then(
        () => process.exit(0),
        (error: unknown) => {
          log.error({ err: error }, 'the stop failed');
          process.exit(1);
        },
      );
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(1);
  }
}

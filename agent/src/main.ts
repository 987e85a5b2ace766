import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { ConfigurationError, readConfiguration } from './io/configuration.ts';
import { Gateway } from './io/gateway.ts';
import manifest from '../package.json' with { type: 'json' };

const usage = `tiepoint-agent ${manifest.version}: reads and commands the devices behind one gateway
  tiepoint-agent --config FILE     run (the file is described in agent/README.md)
  tiepoint-agent --config FILE --check   check the file and stop
`;

const { values } = parseArgs({
  options: { config: { type: 'string' }, check: { type: 'boolean' }, help: { type: 'boolean' } },
});
if (values.help === true || values.config === undefined) {
  process.stderr.write(usage);
  process.exit(values.help === true ? 0 : 2);
}

try {
  const { settings, hash } = readConfiguration(values.config);
  if (values.check === true) {
    process.stdout.write(
      `${values.config}: good (${settings.buses.length} buses, ${settings.devices.length} devices)\n`,
    );
  } else {
    await run(settings, hash);
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(error instanceof ConfigurationError ? 2 : 1);
}

async function run(
  settings: ReturnType<typeof readConfiguration>['settings'],
  configurationHash: string,
): Promise<void> {
  // A reader of the log that has gone must neither end the agent nor hold it up.
  process.stdout.on('error', () => undefined);
  const log = pino({ level: settings.log.level, base: { gateway: settings.gateway.id } }, process.stdout);
  const gateway = new Gateway(settings, { firmware: manifest.version, configurationHash, log });
  await gateway.start();
  log.info({ devices: settings.devices.length, readOnly: settings.gateway.readOnly }, 'ready');
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      void gateway.stop().then(() => {
        log.info({ signal }, 'stopped');
        process.exit(0);
      });
    });
  }
}

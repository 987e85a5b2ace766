import { parseArgs } from 'node:util';
import type { Logger } from 'pino';
import type { AgentSettings } from './io/configuration.ts';
import type { Gateway } from './io/gateway.ts';
import manifest from '../package.json' with { type: 'json' };

const args = process.argv.slice(2);
const [first] = args;

// A technician's command is loaded only here, and the gateway only where it is run: neither pays for the other.
if (first === undefined || !first.startsWith('-') || args.includes('--help')) {
  const { fieldProgram } = await import('./field/field.ts');
  const code = await fieldProgram(first?.startsWith('-') === false ? args : ['help'], manifest.version);
  process.exitCode = first === undefined ? 2 : code;
} else {
  await gatewayProgram();
}

async function gatewayProgram(): Promise<void> {
  const { ConfigurationError, readConfiguration } = await import('./io/configuration.ts');
  try {
    const { values } = parseArgs({ options: { config: { type: 'string' }, check: { type: 'boolean' } } });
    if (values.config === undefined)
      throw new ConfigurationError('--config FILE is missing; `tiepoint-agent help` tells more');
    const { settings, hash } = readConfiguration(values.config);
    if (values.check === true) {
      // So that what runs later is compiled now, by who installs it, and not by the gateway in its own memory.
      await import('./io/gateway.ts');
      process.stdout.write(
        `${values.config}: good (${settings.buses.length} buses, ${settings.devices.length} devices)\n`,
      );
    } else {
      await run(settings, hash);
    }
  } catch (error) {
    const isUsage = error instanceof ConfigurationError || (error instanceof TypeError && 'code' in error);
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(isUsage ? 2 : 1);
  }
}

async function run(settings: AgentSettings, configurationHash: string): Promise<void> {
  const { pino } = await import('pino');
  const { Gateway } = await import('./io/gateway.ts');
  const { readIdentity } = await import('./io/keys/gateway-identity.ts');
  // A reader of the log that has gone must neither end the agent nor hold it up.
  process.stdout.on('error', () => undefined);
  const log = pino({ level: settings.log.level, base: { gateway: settings.gateway.id } }, process.stdout);
  const identity = readIdentity(settings.identity, settings.gateway.id);
  if (!identity.ok) throw new Error(identity.say);
  const gateway = new Gateway(settings, { firmware: manifest.version, configurationHash, log });
  await gateway.start();
  await tellLeftMoved(settings, gateway, log);
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

/** A commissioning that was killed may have left a switch open or a limit set: told at every start until it was brought back. */
async function tellLeftMoved(
  { gateway: { dataDir } }: AgentSettings,
  gateway: Pick<Gateway, 'device'>,
  log: Logger,
): Promise<void> {
  const { commissioningFolder, progressPath, readProgress } = await import('./field/commission/progress-file.ts');
  const { leftMoved } = await import('./field/commission/left-moved.ts');
  const kept = readProgress(progressPath(commissioningFolder(dataDir)));
  if (!kept.ok) log.warn(`commissioning: ${kept.say}`);
  for (const { deviceId, itemId, was, say } of kept.ok && kept.progress !== undefined ? leftMoved(kept.progress) : []) {
    const todo = `look at it now; stop this gateway, and \`tiepoint-agent commission --redo ${itemId}\` brings it back first`;
    log.error({ device: deviceId, was }, `a commissioning broke off: ${say}: ${todo}`);
    gateway.device(deviceId)?.tell({ kind: 'left-moved', from: was.slice(0, 64) });
  }
}

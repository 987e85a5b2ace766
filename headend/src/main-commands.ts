import { auditCommand, auditUsage } from './main-audit-command.ts';
import { keysCommand, keysUsage } from './main-keys-command.ts';
import { backupCommand, backupUsage, restoreCommand } from './main-backup-command.ts';
import { mosquittoCommand, mosquittoUsage } from './main-mosquitto-command.ts';
import { operatorCommand, operatorUsage } from './main-operator-command.ts';
import { mdwUsage } from './main-mdw-asked.ts';
import { mdwCommand } from './main-mdw-command.ts';
import { tlmCommand, tlmUsage } from './main-tlm-command.ts';
import { networkCommand, networkUsage } from './main-network-command.ts';
import { settingsUsage } from './main-settings.ts';

type HeadendCommand = {
  readonly run: (args: readonly string[]) => number | Promise<number>;
  readonly usage: readonly string[];
};

/** What the program does beside running: by the first word of its command line. */
const commands: Readonly<Record<string, HeadendCommand>> = {
  audit: { run: auditCommand, usage: auditUsage },
  backup: { run: backupCommand, usage: backupUsage },
  restore: { run: restoreCommand, usage: backupUsage },
  keys: { run: keysCommand, usage: keysUsage },
  mdw: { run: mdwCommand, usage: mdwUsage },
  mosquitto: { run: mosquittoCommand, usage: mosquittoUsage },
  network: { run: networkCommand, usage: networkUsage },
  operator: { run: operatorCommand, usage: operatorUsage },
  tlm: { run: tlmCommand, usage: tlmUsage },
};
const usages = new Set(Object.values(commands).map(({ usage }) => usage));
const allUsage = [...usages].flatMap((usage) => usage.map((line) => `  ${line}`));

/** Of the program, or of the command that is named before it. Undefined: nobody asks for help. */
export function helpAsked(args: readonly string[]): readonly string[] | undefined {
  if (!args.some((each) => each === '--help' || each === '-h')) return undefined;
  const command = commandOf(args[0]);
  if (command !== undefined) return command.usage;
  return [...settingsUsage, '', 'Without a word it runs; with one:', ...allUsage];
}

/** Returns the exit code: 2 where the command line is wrong. */
export async function headendCommand([name = '', ...args]: readonly string[]): Promise<number> {
  const command = commandOf(name);
  if (command === undefined) {
    console.error(`${name} is no command of the head-end. Without a word it runs; with one:`);
    for (const line of allUsage) console.error(line);
    return 2;
  }
  process.stdout.on('error', () => undefined);
  try {
    return await command.run(args);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return 1;
  }
}

function commandOf(name: string | undefined): HeadendCommand | undefined {
  return name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
}

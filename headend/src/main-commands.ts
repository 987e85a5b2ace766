import { auditCommand, auditUsage } from './main-audit-command.ts';
import { keysCommand, keysUsage } from './main-keys-command.ts';
import { backupCommand, backupUsage, restoreCommand } from './main-backup-command.ts';
import { mosquittoCommand, mosquittoUsage } from './main-mosquitto-command.ts';
import { operatorCommand, operatorUsage } from './main-operator-command.ts';
import { mdwUsage } from './main-mdw-asked.ts';
import { mdwCommand } from './main-mdw-command.ts';
import { tlmCommand, tlmUsage } from './main-tlm-command.ts';
import { networkCommand, networkUsage } from './main-network-command.ts';

type HeadendCommand = (args: readonly string[]) => number | Promise<number>;

/** What the program does beside running: by the first word of its command line. */
const commands: Readonly<Record<string, HeadendCommand>> = {
  audit: auditCommand,
  backup: backupCommand,
  keys: keysCommand,
  mdw: mdwCommand,
  network: networkCommand,
  mosquitto: mosquittoCommand,
  restore: restoreCommand,
  operator: operatorCommand,
  tlm: tlmCommand,
};
const usage = [
  ...auditUsage,
  ...backupUsage,
  ...keysUsage,
  ...mdwUsage,
  ...mosquittoUsage,
  ...networkUsage,
  ...operatorUsage,
  ...tlmUsage,
];

/** Returns the exit code: 2 where the command line is wrong. */
export async function headendCommand([name = '', ...args]: readonly string[]): Promise<number> {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    console.error(`${name} is no command of the head-end. Without a word it runs; with one:`);
    for (const line of usage) console.error(`  ${line}`);
    return 2;
  }
  process.stdout.on('error', () => undefined);
  try {
    return await command(args);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return 1;
  }
}

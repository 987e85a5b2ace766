import { parseArgs } from 'node:util';
import { profiles } from '@tiepoint/hardware-profiles';
import { didYouMean } from '@tiepoint/agent/core/nearest.ts';
import type { ExitCode, FieldCommand } from '@tiepoint/agent/field/field-command.ts';
import { placeholderOf } from '@tiepoint/agent/field/field-help.ts';
import { columns, type Terminal } from '@tiepoint/agent/field/terminal.ts';
import { emulateUsage, readEmulateOptions, type EmulateOptions } from './emulate-options.ts';
import { recordCommand } from './record-command.ts';
import { startRig, type Rig } from './rig.ts';

/** Runs `rig NAME …`; `args` begin with the name. Ends when it is done, or when the terminal's signal says so. */
export async function runRig([name = 'help', ...rest]: readonly string[], to: Terminal): Promise<ExitCode> {
  const asksHelp = rest.includes('--help') || rest.includes('-h');
  switch (name) {
    case 'emulate':
      return asksHelp ? help('emulate', to) : emulate(rest, to);
    case 'record':
      return asksHelp ? help('record', to) : recorded(rest, to);
    case 'profiles':
      for (const line of columns(profiles.map(({ name: own, kind, make, model }) => [own, kind, `${make} ${model}`])))
        to.print(line);
      return 0;
    case 'help':
    case '--help':
    case '-h':
      return help(rest[0], to);
    default:
      to.complain(
        `There is no command '${name}'.${didYouMean(name, ['emulate', 'record', 'profiles', 'help'])}\n\n${usage}`,
      );
      return 2;
  }
}

const usage = `tiepoint-rig: a bench without devices

  tiepoint-rig emulate …   serve devices that are not there: any profile, or a register image
  tiepoint-rig record …    record the registers of a real device into a file; never writes to it
  tiepoint-rig profiles    the profiles that can be emulated
  tiepoint-rig help NAME   tells the options of emulate and record
`;

function help(name: string | undefined, to: Terminal): ExitCode {
  if (name === 'emulate') to.print(emulateUsage.trimEnd());
  else if (name === 'record') to.print(helpOfRecord(recordCommand));
  else to.print(usage.trimEnd());
  return 0;
}

function helpOfRecord({ summary, usage: words, examples = [], options }: FieldCommand): string {
  const lines = columns(
    Object.entries(options).map(([name, option]) => [`  --${name}${placeholderOf(option)}`, option.help]),
  );
  return [
    `tiepoint-rig record: ${summary}`,
    '',
    ...examples.map((each) => `  ${each}`),
    '',
    `  tiepoint-rig record ${words}`,
    '',
    ...lines,
  ].join('\n');
}

async function emulate(args: readonly string[], to: Terminal): Promise<ExitCode> {
  const read = readEmulateOptions(args);
  if (!read.ok) {
    to.complain(read.say);
    return 2;
  }
  const started = await startRig(read.options, (line) => to.print(`${new Date().toTimeString().slice(0, 8)} ${line}`));
  if (!started.ok) {
    to.complain(started.say);
    return 1;
  }
  tell(started.rig, read.options, to);
  await untilOver(read.options.forS, to.signal);
  await started.rig.stop();
  return to.signal.aborted ? 130 : 0;
}

function tell({ devices, at, pageUrl }: Rig, { port, baudRate, devices: wanted }: EmulateOptions, to: Terminal): void {
  const option = {
    tcp: '--tcp',
    'rtu-over-tcp': '--rtu-tcp',
    'p1-over-tcp': '',
    'rtu-pty': `--baud ${baudRate} --port`,
    'rtu-path': `--baud ${baudRate} --port`,
  }[port.kind];
  for (const row of columns(
    devices.map(({ id, unit, title, profile, serialNumber }) => [
      id,
      `unit ${unit}`,
      profile ?? 'image',
      title,
      serialNumber === undefined ? '' : `serial number ${serialNumber}`,
    ]),
  ))
    to.print(row);
  const [first] = devices;
  // A profile of one's own goes by its file, and what an image is, its registers tell.
  const look = first?.profile === undefined ? 'identify' : 'watch';
  const profile = first?.profile === undefined ? '' : ` --profile ${wanted[0]?.source ?? first.profile}`;
  if (first?.telegram !== undefined) to.print(`at ${at}, a telegram every second; for a bus of kind p1 or p1-over-tcp`);
  else to.print(`at ${at}; for example: tiepoint-agent ${look} ${option} ${at} --unit ${first?.unit ?? 1}${profile}`);
  if (pageUrl !== undefined) to.print(`knobs: ${pageUrl}/`);
  to.print('Ctrl-C ends it.');
}

function untilOver(forS: number | undefined, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = forS === undefined ? undefined : setTimeout(resolve, forS * 1000);
    const stop = (): void => {
      clearTimeout(timer);
      resolve();
    };
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  });
}

async function recorded(args: readonly string[], to: Terminal): Promise<ExitCode> {
  const options = Object.fromEntries(
    Object.entries(recordCommand.options).map(([name, { type, short, multiple }]) => [
      name,
      { type, ...(short === undefined ? {} : { short }), ...(multiple === true ? { multiple } : {}) },
    ]),
  );
  try {
    const { values } = parseArgs({ args: [...args], options });
    return await recordCommand.run({ values: values as Record<string, string>, positionals: [] }, to);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    to.complain(
      `tiepoint-rig record: ${error.message.split('. ')[0] ?? ''}. \`tiepoint-rig help record\` tells the options.`,
    );
    return 2;
  }
}

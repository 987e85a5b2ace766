import { parseArgs } from 'node:util';
import { completionFor, shells } from './completion.ts';
import type { ExitCode, FieldCommand } from './field-command.ts';
import { completionHelp, helpOf, overview } from './field-help.ts';
import { didYouMean } from '../core/nearest.ts';
import { fitted, openTerminal } from './terminal.ts';
import type { Streams, Terminal } from './terminal.ts';

/** Every command, loaded only when it is asked for. In the order in which a technician needs them. */
const commands: Readonly<Record<string, () => Promise<FieldCommand>>> = {
  ports: async () => (await import('./ports-command.ts')).ports,
  scan: async () => (await import('./scan-command.ts')).scan,
  identify: async () => (await import('./identify-command.ts')).identifyCommand,
  read: async () => (await import('./read-command.ts')).read,
  write: async () => (await import('./write-command.ts')).write,
  profile: async () => (await import('./profile-command.ts')).profileCommand,
  watch: async () => (await import('./watch/watch-command.ts')).watch,
  trace: async () => (await import('./trace/trace-command.ts')).trace,
  doctor: async () => (await import('./doctor/doctor-command.ts')).doctor,
  enroll: async () => (await import('./enroll-command.ts')).enroll,
  commission: async () => (await import('./commission/commission-command.ts')).commission,
};

/** What the overview says all of. */
const withoutHelp: readonly string[] = ['help', 'completion', 'version'];

/**
 * Runs `tiepoint-agent NAME …` and the help around it. `args` begin with the name. Writes to the streams; the first interrupt aborts
 * the command's signal, the second is the process's own.
 */
export async function runField(
  args: readonly string[],
  { version, streams, signal }: { version: string; streams: Streams; signal: AbortSignal },
): Promise<ExitCode> {
  const [name = 'help', ...rest] = args;
  const say = (text: string): void => void streams.stdout.write(`${text}\n`);
  const explainTo = (text: string): void => say(fitted(text, streams.stdout));
  const refuse = (text: string): ExitCode => {
    const refused = openTerminal(streams, { json: rest.includes('--json') }, signal);
    refused.complain(text);
    refused.close(2);
    return 2;
  };
  if (name === 'version') {
    say(version);
    return 0;
  }
  if (name === 'help') {
    const asked = rest[0];
    if (asked === undefined) {
      explainTo(overview(version, await loadAll()));
      return 0;
    }
    if (asked === 'completion') {
      say(completionHelp);
      return 0;
    }
    const command = await load(asked);
    if (command === undefined && withoutHelp.includes(asked)) {
      explainTo(overview(version, await loadAll()));
      return 0;
    }
    if (command === undefined) return refuse(unknown(asked));
    explainTo(helpOf(command));
    return 0;
  }
  if (name === 'completion') {
    const [what = '', ...typed] = rest;
    const words = (await import('./completion-words.ts')).completionWords(what, typed);
    if (words !== undefined) {
      if (words.length > 0) say(words.join('\n'));
      return 0;
    }
    const script = completionFor(what, await loadAll());
    if (script === undefined)
      return refuse(`completion: for which shell? ${shells.join(', ')}; as: source <(tiepoint-agent completion bash)`);
    say(script);
    return 0;
  }
  const command = await load(name);
  if (command === undefined) return refuse(unknown(name));
  const parsed = parse(command, rest);
  if (!parsed.ok) return refuse(parsed.say);
  if (parsed.values['help'] === true) {
    explainTo(helpOf(command));
    return 0;
  }
  const terminal = openTerminal(streams, { json: parsed.values['json'] === true }, signal);
  const code = await guarded(command, parsed, terminal);
  terminal.close(code);
  return code;
}

async function guarded(
  command: FieldCommand,
  input: Parameters<FieldCommand['run']>[0],
  terminal: Terminal,
): Promise<ExitCode> {
  try {
    return await command.run(input, terminal);
  } catch (error) {
    if (terminal.signal.aborted) return 130;
    terminal.complain(
      `${command.name}: a mistake of this program: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
    return 1;
  }
}

const load = (name: string): Promise<FieldCommand | undefined> =>
  Object.hasOwn(commands, name) ? commands[name]!() : Promise.resolve(undefined);

const loadAll = (): Promise<readonly FieldCommand[]> => Promise.all(Object.values(commands).map((each) => each()));

function unknown(name: string): string {
  const hint = didYouMean(name, [...Object.keys(commands), ...withoutHelp]);
  return `There is no command '${name}'.${hint} \`tiepoint-agent help\` lists them.`;
}

type Parsed = ({ ok: true } & Parameters<FieldCommand['run']>[0]) | { ok: false; say: string };

function parse(command: FieldCommand, args: readonly string[]): Parsed {
  const options = {
    ...command.options,
    json: { type: 'boolean' as const },
    help: { type: 'boolean' as const, short: 'h' },
  };
  const shape = Object.fromEntries(
    Object.entries(options).map(([name, option]) => [
      name,
      {
        type: option.type,
        ...('short' in option && option.short !== undefined ? { short: option.short } : {}),
        ...('multiple' in option && option.multiple === true ? { multiple: true } : {}),
      },
    ]),
  );
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: shape, allowPositionals: true });
    return { ok: true, values: values as Parameters<FieldCommand['run']>[0]['values'], positionals };
  } catch (error) {
    return { ok: false, say: explain(command, Object.keys(options), error) };
  }
}

function explain({ name }: FieldCommand, options: readonly string[], error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const wrong = /Unknown option '-+([^']*)'/.exec(message)?.[1];
  const more = `\`tiepoint-agent help ${name}\` tells them.`;
  if (wrong === undefined) return `${name}: ${message.split('. ')[0]}. ${more}`;
  const hint = didYouMean(
    `--${wrong}`,
    options.map((option) => `--${option}`),
  );
  return `${name}: there is no option --${wrong}.${hint} ${more}`;
}

const lingerMs = 2_000;

/**
 * The program around `runField`: its streams and Ctrl-C. The first interrupt ends the command in order, the second at once. Without a
 * reader of the output the command is ended too. Resolves with the exit code; what a command left open ends two seconds later.
 */
export async function fieldProgram(args: readonly string[], version: string): Promise<ExitCode> {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => controller.abort());
  const { stdin, stdout, stderr, env } = process;
  const code = await runField(args, {
    version,
    streams: { stdin, stdout, stderr, environment: env },
    signal: controller.signal,
  });
  setTimeout(() => process.exit(), lingerMs).unref();
  return code;
}

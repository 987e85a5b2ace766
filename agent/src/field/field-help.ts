import type { FieldCommand, FieldOption } from './field-command.ts';
import { columns } from './terminal.ts';

const everyCommand: Readonly<Record<string, FieldOption>> = {
  json: { type: 'boolean', help: 'results as JSON, for programs' },
  help: { type: 'boolean', short: 'h', help: 'this text' },
};

/** What `tiepoint-agent help` prints. */
export function overview(version: string, commands: readonly FieldCommand[]): string {
  return [
    `tiepoint-agent ${version}: reads and commands the devices behind one gateway`,
    '',
    '  tiepoint-agent --config FILE            run the gateway (the file is described in agent/README.md)',
    '  tiepoint-agent --config FILE --check    check the file and stop',
    '  tiepoint-agent NAME …                   one of the commands below',
    '',
    "The technician's commands:",
    ...columns([
      ...commands.map(({ name, summary }) => [`  ${name}`, summary]),
      ['  help NAME', 'options and examples of a command'],
      ['  completion SHELL', 'completion for bash, zsh or fish'],
      ['  version', 'the version of this program'],
    ]),
    '',
    'They read only, but for write, commission and enroll. --json gives results for',
    'programs. Exit codes: 0 done, 1 tried and failed, 2 command line or file wrong,',
    '130 interrupted.',
  ].join('\n');
}

/** What `tiepoint-agent help completion` prints. */
export const completionHelp = [
  'tiepoint-agent completion bash | zsh | fish',
  '  completion for bash, zsh or fish: commands, options, profiles, and the devices of the configuration that is typed',
  '',
  'Examples:',
  '  source <(tiepoint-agent completion bash)        # this shell; in ~/.bashrc every one',
  '  source <(tiepoint-agent completion zsh)         # after compinit; in ~/.zshrc every one',
  '  tiepoint-agent completion fish | source         # in ~/.config/fish/config.fish every one',
].join('\n');

const widest = 34;

/** What `tiepoint-agent help NAME` prints. */
export function helpOf({ name, summary, usage, options, examples = [] }: FieldCommand): string {
  const rows = Object.entries({ ...options, ...everyCommand }).map(([option, described]) => [
    `  ${described.short === undefined ? '' : `-${described.short}, `}--${option}${placeholderOf(described)}`,
    described.help + (described.multiple === true ? ' (may be given several times)' : ''),
  ]);
  const lines = columns(rows.map(([option = '', help = '']) => [option.length > widest ? '' : option, help]));
  return [
    `tiepoint-agent ${name}${usage === '' ? '' : ` ${usage}`}`,
    `  ${summary}`,
    '',
    // A long choice of values has a line of its own, or nothing would be left for what the others say.
    ...lines.flatMap((line, i) => ((rows[i]?.[0] ?? '').length > widest ? [rows[i]?.[0] ?? '', line] : [line])),
    ...(examples.length === 0 ? [] : ['', 'Examples:', ...examples.map((example) => `  ${example}`)]),
  ].join('\n');
}

/** What stands behind an option in its help. */
export const placeholderOf = ({ type, placeholder, values }: FieldOption): string => {
  if (type === 'boolean') return '';
  return ` ${placeholder ?? (values === undefined ? 'TEXT' : values.join('|'))}`;
};

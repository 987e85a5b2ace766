import type { FieldCommand, FieldOption } from './field-command.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;

/** The completion script of a shell, or `undefined` for a shell that is not known. Where an option names no values, files are offered. */
export function completionFor(shell: string, commands: readonly FieldCommand[]): string | undefined {
  switch (shell) {
    case 'bash':
      return bash(commands);
    case 'zsh':
      // zsh runs bash's script as it is.
      return `#compdef tiepoint-agent\nautoload -Uz bashcompinit && bashcompinit\n${bash(commands)}`;
    case 'fish':
      return fish(commands);
    default:
      return undefined;
  }
}

const own = ['help', 'completion', 'version'];

function bash(commands: readonly FieldCommand[]): string {
  const names = [...commands.map(({ name }) => name), ...own];
  const options = commands.map(
    ({ name, options }) =>
      `    ${name}) words='${[...Object.keys(options), 'json', 'help'].map((each) => `--${each}`).join(' ')}' ;;`,
  );
  const values = commands.flatMap(({ name, options }) =>
    Object.entries(options).flatMap(([option, { values }]) =>
      values === undefined ? [] : [`    ${name}:--${option}) words='${values.join(' ')}' ;;`],
    ),
  );
  return `# bash completion of tiepoint-agent: source <(tiepoint-agent completion bash)
_tiepoint_agent() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} name=\${COMP_WORDS[1]} words=''
  COMPREPLY=()
  if [ "$COMP_CWORD" = 1 ]; then
    COMPREPLY=($(compgen -W '${names.join(' ')} --config --check --help' -- "$current"))
    return
  fi
  if [ "$name" = help ]; then words='${names.join(' ')}'; fi
  if [ "$name" = completion ]; then words='${shells.join(' ')}'; fi
  case "$name:$previous" in
${[...values, '    *) ;;'].join('\n')}
  esac
  if [ -z "$words" ] && [[ $current == -* ]]; then case "$name" in
${[...options, "    *) words='--config --check --help' ;;"].join('\n')}
  esac; fi
  if [ -n "$words" ]; then COMPREPLY=($(compgen -W "$words" -- "$current")); else COMPREPLY=($(compgen -f -- "$current")); fi
}
complete -o filenames -F _tiepoint_agent tiepoint-agent`;
}

function fish(commands: readonly FieldCommand[]): string {
  const line = (condition: string, rest: string): string => `complete -c tiepoint-agent -n '${condition}' ${rest}`;
  return [
    '# fish completion of tiepoint-agent: tiepoint-agent completion fish | source',
    ...commands.map(({ name, summary }) => line('__fish_use_subcommand', `-f -a ${name} -d ${quoted(summary)}`)),
    ...own.map((name) => line('__fish_use_subcommand', `-f -a ${name}`)),
    line('__fish_seen_subcommand_from help', `-f -a '${commands.map(({ name }) => name).join(' ')}'`),
    line('__fish_seen_subcommand_from completion', `-f -a '${shells.join(' ')}'`),
    ...commands.flatMap(({ name, options }) =>
      Object.entries(options).map(([option, described]) =>
        line(
          `__fish_seen_subcommand_from ${name}`,
          `-l ${option} ${fishValues(described)}-d ${quoted(described.help)}`,
        ),
      ),
    ),
  ].join('\n');
}

function fishValues({ type, values }: FieldOption): string {
  if (type === 'boolean') return '';
  return values === undefined ? '-r ' : `-x -a '${values.join(' ')}' `;
}

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

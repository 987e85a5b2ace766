import type { FieldCommand, FieldOption } from './field-command.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;

/**
 * The completion script of a shell, or `undefined` for a shell that is not known. Where an option names no values, files are offered.
 * Names of profiles and devices are asked of the program while somebody types (`completion-words.ts`).
 */
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

const profileWords = 'tiepoint-agent completion profiles 2>/dev/null';

function bash(commands: readonly FieldCommand[]): string {
  const names = [...commands.map(({ name }) => name), ...own];
  const options = commands.map(
    ({ name, options }) =>
      `    ${name}) words='${[...Object.keys(options), 'json', 'help'].map((each) => `--${each}`).join(' ')}' ;;`,
  );
  const values = commands.flatMap(({ name, options }) =>
    Object.entries(options).flatMap(([option, described]) => bashValues(name, option, described)),
  );
  const verbs = commands.flatMap(({ name, verbs = {} }) => bashVerbs(name, verbs));
  return `# bash completion of tiepoint-agent: source <(tiepoint-agent completion bash)
_tiepoint_agent() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} name=\${COMP_WORDS[1]} words='' files=''
  COMPREPLY=()
  if [ "$COMP_CWORD" = 1 ]; then
    COMPREPLY=($(compgen -W '${names.join(' ')} --config --check --help' -- "$current"))
    return
  fi
  if [ "$name" = help ]; then words='${names.join(' ')}'; fi
  if [ "$name" = completion ]; then words='${shells.join(' ')}'; fi
  case "$name:$COMP_CWORD:$previous" in
${[...verbs, '    *) ;;'].join('\n')}
  esac
  case "$name:$previous" in
${[...values, '    *) ;;'].join('\n')}
  esac
  if [ -z "$words" ] && [[ $current == -* ]]; then case "$name" in
${[...options, "    *) words='--config --check --help' ;;"].join('\n')}
  esac; fi
  if [ -n "$words" ]; then COMPREPLY=($(compgen -W "$words" -- "$current")); else files=1; fi
  if [ -n "$files" ]; then COMPREPLY+=($(compgen -f -- "$current")); fi
}
complete -o filenames -F _tiepoint_agent tiepoint-agent`;
}

function bashValues(command: string, option: string, { names, values, short }: FieldOption): readonly string[] {
  const when = [`--${option}`, ...(short === undefined ? [] : [`-${short}`])]
    .map((each) => `${command}:${each}`)
    .join('|');
  if (names === 'profile') return [`    ${when}) words=$(${profileWords}) files=1 ;;`];
  if (names === 'device')
    return [`    ${when}) words=$(tiepoint-agent completion devices "\${COMP_WORDS[@]}" 2>/dev/null) ;;`];
  return values === undefined ? [] : [`    ${when}) words='${values.join(' ')}' ;;`];
}

function bashVerbs(command: string, verbs: NonNullable<FieldCommand['verbs']>): readonly string[] {
  if (Object.keys(verbs).length === 0) return [];
  const named = Object.keys(verbs).filter((verb) => verbs[verb] === 'profile');
  return [
    `    ${command}:2:*) words='${Object.keys(verbs).join(' ')}' ;;`,
    `    ${named.map((verb) => `${command}:3:${verb}`).join('|')}) words=$(${profileWords}) files=1 ;;`,
  ];
}

function fish(commands: readonly FieldCommand[]): string {
  const line = (condition: string, rest: string): string => `complete -c tiepoint-agent -n '${condition}' ${rest}`;
  const seen = '__fish_seen_subcommand_from';
  return [
    '# fish completion of tiepoint-agent: tiepoint-agent completion fish | source',
    ...commands.map(({ name, summary }) => line('__fish_use_subcommand', `-f -a ${name} -d ${quoted(summary)}`)),
    ...own.map((name) => line('__fish_use_subcommand', `-f -a ${name}`)),
    line(`${seen} help`, `-f -a '${commands.map(({ name }) => name).join(' ')}'`),
    line(`${seen} completion`, `-f -a '${shells.join(' ')}'`),
    ...commands.flatMap(({ name, verbs = {} }) => {
      const all = Object.keys(verbs).join(' ');
      const named = Object.keys(verbs).filter((verb) => verbs[verb] === 'profile');
      return all === ''
        ? []
        : [
            line(`${seen} ${name}; and not ${seen} ${all}`, `-f -a '${all}'`),
            line(`${seen} ${name}; and ${seen} ${named.join(' ')}`, `-a '(${profileWords})'`),
          ];
    }),
    ...commands.flatMap(({ name, options }) =>
      Object.entries(options).map(([option, described]) =>
        line(
          `${seen} ${name}`,
          `-l ${option} ${described.short === undefined ? '' : `-s ${described.short} `}${fishValues(described)}-d ${quoted(described.help)}`,
        ),
      ),
    ),
    line(`${seen} ${commands.map(({ name }) => name).join(' ')}`, `-l json -d 'results as JSON, for programs'`),
  ].join('\n');
}

function fishValues({ type, names, values }: FieldOption): string {
  if (type === 'boolean') return '';
  if (names === 'profile') return `-r -a '(${profileWords})' `;
  if (names === 'device') return `-x -a '(tiepoint-agent completion devices (commandline -o) 2>/dev/null)' `;
  return values === undefined ? '-r ' : `-x -a '${values.join(' ')}' `;
}

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

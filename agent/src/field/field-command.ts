import type { Terminal } from './terminal.ts';

/** One command of a technician: `tiepoint-agent NAME …`. */
export type FieldCommand = {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What follows the name: positionals and the main options. */
  readonly usage: string;
  /** Whole command lines, shown by `help NAME`. */
  readonly examples?: readonly string[];
  /** What may follow the name first, for completion, and whether a profile follows that. */
  readonly verbs?: Readonly<Record<string, 'profile' | 'nothing'>>;
  /** By their long name. `json` and `help` are every command's and need not be here. */
  readonly options: Readonly<Record<string, FieldOption>>;
  run(input: FieldInput, terminal: Terminal): Promise<ExitCode>;
};

export type FieldOption = {
  readonly type: 'string' | 'boolean';
  readonly multiple?: boolean;
  readonly short?: string;
  /** What stands for the value in the help, as PATH or N. */
  readonly placeholder?: string;
  readonly help: string;
  /** Likely values, for completion; others may be allowed. */
  readonly values?: readonly string[];
  /** What its values name, for completion: a profile or a file of one; a device of the configuration that --config names. */
  readonly names?: 'profile' | 'device';
};

export type FieldValues = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
export type FieldInput = { readonly values: FieldValues; readonly positionals: readonly string[] };

/** 0 done; 1 it was tried and failed, or a check failed; 2 the command line or a file is wrong; 130 interrupted. */
export type ExitCode = 0 | 1 | 2 | 130;

/** The value of an option that is given once; of several, the last. */
export function textOf(values: FieldValues, name: string): string | undefined {
  const value = values[name];
  if (typeof value === 'string') return value;
  return typeof value === 'object' ? value.at(-1) : undefined;
}

/** All values of an option that may be given several times or with commas. */
export function listOf(values: FieldValues, name: string): readonly string[] {
  const value = values[name];
  const given = typeof value === 'string' ? [value] : typeof value === 'object' ? value : [];
  return given
    .flatMap((each) => each.split(','))
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

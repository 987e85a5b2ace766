import type { Verdict } from '../result.ts';
import type { DeviceView } from './device-view.ts';
import type { CommandKind } from './kinds.ts';
import type { CommandParameters, ParameterName } from './parameters.ts';

/** One command, said once: console, router and agent ask the same rule. */
export type CommandRule = {
  readonly kind: CommandKind;
  /** On the button. */
  readonly title: string;
  /** May it put voltage where there was none, or join two sources? */
  readonly energises: boolean;
  readonly parameters: readonly ParameterName[];
  /** In words, what must be measured before it is called confirmed. */
  readonly proof: string;
  /** Beyond what `standing` demands of every command. */
  may(device: DeviceView, parameters: CommandParameters): Verdict;
};

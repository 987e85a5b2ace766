import { no, yes } from '../result.ts';
import type { Verdict } from '../result.ts';
import { connect } from './connect.ts';
import type { DeviceView } from './device-view.ts';
import { disconnect } from './disconnect.ts';
import { startGeneration, stopGeneration } from './generation.ts';
import type { CommandKind } from './kinds.ts';
import { limitPower } from './limit-power.ts';
import type { CommandParameters } from './parameters.ts';
import type { CommandRule } from './rule.ts';
import { standing } from './standing.ts';
import { switchRelay } from './switch-relay.ts';
import { activateSynchronization, enableSynchronization } from './synchronization.ts';

export const commandRules: { readonly [K in CommandKind]: CommandRule } = {
  connect,
  disconnect,
  'start-generation': startGeneration,
  'stop-generation': stopGeneration,
  'enable-synchronization': enableSynchronization,
  'activate-synchronization': activateSynchronization,
  'limit-power': limitPower,
  'switch-relay': switchRelay,
};

/** May this be commanded now? Asked by the console for its buttons, by the router before sending, by the agent before writing. */
export function mayCommand(device: DeviceView, kind: CommandKind, parameters: CommandParameters = {}): Verdict {
  const verdict = standing(device, kind);
  if (!verdict.ok) return verdict;
  const rule = commandRules[kind];
  // A word too much shows that something else was meant.
  const odd = Object.entries(parameters).find(
    ([name, value]) => value !== undefined && !(rule.parameters as readonly string[]).includes(name),
  );
  if (odd !== undefined) return no('invalid', `${rule.title} takes no ${odd[0]}: leave it out.`);
  const may = rule.may(device, parameters);
  // What is held back tells nothing new, so that it may be otherwise by now; the agent measures, and asks the same with that.
  return !may.ok && may.reason === 'already-so' && device.liveness === 'held-back' ? yes : may;
}

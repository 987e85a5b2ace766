import { done, no } from '@tiepoint/protocol';
import type { CommandKind, CommandParameters, Result } from '@tiepoint/protocol';
import type { DeviceModel } from './device-model.ts';
import type { CommandPlan, Condition, Step, When } from './profile.ts';

/**
 * The plan of a command at this device, for these parameters: every `when` is resolved and gone. Refused where the device lacks the
 * command, and where nothing is left to write or to prove.
 */
export function planFor(model: DeviceModel, kind: CommandKind, parameters: CommandParameters): Result<CommandPlan> {
  const plan = model.plans[kind];
  if (plan === undefined)
    return no('not-capable', `${model.profile.model} has no command ${kind}, or lacks a point that it needs.`);
  const steps = plan.steps.flatMap((step) => stepFor(step, parameters));
  const proof = applying(plan.proof, parameters);
  if (proof.length === 0 || !steps.some((step) => step.do === 'write')) {
    return no('invalid', `Command ${kind} of ${model.profile.model} does nothing for these parameters.`);
  }
  return done({ ...plan, steps, proof });
}

export function holdsFor(when: When | undefined, parameters: CommandParameters): boolean {
  return when === undefined || parameters[when.parameter] === when.is;
}

function applying(conditions: readonly Condition[], parameters: CommandParameters): readonly Condition[] {
  return conditions
    .filter(({ when }) => holdsFor(when, parameters))
    .map(({ when: _when, ...condition }) => condition as Condition);
}

function stepFor(step: Step, parameters: CommandParameters): readonly Step[] {
  switch (step.do) {
    case 'write': {
      const { when, ...write } = step;
      return holdsFor(when, parameters) ? [write] : [];
    }
    case 'await': {
      const until = applying(step.until, parameters);
      return until.length === 0 ? [] : [{ ...step, until }];
    }
    case 'require': {
      const that = applying(step.that, parameters);
      return that.length === 0 ? [] : [{ ...step, that }];
    }
  }
}

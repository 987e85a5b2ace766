import type { Profile, Step } from '@tiepoint/hardware-profiles';
import type { CommandKind } from '@tiepoint/protocol';

/** Commands after which something may be live that was not. `switch-relay` may switch a load on. */
const energising: readonly CommandKind[] = [
  'connect',
  'start-generation',
  'enable-synchronization',
  'activate-synchronization',
  'switch-relay',
];
const harmless: readonly CommandKind[] = ['disconnect', 'stop-generation'];

/**
 * May writing this value into this set-point energise something? Only what a command that takes power away writes as well is known
 * not to; and what no command of the profile writes is not known, so it may. A limit that is raised lets more power through:
 * only one that is not above `present`, what stands there in the same unit, is known not to.
 */
export function energises(
  profile: Profile,
  point: string,
  value: number | { readonly order: string },
  present: unknown,
): boolean {
  const writes = (kinds: readonly CommandKind[]): boolean =>
    kinds.some((kind) => profile.commands[kind]?.steps.some((step) => isWrite(step, point, value)) === true);
  if (writes(harmless)) return false;
  if (writes(energising)) return true;
  if (!writes(['limit-power'])) return true;
  return takesLimit(profile, point) && !(typeof present === 'number' && typeof value === 'number' && value <= present);
}

/** Does the limit itself go there, and not what goes with it? */
function takesLimit(profile: Profile, point: string): boolean {
  const steps = profile.commands['limit-power']?.steps ?? [];
  return steps.some(
    (step) =>
      step.do === 'write' && step.point === point && typeof step.value === 'object' && 'parameter' in step.value,
  );
}

function isWrite(step: Step, point: string, value: number | { readonly order: string }): boolean {
  if (step.do !== 'write' || step.point !== point) return false;
  const planned = step.value;
  // A parameter may take any value.
  if (typeof planned === 'object' && 'parameter' in planned) return true;
  if (typeof planned === 'object') return typeof value === 'object' && planned.order === value.order;
  return planned === value;
}

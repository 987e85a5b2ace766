import type { DeviceBirth } from '@tiepoint/protocol';
import type { CommissioningReport } from '@tiepoint/protocol/field';

type Items = CommissioningReport['items'];

/**
 * What a report leaves open of what the head-end asks for, by the ids of the agent's check list: who each device is, that it is what
 * was ordered, that its reports arrive, and that each thing it can be commanded to do was tried. The report's own word for what was
 * required does not count.
 */
export function openItems(
  items: Items,
  births: readonly { deviceId: string; birth: DeviceBirth }[],
): readonly string[] {
  const outcomes = new Map(items.map(({ id, outcome }) => [id, outcome]));
  const looked = births.flatMap(({ deviceId }) => [`${deviceId}/ident`, `${deviceId}/nameplate`]);
  const tried = births.flatMap(({ deviceId, birth }) => trialsOf(birth).map((kind) => `${deviceId}/${kind}`));
  return [
    ...[...looked, 'cadence'].filter((id) => outcomes.get(id) !== 'passed'),
    ...tried.filter((id) => !['passed', 'not-applicable'].includes(outcomes.get(id) ?? 'absent')),
  ];
}

function trialsOf({ commands, capabilities, readOnly }: DeviceBirth): readonly string[] {
  if (readOnly) return [];
  const has = (...kinds: readonly DeviceBirth['commands'][number][]): boolean =>
    kinds.every((kind) => commands.includes(kind));
  const synchronises = capabilities.includes('synchroniser');
  return [
    ...(has('limit-power') ? ['limit'] : []),
    ...(has('connect', 'disconnect') && !synchronises ? ['switch'] : []),
    ...(has('switch-relay') ? ['relays'] : []),
    ...(has('start-generation', 'stop-generation') ? ['start-stop'] : []),
    ...(synchronises && has('activate-synchronization', 'disconnect') ? ['synchronise'] : []),
  ];
}

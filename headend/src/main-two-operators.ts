import { randomUUID } from 'node:crypto';
import { deviceArea } from './api/areas.ts';
import { approvalView } from './api/approval-views.ts';
import { titleOf } from './api/parts.ts';
import type { ApiParts } from './api/parts.ts';
import type { OperatorSettings } from './main-operators.ts';
import { Approvals } from './nms/approvals.ts';
import type { CommandRouter } from './nms/command-router.ts';
import type { Tags } from './nms/tags.ts';
import { GroupDesk } from './nms/group-desk.ts';
import type { OperationsStore } from './store/store.ts';
import { TagRemovals } from './nms/tag-removals.ts';
import type { TwoOperatorLimits } from './nms/two-operators.ts';

const minuteMs = 60_000;

export function limitsOf({ groupSize, groupMinutes }: OperatorSettings): TwoOperatorLimits {
  return { groupSize, windowMs: groupMinutes * minuteMs };
}

/** Groups, and the second of two operators, over the router and the tags. */
export function twoOperatorsOf(
  { router, tags, operations }: { router: CommandRouter; tags: Tags; operations: OperationsStore },
  { approvalMinutes }: OperatorSettings,
  api: () => ApiParts,
): Pick<ApiParts, 'groups' | 'approvals'> {
  const now = (): number => api().now();
  const siteOf = (deviceKey: string) => {
    const { register } = api();
    return register.of('site').get(register.of('device').get(deviceKey)?.siteId ?? '');
  };
  const groups = new GroupDesk({ router, criticalOf: (key) => siteOf(key)?.critical, now, newId: randomUUID });
  const removals = new TagRemovals({
    tags,
    store: operations,
    rights: (operator, key) => api().people.rights(operator, 'remove-tags', deviceArea(api(), key)),
    isSignedIn: (operator) => api().people.sessions.of(operator).length > 0,
    onEvent: (event) => api().writer.event(event),
    now,
  });
  const approvals = new Approvals({
    router,
    groups,
    removals,
    rights: (operator, { kind, targetKey }) => api().people.rights(operator, kind, deviceArea(api(), targetKey)),
    appendAudit: (entry) => operations.appendAudit(entry),
    onChange: (approval) =>
      api().hub.approval({
        type: 'approval',
        atMs: now(),
        approval: approvalView(approval, (key) => titleOf(api(), key)),
      }),
    awaitMs: approvalMinutes * minuteMs,
    now,
    newId: randomUUID,
  });
  approvals.load();
  return { groups, approvals };
}

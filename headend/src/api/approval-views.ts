import { commandRules } from '@tiepoint/protocol';
import type { Approval } from '../nms/approvals.ts';
import type { GroupMemberOutcome as Outcome, GroupSelection } from '../nms/group-desk.ts';
import type { Selection } from '../nms/selections.ts';
import type {
  ApprovalNeed,
  ApprovalView,
  GroupMember,
  GroupMemberOutcome,
  GroupSelectionView,
} from './approval-contract.ts';
import { commandView } from './views.ts';

type TitleOf = (deviceKey: string) => string;

export function needView(say: string | undefined): ApprovalNeed {
  return say === undefined ? { needed: false } : { needed: true, say };
}

export function groupView(group: GroupSelection, titleOf: TitleOf): GroupSelectionView {
  const { id, operator, selectedAtMs, expiresAtMs, selections, left, need } = group;
  const count = selections.length === 1 ? 'One device' : `${selections.length} devices`;
  const routes = selections.filter(({ routeKey, targetKey }) => routeKey !== targetKey).length;
  return {
    id,
    kind: 'disconnect',
    operator,
    selectedAtMs,
    expiresAtMs,
    devices: selections.map((each) => memberView(each, titleOf)),
    left: left.map(({ deviceKey, reason, say }) => ({ id: deviceKey, title: titleOf(deviceKey), reason, say })),
    impact: {
      say: [
        `${count} will be disconnected, each by a command of its own with an outcome of its own.`,
        ...(routes === 0 ? [] : [`${routes} of them by the switch of a meter, with all that is behind it.`]),
        ...(left.length === 0 ? [] : [`${left.length} will not be, for the reasons told.`]),
      ],
    },
    approval: needView(need),
  };
}

export function approvalView(approval: Approval, titleOf: TitleOf): ApprovalView {
  const { id, state, acting, requestedAtMs, expiresAtMs, cause, why, outcomes } = approval;
  const { decidedBy, decidedAtMs, say } = approval;
  return {
    id,
    state,
    requestedBy: acting.operator,
    requestedAtMs,
    expiresAtMs,
    cause,
    ...matterView(approval, titleOf),
    why,
    ...(decidedBy === undefined ? {} : { decidedBy }),
    ...(decidedAtMs === undefined ? {} : { decidedAtMs }),
    ...(say === undefined ? {} : { say }),
    ...(approval.isKnown === true ? { isKnown: true } : {}),
    outcomes: outcomes.map((each) => outcomeView(each, titleOf)),
  };
}

function matterView(
  { matter, impact }: Approval,
  titleOf: TitleOf,
): Pick<ApprovalView, 'kind' | 'title' | 'tagOwner' | 'parameters' | 'devices'> {
  if (matter.of === 'tag-removal') {
    const { deviceKey, owner } = matter.tag;
    const device = { id: deviceKey, title: titleOf(deviceKey), impact: { say: impact } };
    return { kind: 'tag-removal', title: `Remove tag of ${owner}`, tagOwner: owner, parameters: {}, devices: [device] };
  }
  const { selections } = matter;
  const [first] = selections;
  if (first === undefined) throw new Error('an approval of nothing was asked for');
  const { kind, parameters } = first;
  const devices = selections.map((each) => memberView(each, titleOf));
  return { kind, title: commandRules[kind].title, parameters, devices };
}

export function outcomeView({ deviceKey, operated }: Outcome, titleOf: TitleOf): GroupMemberOutcome {
  const named = { id: deviceKey, title: titleOf(deviceKey) };
  if (operated.ok) return { ...named, ok: true, command: commandView(operated.value, titleOf) };
  return { ...named, ok: false, reason: operated.reason, say: operated.say };
}

function memberView({ targetKey, routeKey, route, impact }: Selection, titleOf: TitleOf): GroupMember {
  return { id: targetKey, title: titleOf(targetKey), route: { ...route, id: routeKey }, impact: { say: impact } };
}

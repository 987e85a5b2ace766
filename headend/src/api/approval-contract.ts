/**
 * What takes two operators (some commands, and the removal of somebody else's tag), and disconnecting many devices in one go, as types alone; a
 * part of `contract.ts`.
 *
 *     POST   /api/group-selections                  GroupSelectionView  201       GroupSelectionRequest
 *     DELETE /api/group-selections/:id              204
 *     POST   /api/group-commands                    GroupOutcome        202       OperateRequest, header Idempotency-Key
 *     POST   /api/approvals                         ApprovalView        201       ApprovalRequest
 *     POST   /api/devices/:id/tag/removal           ApprovalView        201       TagRemovalRequest; not by the owner of the tag
 *     GET    /api/approvals                         ApprovalsResponse             waiting ones and the latest decided ones
 *     POST   /api/approvals/:id/decision            ApprovalView                  ApprovalDecision; not by the one who asked
 *     POST   /api/approvals/:id/objection           ApprovalView                  TagObjection; by the owner of the tag, who is there: it stays
 *     POST   /api/approvals/:id/known               204                           by the owner of a tag that was removed
 *     DELETE /api/approvals/:id                     204                           taken back by the one who asked
 *
 * A selection says whether it needs an approval (`SelectionView.approval`, `GroupSelectionView.approval`). Then it is not operated by
 * POST /api/commands (409 `approval-needed`) but asked for by POST /api/approvals while the selection holds; the devices stay selected
 * until the approval expires. The second operator's approval operates it at once, after everything was judged again.
 * A removal lifts the tag as it was when it was asked for; its owner is neither of the two, but may object, whatever their role and areas are by now.
 * What awaits is not kept over a restart; that a tag was removed is, until its owner says that they know.
 * Approvals are in the live stream: in the snapshot, and as frames of type `approval`.
 */
import type { CommandKind, CommandParameters, Reason, Verdict } from '@tiepoint/protocol';
import type { ApiReason, CommandView, RouteView } from './contract.ts';

/** `say`: why two operators are needed. */
export type ApprovalNeed = { needed: false } | { needed: true; say: string };

export type GroupSelectionRequest = { kind: 'disconnect'; deviceIds: readonly string[] };
export type GroupSelectionView = {
  id: string;
  kind: 'disconnect';
  operator: string;
  selectedAtMs: number;
  expiresAtMs: number;
  /** Those that will be commanded, each by a command of its own. */
  devices: readonly GroupMember[];
  /** Those that will not, and why: refused by the rules, or of a critical customer. */
  left: readonly { id: string; title: string; reason: Reason | 'critical-customer'; say: string }[];
  impact: { say: readonly string[] };
  approval: ApprovalNeed;
};
/** `route`: of a command. */
export type GroupMember = { id: string; title: string; route?: RouteView; impact: { say: readonly string[] } };

/** One outcome a device: its command, or why none was made. */
export type GroupOutcome = { outcomes: readonly GroupMemberOutcome[] };
export type GroupMemberOutcome =
  | { id: string; title: string; ok: true; command: CommandView }
  | { id: string; title: string; ok: false; reason: ApiReason; say: string };

/** `selectionId`: of a selection or a group selection of one's own. */
export type ApprovalRequest = { selectionId: string; cause: string };
/** `verified`: how it was verified that the owner is not at the site; `tried`: how they were tried to be reached. */
export type TagRemovalRequest = { verified: string; tried: string };
export type TagObjection = { cause: string };
export type ApprovalDecision = { approve: boolean; cause?: string };
export type ApprovalView = {
  id: string;
  state: 'awaiting' | 'approved' | 'refused' | 'withdrawn' | 'expired' | 'failed';
  requestedBy: string;
  requestedAtMs: number;
  expiresAtMs: number;
  cause: string;
  kind: CommandKind | 'tag-removal';
  title: string;
  /** Whose tag is to be removed. */
  tagOwner?: string;
  parameters: CommandParameters;
  /** Why two operators are needed. */
  why: string;
  devices: readonly GroupMember[];
  decidedBy?: string;
  decidedAtMs?: number;
  /** The words of the second operator, or why it failed at the last check. */
  say?: string;
  /** The owner of the tag that was removed has said that they know. */
  isKnown?: true;
  /** After an approval: what became of each command. */
  outcomes: readonly GroupMemberOutcome[];
};
/** `may`: whether the one who asks may decide it now, and if not, why. */
export type ApprovalsResponse = { approvals: readonly (ApprovalView & { may: Verdict })[] };

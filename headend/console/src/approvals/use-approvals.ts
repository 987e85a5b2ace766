import { no } from '@tiepoint/protocol';
import type { Verdict } from '@tiepoint/protocol';
import type { ApprovalView } from '../../../src/api/approval-contract.ts';
import { useConsole, useQuery, useStore } from '../live/console-context.tsx';

export type Deciding = { readonly approval: ApprovalView; readonly may: Verdict };

/** All approvals that are known, newest first, followed on the stream; whether one may decide each is asked anew with each change. */
export function useApprovals(): readonly Deciding[] {
  const { api } = useConsole();
  const known = useStore('approvals', (store) => store.approvals());
  const key = known.map(({ id, state }) => `${id} ${state}`).join();
  const { value, say } = useQuery(`approvals ${key}`, (signal) => api.approvals(signal), 'approvals');
  const verdicts = new Map((value?.approvals ?? []).map(({ id, may }) => [id, may]));
  const unasked = no('invalid', say ?? 'Asking the head-end whether you may decide this…');
  return known.map((approval) => ({ approval, may: verdicts.get(approval.id) ?? unasked }));
}

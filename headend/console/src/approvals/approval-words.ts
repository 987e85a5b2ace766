import type { ApprovalView } from '../../../src/api/approval-contract.ts';
import { durationText } from '../words/time.ts';

type Told = Pick<ApprovalView, 'title' | 'devices'>;

/** What waits: the command, and where. */
export function whatOf({ title, devices }: Told): string {
  const [first, ...more] = devices;
  if (first === undefined) return title;
  return more.length === 0 ? `${title}: ${first.title}` : `${title}: ${devices.length} devices`;
}

export type ApprovalTone = 'waiting' | 'well' | 'warn' | 'urgent';

type Standing = { tone: ApprovalTone; say: string };

/** Where it stands, for who asked, for who decided, for the owner of the tag, and for others. */
export function standingOf(approval: ApprovalView, me: string, nowMs: number): Standing {
  const { state, requestedBy, decidedBy, expiresAtMs, say } = approval;
  const mine = approval.tagOwner === me ? ofOwnTag(approval) : undefined;
  if (mine !== undefined) return mine;
  const by = decidedBy === undefined ? 'a second operator' : decidedBy === me ? 'you' : decidedBy;
  const told = say === undefined ? '' : `: ${say}`;
  switch (state) {
    case 'awaiting': {
      const left = expiresAtMs > nowMs ? `for another ${durationText(expiresAtMs - nowMs)}` : 'no longer';
      const whom = requestedBy === me ? 'You wait' : `${requestedBy} waits`;
      return { tone: 'waiting', say: `${whom} for a second operator, ${left}.` };
    }
    case 'approved':
      return { tone: 'well', say: `Approved by ${by}${told}` };
    case 'refused':
      return { tone: 'warn', say: `Refused by ${by}${told}` };
    case 'withdrawn':
      return { tone: 'warn', say: `Withdrawn by ${requestedBy === me ? 'you' : requestedBy}. Nothing was done.` };
    case 'expired':
      return { tone: 'warn', say: 'Nobody approved it in time. Nothing was done.' };
    case 'failed':
      return {
        tone: 'urgent',
        say: decidedBy === undefined ? `Not done${told}` : `Approved by ${by}, but not done${told}`,
      };
  }
}

/** One's own tag, which others want to remove, or removed. */
function ofOwnTag({ state, requestedBy, decidedBy }: ApprovalView): Standing | undefined {
  if (state === 'awaiting')
    return {
      tone: 'urgent',
      say: `${requestedBy} asks a second operator to remove your tag, for you are said to be away. If you are there, say so: then it stays.`,
    };
  if (state !== 'approved') return undefined;
  const say = `Your tag was removed by ${requestedBy}, approved by ${decidedBy ?? 'a second operator'}: the device takes commands. Set a new one before you work there.`;
  return { tone: 'urgent', say };
}

/** Decided lately enough to be told who asked, once. */
const tellForMs = 10 * 60_000;

/** One's own tag was removed, and one has not said yet that one knows. */
export function isToBeKnown({ state, tagOwner, isKnown }: ApprovalView, me: string): boolean {
  return tagOwner === me && state === 'approved' && isKnown !== true;
}

export function isNews(approval: ApprovalView, me: string, nowMs: number): boolean {
  const { state, requestedBy, decidedAtMs, expiresAtMs } = approval;
  if (isToBeKnown(approval, me)) return true;
  if (requestedBy !== me || state === 'awaiting' || state === 'withdrawn') return false;
  return nowMs - (decidedAtMs ?? expiresAtMs) < tellForMs;
}

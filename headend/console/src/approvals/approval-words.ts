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

/** Where it stands, for who asked, for who decided, and for others. */
export function standingOf(
  { state, requestedBy, decidedBy, expiresAtMs, say }: ApprovalView,
  me: string,
  nowMs: number,
): { tone: ApprovalTone; say: string } {
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
      return { tone: 'urgent', say: `Approved by ${by}, but not done${told}` };
  }
}

/** Decided lately enough to be told who asked, once. */
const tellForMs = 10 * 60_000;

export function isNews(
  { state, requestedBy, decidedAtMs, expiresAtMs }: ApprovalView,
  me: string,
  nowMs: number,
): boolean {
  if (requestedBy !== me || state === 'awaiting' || state === 'withdrawn') return false;
  return nowMs - (decidedAtMs ?? expiresAtMs) < tellForMs;
}

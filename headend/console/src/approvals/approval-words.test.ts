import { expect, test } from 'vitest';
import type { ApprovalView, GroupMember } from '../../../src/api/approval-contract.ts';
import { isNews, standingOf, whatOf } from './approval-words.ts';

const nowMs = 1_000_000;
const member = (title: string): GroupMember => ({ title }) as GroupMember;
const removal = { kind: 'tag-removal', tagOwner: 'olga' } as const;
const approval = (more: Partial<ApprovalView> = {}): ApprovalView =>
  ({
    state: 'awaiting',
    requestedBy: 'ann',
    expiresAtMs: nowMs + 90_000,
    title: 'Disconnect',
    devices: [member('Meter')],
    ...more,
  }) as ApprovalView;

test.each([
  { devices: [member('Meter')], says: 'Disconnect: Meter' },
  { devices: [member('Meter'), member('PV')], says: 'Disconnect: 2 devices' },
  { devices: [], says: 'Disconnect' },
])('$says', ({ devices, says }) => expect(whatOf(approval({ devices }))).toBe(says));

test.each<{ is: Partial<ApprovalView>; me: string; tone: string; says: string }>([
  { is: {}, me: 'ann', tone: 'waiting', says: 'You wait for a second operator, for another 1 min 30 s.' },
  { is: {}, me: 'ben', tone: 'waiting', says: 'ann waits for a second operator, for another 1 min 30 s.' },
  { is: { expiresAtMs: nowMs }, me: 'ann', tone: 'waiting', says: 'You wait for a second operator, no longer.' },
  { is: { state: 'approved', decidedBy: 'ben' }, me: 'ann', tone: 'well', says: 'Approved by ben' },
  { is: { state: 'approved', decidedBy: 'ben' }, me: 'ben', tone: 'well', says: 'Approved by you' },
  { is: { state: 'refused', decidedBy: 'ben', say: 'storm' }, me: 'ann', tone: 'warn', says: 'Refused by ben: storm' },
  { is: { state: 'withdrawn' }, me: 'ann', tone: 'warn', says: 'Withdrawn by you. Nothing was done.' },
  { is: { state: 'expired' }, me: 'ann', tone: 'warn', says: 'Nobody approved it in time. Nothing was done.' },
  {
    is: { state: 'failed', decidedBy: 'ben', say: 'The device is in LOCAL.' },
    me: 'ann',
    tone: 'urgent',
    says: 'Approved by ben, but not done: The device is in LOCAL.',
  },
  {
    is: { state: 'failed', say: 'olga lifted or changed the tag meanwhile.' },
    me: 'ann',
    tone: 'urgent',
    says: 'Not done: olga lifted or changed the tag meanwhile.',
  },
  { is: removal, me: 'ben', tone: 'waiting', says: 'ann waits for a second operator, for another 1 min 30 s.' },
  {
    is: removal,
    me: 'olga',
    tone: 'urgent',
    says: 'ann asks a second operator to remove your tag, for you are said to be away. If you are there, say so: then it stays.',
  },
  { is: { ...removal, state: 'approved', decidedBy: 'ben' }, me: 'ann', tone: 'well', says: 'Approved by ben' },
  {
    is: { ...removal, state: 'approved', decidedBy: 'ben' },
    me: 'olga',
    tone: 'urgent',
    says: 'Your tag was removed by ann, approved by ben: the device takes commands. Set a new one before you work there.',
  },
  { is: { ...removal, state: 'refused', decidedBy: 'ben' }, me: 'olga', tone: 'warn', says: 'Refused by ben' },
])('$me reads: $says', ({ is, me, tone, says }) => {
  const standing = standingOf(approval(is), me, nowMs);
  expect({ ...standing, say: standing.say.replaceAll('\u00a0', ' ') }).toEqual({ tone, say: says });
});

test.each<{ is: Partial<ApprovalView>; me: string; news: boolean }>([
  { is: {}, me: 'ann', news: false },
  { is: { state: 'approved', decidedAtMs: nowMs - 1_000 }, me: 'ann', news: true },
  { is: { state: 'approved', decidedAtMs: nowMs - 1_000 }, me: 'ben', news: false },
  { is: { state: 'approved', decidedAtMs: nowMs - 3_600_000 }, me: 'ann', news: false },
  { is: { state: 'expired', expiresAtMs: nowMs - 1_000 }, me: 'ann', news: true },
  { is: { state: 'withdrawn' }, me: 'ann', news: false },
  { is: { ...removal, state: 'approved', decidedAtMs: nowMs - 3_600_000 }, me: 'olga', news: true },
  { is: { ...removal, state: 'approved', decidedAtMs: nowMs - 90 * 24 * 3_600_000 }, me: 'olga', news: true },
  { is: { ...removal, state: 'approved', decidedAtMs: nowMs - 1_000, isKnown: true }, me: 'olga', news: false },
  { is: { ...removal, state: 'refused', decidedAtMs: nowMs - 1_000 }, me: 'olga', news: false },
])('$is.state is news for $me: $news', ({ is, me, news }) => {
  expect(isNews(approval(is), me, nowMs)).toBe(news);
});

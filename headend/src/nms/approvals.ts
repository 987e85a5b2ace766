import { no, yes } from '@tiepoint/protocol';
import type { Result, Verdict } from '@tiepoint/protocol';
import type { Acting, AuditEntry, NotRecorded, Tag, TagRemoval } from '../store/store.ts';
import { devicesOf, isSameMatter, matterWords } from './approval-matter.ts';
import type { ApprovalMatter } from './approval-matter.ts';
import type { Operated } from './command-router-parts.ts';
import type { CommandRouter } from './command-router.ts';
import type { GroupDesk, GroupMemberOutcome } from './group-desk.ts';
import type { Selection } from './selections.ts';
import { whyRemovalTakesTwo } from './tag-removals.ts';
import type { TagRemovals } from './tag-removals.ts';

export type ApprovalState = 'awaiting' | 'approved' | 'refused' | 'withdrawn' | 'expired' | 'failed';
export type Approval = {
  readonly id: string;
  readonly state: ApprovalState;
  readonly acting: Acting;
  readonly requestedAtMs: number;
  readonly expiresAtMs: number;
  readonly cause: string;
  readonly why: string;
  readonly matter: ApprovalMatter;
  /** What a removal does; each selection tells its own. */
  readonly impact: readonly string[];
  readonly decidedBy?: string;
  readonly decidedAtMs?: number;
  readonly say?: string;
  /** The owner of a tag that was removed has said that they know. */
  readonly isKnown?: true;
  readonly outcomes: readonly GroupMemberOutcome[];
};

export type ApprovalParts = {
  router: CommandRouter;
  groups: GroupDesk;
  removals: TagRemovals;
  /** May this account command it there, by what it may now? */
  rights: (operator: string, selection: Selection) => Verdict;
  appendAudit: (entry: AuditEntry) => NotRecorded;
  onChange: (approval: Approval) => void;
  awaitMs: number;
  now: () => number;
  newId: () => string;
};

const maxAwaiting = 50;
const maxKept = 100;
const clockToleranceMs = 10_000;

/**
 * The second of two operators. What was asked for waits, with its devices selected where they are commanded, and is done by the approval itself,
 * after everything was judged again: the rights of both, the device, the route, the tag. What awaits is not kept over a restart: it is asked for
 * again. That a tag was removed is kept until its owner knows.
 */
export class Approvals {
  readonly #parts: ApprovalParts;
  readonly #all = new Map<string, Approval>();

  constructor(parts: ApprovalParts) {
    this.#parts = parts;
  }

  /** What the owners of removed tags are still to know. */
  load(): void {
    for (const each of this.#parts.removals.unknown()) this.#all.set(each.id, removed(each));
  }

  /** Newest first. */
  all(): readonly Approval[] {
    return [...this.#all.values()].toReversed();
  }

  of(id: string): Approval | undefined {
    return this.#all.get(id);
  }

  /** `selectionId`: of a selection or a group of one's own, that needs it. */
  ask(request: Acting & { selectionId: string; cause: string }): Result<Approval> | Conflict {
    const { operator, identity, selectionId, cause } = request;
    const { router, groups } = this.#parts;
    this.tick();
    const group = groups.find(selectionId, operator);
    const single = group.ok ? undefined : router.ready(request);
    if (single?.ok === false) return group.ok || group.reason === 'not-selected' ? single : group;
    const selections = group.ok ? group.value.selections : single === undefined ? [] : [single.value];
    const why = router.needOf(selections);
    if (why === undefined || selections.length === 0) return conflict('This takes no second operator: operate it.');
    const matter = { of: 'commands', selections, ...(group.ok ? { groupId: group.value.id } : {}) } as const;
    return this.#await(matter, { operator, identity, cause, why, impact: [] });
  }

  /** `cause`: how it was verified that the owner of the tag is not there, and who was asked. */
  askRemoval(request: Acting & { deviceKey: string; cause: string }): Result<Approval> | Conflict {
    const { deviceKey, ...given } = request;
    const { removals } = this.#parts;
    this.tick();
    const found = removals.find(deviceKey, request.operator);
    if (!found.ok) return found;
    const tag = found.value;
    return this.#await({ of: 'tag-removal', tag }, { ...given, why: whyRemovalTakesTwo, impact: removals.impact(tag) });
  }

  #await(
    matter: ApprovalMatter,
    { operator, identity, cause, why, impact }: Acting & Pick<Approval, 'cause' | 'why' | 'impact'>,
  ): Result<Approval> | Conflict {
    const { router, now, newId, awaitMs } = this.#parts;
    const awaiting = this.all().filter(({ state }) => state === 'awaiting');
    if (awaiting.some((each) => isSameMatter(each.matter, matter)))
      return conflict('This awaits its approval already.');
    if (awaiting.length >= maxAwaiting) return no('busy', `${maxAwaiting} await their approval already.`);
    const nowMs = now();
    const approval: Approval = {
      id: newId(),
      state: 'awaiting',
      acting: { operator, identity },
      requestedAtMs: nowMs,
      expiresAtMs: nowMs + awaitMs,
      cause,
      why,
      matter,
      impact,
      outcomes: [],
    };
    const noted = this.#audit(
      approval,
      approval.acting,
      'approval-asked',
      `Approval asked for ${matterWords(matter)}: ${why}`,
    );
    if (!noted.ok) return noted;
    if (matter.of === 'commands') for (const { id } of matter.selections) router.hold(id, approval.expiresAtMs);
    this.#set(approval);
    return { ok: true, value: approval };
  }

  /** May this operator decide it now? */
  may(operator: string, { state, acting, matter }: Approval): Verdict {
    if (state !== 'awaiting') return no('not-selected', `It is ${state} already.`);
    if (operator === acting.operator) return no('wrong-operator', 'Who asks does not approve: another operator does.');
    if (matter.of === 'tag-removal') return this.#parts.removals.may(operator, matter.tag);
    return matter.selections.map((each) => this.#parts.rights(operator, each)).find(({ ok }) => !ok) ?? { ok: true };
  }

  decide(request: Acting & { id: string; approve: boolean; cause?: string }): Result<Approval> | Missing {
    const { operator, identity, id, approve, cause } = request;
    this.tick();
    const approval = this.#all.get(id);
    if (approval === undefined) return missing(id);
    const by: Acting = { operator, identity };
    const may = this.may(operator, approval);
    if (!may.ok) {
      const noted = this.#audit(
        approval,
        by,
        'approval-refused',
        `Approval of ${matterWords(approval.matter)} not taken: ${may.say}`,
      );
      return noted.ok ? may : noted;
    }
    const told = cause === undefined ? '' : `: ${cause}`;
    const action = approve ? 'approval-given' : 'approval-refused';
    const say = `${approve ? 'Approved' : 'Refused'} ${matterWords(approval.matter)}, asked for by ${approval.acting.operator}${told}`;
    const noted = this.#audit(approval, by, action, say);
    if (!noted.ok) return noted;
    const decided = {
      ...approval,
      decidedBy: operator,
      decidedAtMs: this.#parts.now(),
      ...(cause === undefined ? {} : { say: cause }),
    };
    return {
      ok: true,
      value: approve ? this.#done(decided, operator) : this.#end({ ...decided, state: 'refused' }),
    };
  }

  withdraw({ operator, identity, id }: Acting & { id: string }): Result<void> | Missing {
    this.tick();
    const approval = this.#all.get(id);
    if (approval === undefined) return missing(id);
    if (approval.acting.operator !== operator) return no('wrong-operator', `${approval.acting.operator} asked for it.`);
    if (approval.state !== 'awaiting') return no('not-selected', `It is ${approval.state} already.`);
    const noted = this.#audit(
      approval,
      { operator, identity },
      'approval-over',
      `Withdrawn: ${matterWords(approval.matter)}`,
    );
    if (!noted.ok) return noted;
    this.#end({ ...approval, state: 'withdrawn' });
    return { ok: true, value: undefined };
  }

  /** The owner of the tag is there after all, whatever their role and areas are by now. */
  object({ id, cause, ...by }: Acting & { id: string; cause: string }): Result<Approval> | Missing {
    this.tick();
    const approval = this.#all.get(id);
    const tag = approval === undefined ? undefined : tagOfOwn(approval, by.operator);
    if (approval === undefined || tag === undefined) return missing(id);
    if (approval.state !== 'awaiting') return no('not-selected', `It is ${approval.state} already.`);
    const say = `Refused ${matterWords(approval.matter)} as its owner, who is there: ${cause}`;
    const noted = this.#audit(approval, by, 'approval-refused', say);
    if (!noted.ok) return noted;
    const decided = { decidedBy: by.operator, decidedAtMs: this.#parts.now(), say: cause };
    return { ok: true, value: this.#end({ ...approval, ...decided, state: 'refused' }) };
  }

  /** The owner of a tag says that they know that it was removed. */
  known({ id, ...by }: Acting & { id: string }): Result<void> | Missing {
    const approval = this.#all.get(id);
    const tag = approval === undefined ? undefined : tagOfOwn(approval, by.operator);
    if (approval === undefined || tag === undefined || !isToBeKnown(approval)) return missing(id);
    const noted = this.#parts.removals.known(id, tag, by);
    if (noted.ok) this.#set({ ...approval, isKnown: true });
    return noted;
  }

  /** Called about twice a second. */
  tick(): void {
    const nowMs = this.#parts.now();
    for (const approval of this.#all.values()) {
      if (approval.state !== 'awaiting') continue;
      const { matter } = approval;
      const stands: Verdict = matter.of === 'tag-removal' ? this.#parts.removals.stands(matter.tag) : yes;
      if (!stands.ok) {
        this.#audit(approval, 'head-end', 'approval-over', `Not done: ${matterWords(matter)}. ${stands.say}`);
        this.#end({ ...approval, state: 'failed', say: stands.say });
        continue;
      }
      // One from the future was asked for under a clock that has been set back.
      if (nowMs < approval.expiresAtMs && nowMs >= approval.requestedAtMs - clockToleranceMs) continue;
      this.#audit(approval, 'head-end', 'approval-over', `Nobody approved in time: ${matterWords(matter)}`);
      this.#end({ ...approval, state: 'expired', say: 'Nobody approved it in time.' });
    }
  }

  #done(approval: Approval, approver: string): Approval {
    const { matter, id, acting, requestedAtMs, cause, say } = approval;
    if (matter.of === 'commands') return this.#operate(approval, matter, approver);
    const given = { id, tag: matter.tag, acting, requestedAtMs, cause, approver, approvedAtMs: this.#parts.now() };
    const lifted = this.#parts.removals.remove({ ...given, ...(say === undefined ? {} : { say }) });
    return this.#end(
      lifted.ok ? { ...approval, state: 'approved' } : { ...approval, state: 'failed', say: lifted.say },
    );
  }

  /** By the intent of the first operator, with the approval of the second; each device by itself. */
  #operate(
    approval: Approval,
    { selections, groupId }: Extract<ApprovalMatter, { of: 'commands' }>,
    approver: string,
  ): Approval {
    const { acting, cause, id } = approval;
    const given = { ...acting, approver, cause };
    const group = groupId === undefined ? undefined : this.#parts.groups.find(groupId, acting.operator);
    const outcomes: readonly GroupMemberOutcome[] =
      group?.ok === true
        ? this.#parts.groups.operate({ ...given, idempotencyKey: `approval ${id}` }, group.value)
        : selections.map(({ id: selectionId, targetKey: deviceKey }) => ({
            deviceKey,
            operated: this.#parts.router.operate({ ...given, selectionId }),
          }));
    const failed = outcomes.every(({ operated }) => !operated.ok);
    const say = failed ? firstSay(outcomes) : approval.say;
    const after = {
      ...approval,
      outcomes,
      state: failed ? 'failed' : 'approved',
      ...(say === undefined ? {} : { say }),
    };
    return this.#end(after as Approval);
  }

  #end(approval: Approval): Approval {
    const { matter } = approval;
    if (matter.of === 'commands') for (const { id } of matter.selections) this.#parts.router.release(id);
    this.#set(approval);
    return approval;
  }

  #set(approval: Approval): void {
    this.#all.set(approval.id, approval);
    const over = this.all().filter((each) => each.state !== 'awaiting' && !isToBeKnown(each));
    for (const { id } of over.slice(maxKept)) this.#all.delete(id);
    this.#parts.onChange(approval);
  }

  #audit(
    { matter, cause }: Approval,
    by: Acting | 'head-end',
    action: 'approval-asked' | 'approval-given' | 'approval-refused' | 'approval-over',
    say: string,
  ): NotRecorded {
    const [only, ...more] = devicesOf(matter);
    return this.#parts.appendAudit({
      atMs: this.#parts.now(),
      ...(by === 'head-end' ? { who: by, identity: 'system' as const } : { who: by.operator, identity: by.identity }),
      action,
      ...(only === undefined || more.length > 0 ? {} : { subject: only }),
      ...(action === 'approval-asked' ? { why: cause } : {}),
      say,
    });
  }
}

const tagOfOwn = ({ matter }: Approval, operator: string): Tag | undefined =>
  matter.of === 'tag-removal' && matter.tag.owner === operator ? matter.tag : undefined;

/** An owner that was away is still to say that they know. */
const isToBeKnown = ({ matter, state, isKnown }: Approval): boolean =>
  matter.of === 'tag-removal' && state === 'approved' && isKnown !== true;

/** As it was approved, before this start. */
const removed = ({ tag, approver, approvedAtMs, ...asked }: TagRemoval): Approval => ({
  ...asked,
  state: 'approved',
  expiresAtMs: approvedAtMs,
  why: whyRemovalTakesTwo,
  matter: { of: 'tag-removal', tag },
  impact: [],
  decidedBy: approver,
  decidedAtMs: approvedAtMs,
  outcomes: [],
});

type Conflict = { ok: false; reason: 'conflict'; say: string };
type Missing = { ok: false; reason: 'not-found'; say: string };
const conflict = (say: string): Conflict => ({ ok: false, reason: 'conflict', say });
const missing = (id: string): Missing => ({
  ok: false,
  reason: 'not-found',
  say: `There is no approval ${id.slice(0, 64)}.`,
});

function firstSay(outcomes: readonly GroupMemberOutcome[]): string | undefined {
  const refused: Extract<Operated, { ok: false }> | undefined = outcomes.flatMap(({ operated }) =>
    operated.ok ? [] : [operated],
  )[0];
  return refused?.say;
}

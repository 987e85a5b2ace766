import { no } from '@tiepoint/protocol';
import type { Result, Verdict } from '@tiepoint/protocol';
import { commandWords } from '../store/command-words.ts';
import type { Acting, AuditEntry, NotRecorded } from '../store/store.ts';
import type { Operated } from './command-router-parts.ts';
import type { CommandRouter } from './command-router.ts';
import type { GroupDesk, GroupMemberOutcome } from './group-desk.ts';
import type { Selection } from './selections.ts';

export type ApprovalState = 'awaiting' | 'approved' | 'refused' | 'withdrawn' | 'expired' | 'failed';
export type Approval = {
  readonly id: string;
  readonly state: ApprovalState;
  readonly acting: Acting;
  readonly requestedAtMs: number;
  readonly expiresAtMs: number;
  readonly cause: string;
  readonly why: string;
  readonly selections: readonly Selection[];
  /** Of a group. */
  readonly groupId?: string;
  readonly decidedBy?: string;
  readonly decidedAtMs?: number;
  readonly say?: string;
  readonly outcomes: readonly GroupMemberOutcome[];
};

export type ApprovalParts = {
  router: CommandRouter;
  groups: GroupDesk;
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
 * The second of two operators. What was asked for waits, with its devices selected, and is operated by the approval itself, after everything
 * was judged again: the rights of both, the device, the route. Not kept over a restart: then it is selected again.
 */
export class Approvals {
  readonly #parts: ApprovalParts;
  readonly #all = new Map<string, Approval>();

  constructor(parts: ApprovalParts) {
    this.#parts = parts;
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
    const { router, groups, now, newId, awaitMs } = this.#parts;
    this.tick();
    const group = groups.find(selectionId, operator);
    const single = group.ok ? undefined : router.ready(request);
    if (single?.ok === false) return group.ok || group.reason === 'not-selected' ? single : group;
    const selections = group.ok ? group.value.selections : single === undefined ? [] : [single.value];
    const why = router.needOf(selections);
    if (why === undefined || selections.length === 0) return conflict('This takes no second operator: operate it.');
    const awaiting = this.all().filter(({ state }) => state === 'awaiting');
    if (awaiting.some((each) => each.selections.some(({ id }) => selections.some((one) => one.id === id))))
      return conflict('This awaits its approval already.');
    if (awaiting.length >= maxAwaiting) return no('busy', `${maxAwaiting} commands await their approval already.`);
    const nowMs = now();
    const approval: Approval = {
      id: newId(),
      state: 'awaiting',
      acting: { operator, identity },
      requestedAtMs: nowMs,
      expiresAtMs: nowMs + awaitMs,
      cause,
      why,
      selections,
      ...(group.ok ? { groupId: group.value.id } : {}),
      outcomes: [],
    };
    const noted = this.#audit(
      approval,
      approval.acting,
      'approval-asked',
      `Approval asked for ${words(approval)}: ${why}`,
    );
    if (!noted.ok) return noted;
    for (const { id } of selections) router.hold(id, approval.expiresAtMs);
    this.#set(approval);
    return { ok: true, value: approval };
  }

  /** May this operator decide it now? */
  may(operator: string, { state, acting, selections }: Approval): Verdict {
    if (state !== 'awaiting') return no('not-selected', `It is ${state} already.`);
    if (operator === acting.operator) return no('wrong-operator', 'Who asks does not approve: another operator does.');
    return selections.map((each) => this.#parts.rights(operator, each)).find(({ ok }) => !ok) ?? { ok: true };
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
        `Approval of ${words(approval)} not taken: ${may.say}`,
      );
      return noted.ok ? may : noted;
    }
    const told = cause === undefined ? '' : `: ${cause}`;
    const action = approve ? 'approval-given' : 'approval-refused';
    const say = `${approve ? 'Approved' : 'Refused'} ${words(approval)}, asked for by ${approval.acting.operator}${told}`;
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
      value: approve ? this.#operate(decided, operator) : this.#end({ ...decided, state: 'refused' }),
    };
  }

  withdraw({ operator, identity, id }: Acting & { id: string }): Result<void> | Missing {
    this.tick();
    const approval = this.#all.get(id);
    if (approval === undefined) return missing(id);
    if (approval.acting.operator !== operator) return no('wrong-operator', `${approval.acting.operator} asked for it.`);
    if (approval.state !== 'awaiting') return no('not-selected', `It is ${approval.state} already.`);
    const noted = this.#audit(approval, { operator, identity }, 'approval-over', `Withdrawn: ${words(approval)}`);
    if (!noted.ok) return noted;
    this.#end({ ...approval, state: 'withdrawn' });
    return { ok: true, value: undefined };
  }

  /** Called about twice a second. */
  tick(): void {
    const nowMs = this.#parts.now();
    for (const approval of this.#all.values()) {
      if (approval.state !== 'awaiting') continue;
      // One from the future was asked for under a clock that has been set back.
      if (nowMs < approval.expiresAtMs && nowMs >= approval.requestedAtMs - clockToleranceMs) continue;
      this.#audit(approval, 'head-end', 'approval-over', `Nobody approved in time: ${words(approval)}`);
      this.#end({ ...approval, state: 'expired', say: 'Nobody approved it in time.' });
    }
  }

  /** By the intent of the first operator, with the approval of the second; each device by itself. */
  #operate(approval: Approval, approver: string): Approval {
    const { acting, cause, groupId, selections, id } = approval;
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
    for (const { id } of approval.selections) this.#parts.router.release(id);
    this.#set(approval);
    return approval;
  }

  #set(approval: Approval): void {
    this.#all.set(approval.id, approval);
    const oldest = this.#all.size > maxKept ? this.all().findLast(({ state }) => state !== 'awaiting') : undefined;
    if (oldest !== undefined) this.#all.delete(oldest.id);
    this.#parts.onChange(approval);
  }

  #audit(
    { selections, cause }: Approval,
    by: Acting | 'head-end',
    action: 'approval-asked' | 'approval-given' | 'approval-refused' | 'approval-over',
    say: string,
  ): NotRecorded {
    const [only, ...more] = selections;
    return this.#parts.appendAudit({
      atMs: this.#parts.now(),
      ...(by === 'head-end' ? { who: by, identity: 'system' as const } : { who: by.operator, identity: by.identity }),
      action,
      ...(only === undefined || more.length > 0 ? {} : { subject: only.targetKey }),
      ...(action === 'approval-asked' ? { why: cause } : {}),
      say,
    });
  }
}

type Conflict = { ok: false; reason: 'conflict'; say: string };
type Missing = { ok: false; reason: 'not-found'; say: string };
const conflict = (say: string): Conflict => ({ ok: false, reason: 'conflict', say });
const missing = (id: string): Missing => ({
  ok: false,
  reason: 'not-found',
  say: `There is no approval ${id.slice(0, 64)}.`,
});

function words({ selections }: Approval): string {
  const [first] = selections;
  if (first === undefined) return 'nothing';
  const named = selections.map(({ targetKey }) => targetKey);
  return `${commandWords(first.kind, first.parameters)} of ${named.slice(0, 20).join(', ')}${named.length > 20 ? ` and ${named.length - 20} more` : ''}`;
}

function firstSay(outcomes: readonly GroupMemberOutcome[]): string | undefined {
  const refused: Extract<Operated, { ok: false }> | undefined = outcomes.flatMap(({ operated }) =>
    operated.ok ? [] : [operated],
  )[0];
  return refused?.say;
}

import { command as commandMessage, formatTopic, isFinal, no, yes } from '@tiepoint/protocol';
import type { Acknowledgement, Failure, Result } from '@tiepoint/protocol';
import type { Acting, CommandRecord } from '../store/store.ts';
import { CommandJudge } from './command-judge.ts';
import type { CommandOffer } from './command-judge.ts';
import { commandStep, commandTimes, mayInquire, moved } from './command-step.ts';
import type { CommandInput, CommandStep, CommandTimes } from './command-step.ts';
import { deviceKeyOf, splitDeviceKey } from './device-key.ts';
import type { AskedCommand } from './inquirer.ts';
import type { Published } from './link/link.ts';
import { SelectionDesk } from './selection-desk.ts';
import type { Selection } from './selections.ts';
import { TwoOperators } from './two-operators.ts';
import type { CommandRouterParts, NeedsApproval, Operated, OperateRequest } from './command-router-parts.ts';

const defaultTimes = { ...commandTimes, expiryMs: 30_000, inquiryEveryMs: 60_000 };
const maxLateWords = 1_000;

/**
 * Select before operate, and what becomes of the command then. It is written down with its audit before anything is sent, and
 * every transition before anyone is told of it; what cannot be recorded is not sent ('not-recorded'). A command is sent again only
 * while it is certain that it was not sent, and with the same id, which the agent takes once.
 */
export class CommandRouter {
  readonly #parts: CommandRouterParts;
  readonly #times: CommandTimes & { expiryMs: number; inquiryEveryMs: number };
  readonly #judge: CommandJudge;
  readonly #desk: SelectionDesk;
  readonly #two: TwoOperators;
  readonly #commands = new Map<string, CommandRecord>();
  /** Device to the command under way there; an AAS and the meter that switches it share one. */
  readonly #activeAt = new Map<string, string>();
  /** Being published, or published and not yet recorded as sent. */
  readonly #leaving = new Map<string, { done: boolean; sure: boolean; say?: string }>();
  readonly #askedAtMs = new Map<string, number>();
  /** Times as they were, of commands that were under way when the clock was set. */
  readonly #asRequested = new Map<string, Pick<CommandRecord, 'requestedAtMs' | 'expiresAtMs'>>();
  /** To be asked about as soon as it may be: found at the start, or the gateway is back. */
  readonly #toAsk = new Set<string>();
  /** Found at the start and not yet recorded as such. */
  readonly #resuming = new Set<string>();
  readonly #lateWords = new Map<string, number>();
  /** Words of agents that belong to no command, or to one of another device. */
  strayWords = 0;

  constructor(parts: CommandRouterParts) {
    this.#parts = parts;
    this.#times = parts.times ?? defaultTimes;
    const activeAt = (deviceKey: string): CommandRecord | undefined => this.activeAt(deviceKey);
    this.#judge = new CommandJudge({ held: () => undefined, mode: () => yes, ...parts, activeAt });
    this.#desk = new SelectionDesk({ ...parts, judge: this.#judge });
    this.#two = new TwoOperators(parts.twoOperators ?? { groupSize: 10, windowMs: 600_000 });
  }

  /** Takes up what was unfinished when the head-end stopped. Nothing is sent again; the agents are asked. */
  load(): void {
    const lately = this.#parts.store.commands({ limit: 500 });
    for (const command of lately.toReversed()) this.#two.took(command);
    for (const command of this.#parts.store.unfinishedCommands()) {
      this.#adopt(command);
      this.#resuming.add(command.id);
    }
    this.#resume();
  }

  /** As they are for this operator. */
  offers(deviceKey: string, operator?: string): readonly CommandOffer[] {
    return this.#judge.offers(deviceKey, operator);
  }

  select(request: Parameters<SelectionDesk['select']>[0]): Result<Selection> {
    return this.#desk.select(request);
  }

  /** Whosever it is. */
  selected(selectionId: string): Selection | undefined {
    return this.#desk.selected(selectionId);
  }

  cancel(request: Parameters<SelectionDesk['cancel']>[0]): Result<void> {
    return this.#desk.cancel(request);
  }

  activeAt(deviceKey: string): CommandRecord | undefined {
    return this.#commands.get(this.#activeAt.get(deviceKey) ?? '');
  }

  active(): readonly CommandRecord[] {
    return [...this.#commands.values()];
  }

  /** Answers as soon as the command is written down; it is sent after that. */
  operate(request: OperateRequest): Operated {
    const { operator, selectionId, idempotencyKey } = request;
    const nowMs = this.#parts.now();
    if (idempotencyKey !== undefined) {
      const before = this.#parts.store.commandByIdempotencyKey(operator, idempotencyKey);
      if (before?.selectionId === selectionId) return { ok: true, value: before };
      if (before !== undefined)
        return {
          ok: false,
          reason: 'conflict',
          say: 'This Idempotency-Key belongs to another command: take a new one for each.',
        };
    }
    const selection = this.#desk.ready(request);
    if (!selection.ok) return selection;
    const second = this.#second(selection.value, request);
    return second === undefined ? this.#requested(selection.value, request, nowMs) : second;
  }

  /** The operator's own selection, if it may be operated now. */
  ready(request: Acting & { selectionId: string }): Result<Selection> {
    return this.#desk.ready(request);
  }

  /** Why these, given together, take two operators; undefined: one does. */
  needOf(selections: readonly Selection[]): string | undefined {
    return this.#two.needOf(selections, ({ routeKey }) => this.#parts.twin(routeKey), this.#parts.now());
  }

  /** The device stays selected for so long, for it awaits an approval. */
  hold(selectionId: string, untilMs: number): void {
    this.#desk.hold(selectionId, untilMs);
  }

  release(selectionId: string): void {
    this.#desk.release(selectionId);
  }

  #second(selection: Selection, { operator, approver, together }: OperateRequest): Failure | NeedsApproval | undefined {
    const need = together === undefined ? this.needOf([selection]) : together.need;
    if (approver === undefined) {
      if (need === undefined) return undefined;
      this.#desk.refused(selection, need, 'approval-needed');
      return { ok: false, reason: 'approval-needed', say: need };
    }
    const right =
      approver === operator
        ? no('wrong-operator', 'Who commands does not approve: another operator does.')
        : this.#parts.rights(approver, selection.kind, selection.targetKey);
    if (right.ok) return undefined;
    this.#desk.refused(selection, right.say, right.reason);
    return right;
  }

  /** The agent's word, by the topic it came on. */
  acknowledged(gatewayId: string, deviceId: string, ack: Acknowledgement): void {
    const known = this.#commands.get(ack.commandId) ?? this.#parts.store.command(ack.commandId);
    if (known === undefined || known.routeKey !== deviceKeyOf(gatewayId, deviceId)) {
      this.strayWords += 1;
      return;
    }
    this.#apply(known, { kind: 'ack', ack });
  }

  /** It is there (again): asked at once about everything open. */
  gatewayBorn(gatewayId: string): void {
    for (const [id, command] of this.#commands) {
      if (splitDeviceKey(command.routeKey)?.gatewayId === gatewayId) this.#toAsk.add(id);
    }
    this.#inquireDue();
  }

  /** Called about twice a second. */
  tick(): void {
    this.#desk.expire();
    this.#resume();
    for (const command of this.#commands.values()) {
      const leaving = this.#leaving.get(command.id);
      if (leaving?.done === true) this.#apply(command, { kind: 'published', ...leaving });
      const after = this.#commands.get(command.id);
      // Of one that is leaving nobody may say that it was never sent; the link tells in bounded time what became of it.
      if (after !== undefined && !this.#leaving.has(after.id)) this.#apply(after, { kind: 'time' });
      const open = this.#commands.get(command.id);
      if (open?.state === 'requested' && !this.#leaving.has(open.id) && !this.#resuming.has(open.id))
        this.#sendIfStillPermitted(open);
    }
    this.#inquireDue();
  }

  /**
   * The clock was set by so much since the last call. What is under way is reckoned on the clock as it is now, or it would seem to have
   * waited for years, or to have years left. Written down it stays as it was requested.
   */
  clockSet(byMs: number): void {
    for (const [id, command] of this.#commands) {
      const { requestedAtMs, expiresAtMs, updatedAtMs } = command;
      if (!this.#asRequested.has(id)) this.#asRequested.set(id, { requestedAtMs, expiresAtMs });
      const reckoned = { requestedAtMs: requestedAtMs + byMs, expiresAtMs: expiresAtMs + byMs };
      this.#commands.set(id, { ...command, ...reckoned, updatedAtMs: updatedAtMs + byMs });
    }
  }

  #resume(): void {
    for (const id of this.#resuming) {
      const command = this.#commands.get(id);
      if (command !== undefined) {
        this.#apply(command, { kind: 'restarted' });
        this.#toAsk.add(id);
      }
      if (this.#commands.get(id)?.state !== 'requested') this.#resuming.delete(id);
    }
  }

  #requested(
    { id: selectionId, targetKey, routeKey, route, kind, parameters }: Selection,
    { operator, identity, approver, cause, idempotencyKey }: OperateRequest,
    nowMs: number,
  ): Operated {
    // Not below the clock, so that numbers go on rising for the agents even when this database was begun anew.
    const seq = this.#parts.store.nextCommandSeq(routeKey, nowMs);
    if (!seq.ok) return seq;
    const fresh: CommandRecord = {
      id: this.#parts.newId(),
      targetKey,
      routeKey,
      routeBy: route.by,
      routeSay: route.say,
      kind,
      parameters,
      operator,
      identity,
      ...(approver === undefined ? {} : { approver }),
      ...(cause === undefined ? {} : { cause }),
      selectionId,
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
      seq: seq.value,
      requestedAtMs: nowMs,
      expiresAtMs: nowMs + this.#times.expiryMs,
      updatedAtMs: nowMs,
      state: 'requested',
      measured: [],
      transitions: 0,
    };
    const step = moved(fresh, nowMs, { state: 'requested', by: 'operator', say: cause });
    const recorded = this.#record(step);
    if (!recorded.ok) return recorded;
    this.#two.took(fresh);
    this.#desk.release(selectionId);
    this.#send(step.command);
    return { ok: true, value: step.command };
  }

  #sendIfStillPermitted(command: CommandRecord): void {
    const twin = this.#parts.twin(command.targetKey);
    const verdict =
      twin === undefined
        ? no('unknown-device', 'The device is gone.')
        : this.#judge.permission(twin, command.kind, command.parameters, {
            operator: command.operator,
            exceptId: command.id,
            ...(command.approver === undefined ? {} : { approver: command.approver }),
          }).verdict;
    // Out of reach for the moment is what the retries are for; the expiry ends them.
    if (verdict.ok) this.#send(command);
    else if (verdict.reason !== 'lost' && verdict.reason !== 'late')
      this.#apply(command, { kind: 'forbidden', ...verdict });
  }

  #send(command: CommandRecord): void {
    const address = splitDeviceKey(command.routeKey);
    if (address === undefined) return;
    const { id, kind, seq, requestedAtMs, expiresAtMs, operator, approver, parameters, cause } = command;
    const payload = commandMessage.toBytes({
      id,
      gatewayId: address.gatewayId,
      deviceId: address.deviceId,
      kind,
      seq,
      issuedAtMs: requestedAtMs,
      expiresAtMs,
      operator,
      approver,
      parameters,
      cause,
    });
    const leaving = { done: false, sure: true };
    this.#leaving.set(id, leaving);
    void this.#parts
      .publish(formatTopic({ of: 'device', ...address, message: 'command' }), payload)
      // A link that failed in the midst tells nothing of what it did.
      .catch((error: unknown): Published => ({
        ok: false,
        reason: 'timeout',
        say: `It may have been sent: ${String(error)}`,
      }))
      .then((outcome) => this.#published(id, outcome));
  }

  #published(id: string, outcome: Published): void {
    const command = this.#commands.get(id);
    // The agent's word can come before the broker's, and tells more.
    if (command?.state !== 'requested') return;
    if (outcome.ok || outcome.reason === 'timeout') {
      const told = { sure: outcome.ok, ...(outcome.ok ? {} : { say: outcome.say }) };
      this.#leaving.set(id, { done: true, ...told });
      this.#apply(command, { kind: 'published', ...told });
      return;
    }
    this.#leaving.delete(id);
    if (outcome.reason === 'link-down' || outcome.reason === 'busy')
      this.#commands.set(id, { ...command, say: outcome.say });
    else this.#apply(command, { kind: 'forbidden', reason: 'invalid', say: outcome.say });
  }

  #apply(command: CommandRecord, input: CommandInput): void {
    const step = commandStep(command, input, this.#parts.now(), this.#times);
    if (step.effects.includes('late-word') && input.kind === 'ack') this.#lateWord(command, input.ack);
    if (step.transition === undefined) return;
    // Not recorded: nothing has happened yet for anyone; the next tick, or the agent asked again, brings it back.
    if (this.#record(step).ok && step.effects.includes('inquire')) this.#inquireDue();
  }

  #record(step: CommandStep): Result<void, 'not-recorded'> {
    const { command, transition } = step;
    if (transition === undefined) return { ok: true, value: undefined };
    const recorded = this.#parts.store.recordStep(
      { ...command, ...this.#asRequested.get(command.id) },
      transition,
      this.#parts.auditTransition(command, transition),
    );
    if (!recorded.ok) return recorded;
    if (isFinal(command.state)) this.#forget(command);
    else this.#adopt(command);
    if (command.state !== 'requested') this.#leaving.delete(command.id);
    this.#parts.onTransition(command, transition);
    for (const key of new Set([command.targetKey, command.routeKey])) this.#parts.onDevice(key);
    return recorded;
  }

  #adopt(command: CommandRecord): void {
    // A word about an older command, which a newer one may have overtaken, does not make it the one under way.
    const first = !this.#commands.has(command.id);
    this.#commands.set(command.id, command);
    if (first) for (const key of [command.targetKey, command.routeKey]) this.#activeAt.set(key, command.id);
  }

  #forget(command: CommandRecord): void {
    this.#commands.delete(command.id);
    this.#leaving.delete(command.id);
    this.#askedAtMs.delete(command.id);
    this.#asRequested.delete(command.id);
    this.#toAsk.delete(command.id);
    for (const key of [command.targetKey, command.routeKey]) {
      if (this.#activeAt.get(key) !== command.id) continue;
      const rest = [...this.#commands.values()].findLast(({ targetKey, routeKey }) =>
        [targetKey, routeKey].includes(key),
      );
      if (rest === undefined) this.#activeAt.delete(key);
      else this.#activeAt.set(key, rest.id);
    }
  }

  /** What an agent says after the end changes nothing, but is not lost: once each, in the audit. */
  #lateWord(command: CommandRecord, ack: Acknowledgement): void {
    if ((this.#lateWords.get(command.id) ?? -1) >= ack.ordinal) return;
    const step = moved(command, this.#parts.now(), { ...ack, by: 'agent', agentTimeMs: ack.timeMs });
    if (step.transition === undefined) return;
    const entry = this.#parts.auditTransition(step.command, step.transition);
    const recorded = this.#parts.store.appendAudit({
      ...entry,
      say: `After the end (${command.state}), and changing nothing: ${entry.say}`,
    });
    if (!recorded.ok) return;
    this.#lateWords.set(command.id, ack.ordinal);
    const oldest = this.#lateWords.size > maxLateWords ? this.#lateWords.keys().next().value : undefined;
    if (oldest !== undefined) this.#lateWords.delete(oldest);
  }

  #inquireDue(): void {
    const nowMs = this.#parts.now();
    const due = new Map<string, AskedCommand[]>();
    for (const command of this.#commands.values()) {
      const address = splitDeviceKey(command.routeKey);
      const askedAtMs = this.#askedAtMs.get(command.id) ?? Number.NEGATIVE_INFINITY;
      // A clock that was set back meanwhile does not make anybody wait for the hour in which it was asked.
      const isDue = nowMs >= askedAtMs + this.#times.inquiryEveryMs || nowMs < askedAtMs;
      const again = command.state === 'unknown' && isDue;
      if (address === undefined || !mayInquire(command, nowMs, this.#times) || !(again || this.#toAsk.has(command.id)))
        continue;
      if (!this.#parts.gatewayOnline(address.gatewayId)) continue;
      this.#askedAtMs.set(command.id, nowMs);
      this.#toAsk.delete(command.id);
      due.set(address.gatewayId, [
        ...(due.get(address.gatewayId) ?? []),
        { id: command.id, deviceId: address.deviceId, issuedAtMs: command.requestedAtMs },
      ]);
    }
    for (const [gatewayId, commands] of due) this.#parts.inquire(gatewayId, commands);
  }
}

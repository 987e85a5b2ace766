import { command as commandMessage, commandRules, formatTopic, isFinal, no } from '@tiepoint/protocol';
import type {
  Acknowledgement,
  CommandKind,
  CommandParameters,
  Failure,
  Result,
  Route,
  Verdict,
} from '@tiepoint/protocol';
import type { AuditEntry, CommandRecord, OperationsStore, TransitionRecord } from '../store/store.ts';
import { commandStep, commandTimes, mayInquire, moved } from './command-step.ts';
import type { CommandInput, CommandStep, CommandTimes } from './command-step.ts';
import { deviceKeyOf, splitDeviceKey } from './device-key.ts';
import { deviceView } from './device-view.ts';
import { impact } from './impact.ts';
import type { Published } from './link/link.ts';
import { offeredKinds, permission } from './permission.ts';
import type { Permission, SwitchingMeter } from './permission.ts';
import {
  heldByOther,
  selectionMs,
  selectionOf,
  withoutExpired,
  withoutSelection,
  withSelection,
} from './selections.ts';
import type { Selection, Selections } from './selections.ts';
import type { Twin } from './twins.ts';

export type CommandRouterParts = {
  store: OperationsStore;
  twin: (deviceKey: string) => Twin | undefined;
  switchedBy: (meterKey: string) => readonly Twin[];
  tagOf: (deviceKey: string) => { owner: string; cause: string } | undefined;
  gatewayOnline: (gatewayId: string) => boolean;
  publish: (topic: string, payload: Uint8Array) => Promise<Published>;
  /** Asks a gateway what became of commands. */
  inquire: (gatewayId: string, commands: readonly { id: string; deviceId: string }[]) => void;
  /** The words of the audit. */
  auditTransition: (command: CommandRecord, transition: TransitionRecord) => AuditEntry;
  onTransition: (command: CommandRecord, transition: TransitionRecord) => void;
  /** A selection or an active command came or went at this device. */
  onDevice: (deviceKey: string) => void;
  now: () => number;
  newId: () => string;
  times?: CommandTimes & { expiryMs: number; inquiryEveryMs: number };
};

export type CommandOffer = { kind: CommandKind; verdict: Verdict; route?: Route };
/** `conflict`: the idempotency key belongs to another selection. */
export type Operated = { ok: true; value: CommandRecord } | Failure | { ok: false; reason: 'conflict'; say: string };

const defaultTimes = { ...commandTimes, expiryMs: 30_000, inquiryEveryMs: 60_000 };
const maxSelections = 1_000;
const maxLateWords = 1_000;

/**
 * Select before operate, and what becomes of the command then. It is written down with its audit before anything is sent, and
 * every transition before anyone is told of it; what cannot be recorded is not sent ('not-recorded'). A command is sent again only
 * while it is certain that it was not sent, and with the same id, which the agent takes once.
 */
export class CommandRouter {
  readonly #parts: CommandRouterParts;
  readonly #times: CommandTimes & { expiryMs: number; inquiryEveryMs: number };
  readonly #commands = new Map<string, CommandRecord>();
  /** Device to the command under way there; an AAS and the meter that switches it share one. */
  readonly #activeAt = new Map<string, string>();
  /** Being published, or published and not yet recorded as sent. */
  readonly #leaving = new Map<string, { done: boolean; sure: boolean; say?: string }>();
  readonly #askedAtMs = new Map<string, number>();
  /** To be asked about as soon as it may be: found at the start, or the gateway is back. */
  readonly #toAsk = new Set<string>();
  /** Found at the start and not yet recorded as such. */
  readonly #resuming = new Set<string>();
  readonly #lateWords = new Map<string, number>();
  #selections: Selections = new Map();
  /** Words of agents that belong to no command, or to one of another device. */
  strayWords = 0;

  constructor(parts: CommandRouterParts) {
    this.#parts = parts;
    this.#times = parts.times ?? defaultTimes;
  }

  /** Takes up what was unfinished when the head-end stopped. Nothing is sent again; the agents are asked. */
  load(): void {
    for (const command of this.#parts.store.unfinishedCommands()) {
      this.#adopt(command);
      this.#resuming.add(command.id);
    }
    this.#resume();
  }

  offers(deviceKey: string): readonly CommandOffer[] {
    const twin = this.#parts.twin(deviceKey);
    if (twin === undefined) return [];
    const { target, meter } = this.#views(twin);
    return offeredKinds(target, meter).map((kind) => {
      // For a command that needs parameters the button is judged by all else, with values that any device takes.
      const { verdict, route } = permission(kind, sampleParameters(kind, twin), target, meter);
      return { kind, verdict, ...(route === undefined ? {} : { route }) };
    });
  }

  activeAt(deviceKey: string): CommandRecord | undefined {
    return this.#commands.get(this.#activeAt.get(deviceKey) ?? '');
  }

  active(): readonly CommandRecord[] {
    return [...this.#commands.values()];
  }

  /** Holds the device for this operator, whatever the verdict: the operator sees why it would be refused. */
  select(request: {
    operator: string;
    deviceKey: string;
    kind: CommandKind;
    parameters: CommandParameters;
  }): Result<Selection> {
    const { operator, deviceKey, kind, parameters } = request;
    const nowMs = this.#parts.now();
    this.#selections = withoutExpired(this.#selections, nowMs);
    const twin = this.#parts.twin(deviceKey);
    if (twin === undefined) return no('unknown-device', `No device ${deviceKey} has introduced itself.`);
    const { verdict, route } = this.#permission(twin, kind, parameters);
    if (route === undefined)
      return verdict.ok ? no('not-capable', 'No route was found.') : this.#refusedSelect(request, verdict, nowMs);
    const routeKey = deviceKeyOf(twin.gatewayId, route.deviceId);
    const held = heldByOther(this.#selections, [deviceKey, routeKey], operator, nowMs);
    if (held !== undefined) return this.#refusedSelect(request, held, nowMs);
    if (this.#selections.size >= maxSelections)
      return no('busy', `${maxSelections} devices are selected already: wait until some are free.`);
    const carrier = this.#parts.twin(routeKey) ?? twin;
    const selection: Selection = {
      id: this.#parts.newId(),
      targetKey: deviceKey,
      routeKey,
      route,
      kind,
      parameters,
      operator,
      selectedAtMs: nowMs,
      expiresAtMs: nowMs + selectionMs,
      impact: impact({ kind, parameters, target: twin, route, carrier, behind: this.#parts.switchedBy(routeKey) }),
      verdict,
    };
    const say = `Selected for ${kind} ${route.say}`;
    const recorded = this.#parts.store.appendAudit({ ...auditOf(request, nowMs), action: 'select', say });
    if (!recorded.ok) return recorded;
    this.#selections = withSelection(this.#selections, selection);
    return { ok: true, value: selection };
  }

  cancel({ operator, selectionId }: { operator: string; selectionId: string }): Result<void> {
    const nowMs = this.#parts.now();
    const found = selectionOf(this.#selections, { id: selectionId, operator }, nowMs);
    if (!found.ok) return found;
    this.#selections = withoutSelection(this.#selections, selectionId);
    const { targetKey, kind } = found.value;
    const say = `Selection for ${kind} given up`;
    return this.#parts.store.appendAudit({
      ...auditOf({ operator, deviceKey: targetKey }, nowMs),
      action: 'cancel-selection',
      say,
    });
  }

  /** Answers as soon as the command is written down; it is sent after that. */
  operate(request: { operator: string; selectionId: string; cause?: string; idempotencyKey?: string }): Operated {
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
    const found = selectionOf(this.#selections, { id: selectionId, operator }, nowMs);
    if (!found.ok) return found;
    const refusal = this.#judgeAgain(found.value);
    if (refusal !== undefined) {
      const { targetKey, kind } = found.value;
      this.#parts.store.appendAudit({
        ...auditOf({ operator, deviceKey: targetKey }, nowMs),
        action: 'operate-refused',
        say: `${kind} refused: ${refusal.say}`,
      });
      return refusal;
    }
    return this.#requested(found.value, request, nowMs);
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
    this.#selections = withoutExpired(this.#selections, this.#parts.now());
    this.#resume();
    for (const command of this.#commands.values()) {
      const leaving = this.#leaving.get(command.id);
      if (leaving?.done === true) this.#apply(command, { kind: 'published', ...leaving });
      const after = this.#commands.get(command.id);
      if (after !== undefined) this.#apply(after, { kind: 'time' });
      const open = this.#commands.get(command.id);
      if (open?.state === 'requested' && !this.#leaving.has(open.id) && !this.#resuming.has(open.id))
        this.#sendIfStillPermitted(open);
    }
    this.#inquireDue();
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
    { operator, cause, idempotencyKey }: { operator: string; cause?: string; idempotencyKey?: string },
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
    this.#selections = withoutSelection(this.#selections, selectionId);
    this.#send(step.command);
    return { ok: true, value: step.command };
  }

  #judgeAgain({ targetKey, routeKey, kind, parameters }: Selection): Failure | undefined {
    const twin = this.#parts.twin(targetKey);
    if (twin === undefined) return no('unknown-device', `${targetKey} is gone.`);
    const { verdict, route } = this.#permission(twin, kind, parameters);
    if (!verdict.ok) return verdict;
    if (route === undefined || deviceKeyOf(twin.gatewayId, route.deviceId) !== routeKey) {
      return no('precondition', 'The route has changed since the selection: select again to see what will happen.');
    }
    return undefined;
  }

  #sendIfStillPermitted(command: CommandRecord): void {
    const twin = this.#parts.twin(command.targetKey);
    const verdict =
      twin === undefined
        ? no('unknown-device', 'The device is gone.')
        : this.#permission(twin, command.kind, command.parameters, command.id).verdict;
    // Out of reach for the moment is what the retries are for; the expiry ends them.
    if (verdict.ok) this.#send(command);
    else if (verdict.reason !== 'lost' && verdict.reason !== 'late')
      this.#apply(command, { kind: 'forbidden', ...verdict });
  }

  #send(command: CommandRecord): void {
    const address = splitDeviceKey(command.routeKey);
    if (address === undefined) return;
    const { id, kind, seq, requestedAtMs, expiresAtMs, operator, parameters, cause } = command;
    const payload = commandMessage.toBytes({
      id,
      deviceId: address.deviceId,
      kind,
      seq,
      issuedAtMs: requestedAtMs,
      expiresAtMs,
      operator,
      parameters,
      cause,
    });
    const leaving = { done: false, sure: true };
    this.#leaving.set(id, leaving);
    void this.#parts
      .publish(formatTopic({ of: 'device', ...address, message: 'command' }), payload)
      .then((outcome) => this.#published(id, outcome));
  }

  #published(id: string, outcome: Published): void {
    const command = this.#commands.get(id);
    if (command === undefined) return;
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
      command,
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
    this.#commands.set(command.id, command);
    for (const key of [command.targetKey, command.routeKey]) this.#activeAt.set(key, command.id);
  }

  #forget(command: CommandRecord): void {
    this.#commands.delete(command.id);
    this.#leaving.delete(command.id);
    this.#askedAtMs.delete(command.id);
    this.#toAsk.delete(command.id);
    for (const key of [command.targetKey, command.routeKey]) {
      if (this.#activeAt.get(key) === command.id) this.#activeAt.delete(key);
    }
  }

  /** What an agent says after the end changes nothing, but is not lost: once each, in the audit. */
  #lateWord(command: CommandRecord, ack: Acknowledgement): void {
    if ((this.#lateWords.get(command.id) ?? -1) >= ack.ordinal) return;
    this.#lateWords.set(command.id, ack.ordinal);
    const oldest = this.#lateWords.size > maxLateWords ? this.#lateWords.keys().next().value : undefined;
    if (oldest !== undefined) this.#lateWords.delete(oldest);
    const step = moved(command, this.#parts.now(), { ...ack, by: 'agent', agentTimeMs: ack.timeMs });
    if (step.transition === undefined) return;
    const entry = this.#parts.auditTransition(step.command, step.transition);
    this.#parts.store.appendAudit({
      ...entry,
      say: `After the end (${command.state}), and changing nothing: ${entry.say}`,
    });
  }

  #inquireDue(): void {
    const nowMs = this.#parts.now();
    const due = new Map<string, { id: string; deviceId: string }[]>();
    for (const command of this.#commands.values()) {
      const address = splitDeviceKey(command.routeKey);
      const askedAtMs = this.#askedAtMs.get(command.id) ?? Number.NEGATIVE_INFINITY;
      const again = command.state === 'unknown' && nowMs >= askedAtMs + this.#times.inquiryEveryMs;
      if (address === undefined || !mayInquire(command, nowMs, this.#times) || !(again || this.#toAsk.has(command.id)))
        continue;
      if (!this.#parts.gatewayOnline(address.gatewayId)) continue;
      this.#askedAtMs.set(command.id, nowMs);
      this.#toAsk.delete(command.id);
      due.set(address.gatewayId, [
        ...(due.get(address.gatewayId) ?? []),
        { id: command.id, deviceId: address.deviceId },
      ]);
    }
    for (const [gatewayId, commands] of due) this.#parts.inquire(gatewayId, commands);
  }

  #refusedSelect(
    request: { operator: string; deviceKey: string; kind: CommandKind },
    refusal: Failure,
    nowMs: number,
  ): Failure {
    this.#parts.store.appendAudit({
      ...auditOf(request, nowMs),
      action: 'select-refused',
      say: `${request.kind} refused: ${refusal.say}`,
    });
    return refusal;
  }

  #permission(twin: Twin, kind: CommandKind, parameters: CommandParameters, exceptId?: string): Permission {
    const { target, meter } = this.#views(twin, exceptId);
    return permission(kind, parameters, target, meter);
  }

  #views(twin: Twin, exceptId?: string): { target: ReturnType<typeof deviceView>; meter: SwitchingMeter } {
    const view = (each: Twin): ReturnType<typeof deviceView> => {
      const active = this.activeAt(each.key);
      return deviceView(each, {
        tag: this.#parts.tagOf(each.key),
        active: active?.id === exceptId ? undefined : active,
      });
    };
    const { switchedBy } = twin.birth;
    if (switchedBy === undefined) return { target: view(twin), meter: undefined };
    const meter = this.#parts.twin(deviceKeyOf(twin.gatewayId, switchedBy));
    return {
      target: view(twin),
      meter: meter === undefined ? { seen: false, deviceId: switchedBy } : { seen: true, view: view(meter) },
    };
  }
}

/** Every parameter with a value that changes something, so that the verdict speaks of the device and not of missing input. */
function sampleParameters(kind: CommandKind, { status }: Twin): CommandParameters {
  const { parameters } = commandRules[kind];
  const relayOn = status?.kind === 'load-control' && status.relay1 === 'on';
  const samples: CommandParameters = { limitPct: 50, relay: 1, to: relayOn ? 'off' : 'on' };
  return Object.fromEntries(parameters.map((name) => [name, samples[name]]));
}

function auditOf(
  { operator, deviceKey }: { operator: string; deviceKey: string },
  nowMs: number,
): Pick<AuditEntry, 'atMs' | 'who' | 'identity' | 'subject'> {
  return { atMs: nowMs, who: operator, identity: 'unverified', subject: deviceKey };
}

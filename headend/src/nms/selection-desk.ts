import { no } from '@tiepoint/protocol';
import type { CommandKind, CommandParameters, Failure, Result } from '@tiepoint/protocol';
import type { Acting, AuditEntry, OperationsStore } from '../store/store.ts';
import type { CommandJudge } from './command-judge.ts';
import { commandWords } from '../store/command-words.ts';
import { deviceKeyOf } from './device-key.ts';
import { impact } from './impact.ts';
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

export type DeskParts = {
  store: Pick<OperationsStore, 'appendAudit'>;
  judge: CommandJudge;
  twin: (deviceKey: string) => Twin | undefined;
  switchedBy: (meterKey: string) => readonly Twin[];
  tagOf: (deviceKey: string) => { owner: string; cause: string } | undefined;
  now: () => number;
  newId: () => string;
};

const maxSelections = 1_000;

/** The first half of select before operate: holds devices for operators, tells what operating will do, judges again before it. */
export class SelectionDesk {
  readonly #parts: DeskParts;
  #selections: Selections = new Map();

  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  /** Holds the device for this operator, whatever the verdict: the operator sees why it would be refused. */
  select(
    request: Acting & { deviceKey: string; kind: CommandKind; parameters: CommandParameters; holdMs?: number },
  ): Result<Selection> {
    const { operator, deviceKey, kind, parameters } = request;
    const nowMs = this.#parts.now();
    this.expire();
    const twin = this.#parts.twin(deviceKey);
    if (twin === undefined) return no('unknown-device', `No device ${deviceKey} has introduced itself.`);
    const { verdict, route } = this.#parts.judge.permission(twin, kind, parameters, { operator });
    if (route === undefined)
      return verdict.ok ? no('not-capable', 'No route was found.') : this.#refused(request, verdict, nowMs);
    const routeKey = deviceKeyOf(twin.gatewayId, route.deviceId);
    const held = heldByOther(this.#selections, [deviceKey, routeKey], operator, nowMs);
    if (held !== undefined) return this.#refused(request, held, nowMs);
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
      identity: request.identity,
      selectedAtMs: nowMs,
      expiresAtMs: nowMs + (request.holdMs ?? selectionMs),
      impact: impact({
        kind,
        parameters,
        target: twin,
        route,
        carrier,
        behind: this.#parts.switchedBy(routeKey),
        tagOf: this.#parts.tagOf,
      }),
      verdict,
    };
    const what = commandWords(kind, parameters);
    const recorded = this.#parts.store.appendAudit({
      ...auditOf(request, nowMs),
      ...(verdict.ok
        ? { action: 'select', say: `Selected for ${what} ${route.say}` }
        : { action: 'select-refused', say: refusedSay(what, verdict) }),
    });
    if (!recorded.ok) return recorded;
    this.#selections = withSelection(this.#selections, selection);
    return { ok: true, value: selection };
  }

  selected(selectionId: string): Selection | undefined {
    return this.#selections.get(selectionId);
  }

  cancel({ operator, identity, selectionId }: Acting & { selectionId: string }): Result<void> {
    const nowMs = this.#parts.now();
    const found = selectionOf(this.#selections, { id: selectionId, operator }, nowMs);
    if (!found.ok) {
      // That one's own selection is over already is no attempt at anything.
      if (found.reason === 'wrong-operator')
        this.#refusedOver(
          { operator, identity, selectionId },
          'cancel-refused',
          refusedSay('Giving up a selection', found),
          nowMs,
        );
      return found;
    }
    const { targetKey, kind, parameters } = found.value;
    const recorded = this.#parts.store.appendAudit({
      ...auditOf({ operator, identity, deviceKey: targetKey }, nowMs),
      action: 'cancel-selection',
      say: `Selection for ${commandWords(kind, parameters)} given up`,
    });
    if (recorded.ok) this.release(selectionId);
    return recorded;
  }

  /** The operator's own selection, if what it selected may be done now, by the same route as was shown. */
  ready({ operator, identity, selectionId }: Acting & { selectionId: string }): Result<Selection> {
    const nowMs = this.#parts.now();
    const found = selectionOf(this.#selections, { id: selectionId, operator }, nowMs);
    const refusal = found.ok ? this.#judgeAgain(found.value) : found;
    if (refusal === undefined) return found;
    const asked = this.#selections.get(selectionId);
    const what = asked === undefined ? 'Operating' : commandWords(asked.kind, asked.parameters);
    this.#refusedOver({ operator, identity, selectionId }, 'operate-refused', refusedSay(what, refusal), nowMs);
    return refusal;
  }

  release(selectionId: string): void {
    this.#selections = withoutSelection(this.#selections, selectionId);
  }

  hold(selectionId: string, untilMs: number): void {
    const selection = this.#selections.get(selectionId);
    if (selection === undefined) return;
    this.#selections = new Map([...this.#selections, [selectionId, { ...selection, expiresAtMs: untilMs }]]);
  }

  /** That it takes a second operator, or that one may not. */
  refused({ id, operator, identity, kind, parameters }: Selection, say: string, reason: string): void {
    const what = `${commandWords(kind, parameters)} refused (${reason}): ${say}`;
    this.#refusedOver({ operator, identity, selectionId: id }, 'operate-refused', what, this.#parts.now());
  }

  expire(): void {
    this.#selections = withoutExpired(this.#selections, this.#parts.now());
  }

  #judgeAgain({ targetKey, routeKey, kind, parameters, operator }: Selection): Failure | undefined {
    const twin = this.#parts.twin(targetKey);
    if (twin === undefined) return no('unknown-device', `${targetKey} is gone.`);
    const { verdict, route } = this.#parts.judge.permission(twin, kind, parameters, { operator });
    if (!verdict.ok) return verdict;
    if (route === undefined || deviceKeyOf(twin.gatewayId, route.deviceId) !== routeKey) {
      return no('precondition', 'The route has changed since the selection: select again to see what will happen.');
    }
    return undefined;
  }

  /** `subject` is the device that was selected, where the selection is still known. */
  #refusedOver(
    { operator, identity, selectionId }: Acting & { selectionId: string },
    action: 'operate-refused' | 'cancel-refused',
    say: string,
    nowMs: number,
  ): void {
    const subject = this.#selections.get(selectionId)?.targetKey;
    this.#parts.store.appendAudit({
      atMs: nowMs,
      who: operator,
      identity,
      action,
      ...(subject === undefined ? {} : { subject }),
      say,
    });
  }

  #refused(
    request: Asked & { kind: CommandKind; parameters: CommandParameters },
    refusal: Failure,
    nowMs: number,
  ): Failure {
    const say = refusedSay(commandWords(request.kind, request.parameters), refusal);
    this.#parts.store.appendAudit({ ...auditOf(request, nowMs), action: 'select-refused', say });
    return refusal;
  }
}

function refusedSay(what: string, { reason, say }: Failure): string {
  return `${what} refused (${reason}): ${say}`;
}

type Asked = Acting & { deviceKey: string };

function auditOf(
  { operator, identity, deviceKey }: Asked,
  nowMs: number,
): Pick<AuditEntry, 'atMs' | 'who' | 'identity' | 'subject'> {
  return { atMs: nowMs, who: operator, identity, subject: deviceKey };
}

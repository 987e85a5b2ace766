import type { WriteRequest } from '@tiepoint/agent/io/bus/bus.ts';
import type { Tags } from '@tiepoint/headend/nms/tags.ts';
import type { CommandRecord, OperationsStore, TransitionRecord } from '@tiepoint/headend/store/store.ts';
import {
  acknowledgement,
  command as commandMessage,
  event as eventMessage,
  isFinal,
  parseTopic,
  tagList,
} from '@tiepoint/protocol';
import type { Command } from '@tiepoint/protocol';
import type { SQLInputValue } from 'node:sqlite';
import type { SimDevice } from './devices.ts';
import type { SteppedTime } from './stepped-time.ts';

export type Invariant =
  | 'lost'
  | 'repeated'
  | 'falseConfirmed'
  | 'afterExpiry'
  | 'despiteTag'
  | 'notJournalled'
  | 'notRecorded'
  | 'endsDisagree'
  | 'neverEnds'
  | 'fault';

export type Finding = { readonly invariant: Invariant; readonly atMs: number; readonly say: string };

/** Of a gateway, as far as it is looked at here. */
type Watched = {
  readonly id: string;
  readonly devices: ReadonlyMap<string, SimDevice>;
  /** Ahead of the world's time where a call of it takes long. */
  readonly life: { readonly nowMs: number };
};

/** A command that a gateway has taken in. */
type UnderWay = {
  readonly command: Command;
  readonly deviceKey: string;
  /** When it was last measured, and found truly so, since the last write. */
  provenAtMs: number | undefined;
  executing: boolean;
  ended: boolean;
};

/** Clocks agree to two seconds where commands are taken (agent, README); what is written was judged a moment before. */
const toleranceMs = 2_100;

/** Looks on at every seam of the simulated world, and holds what happens against the promises of the product. */
export class Witness {
  readonly findings: Finding[] = [];
  readonly #time: SteppedTime;
  readonly #trace: ((say: string) => void) | undefined;
  readonly #underWay = new Map<string, UnderWay>();
  readonly #expiresAtMs = new Map<string, number>();
  readonly #writes = new Map<string, number>();
  /** By gateway, as it has it on its disk. */
  readonly #tagged = new Map<string, ReadonlySet<string>>();
  /** Commands of which anything reached a device. */
  readonly written = new Set<string>();
  /** Events that a gateway had on its disk: device, session and number. */
  readonly keptEvents = new Set<string>();
  counts = { commands: 0, writes: 0, confirmed: 0, crashes: 0 };

  constructor(time: SteppedTime, trace: ((say: string) => void) | undefined) {
    this.#time = time;
    this.#trace = trace;
  }

  say(what: string | (() => string)): void {
    this.#trace?.(typeof what === 'string' ? what : what());
  }

  found(invariant: Invariant, say: string): void {
    this.say(() => `!! ${invariant}: ${say}`);
    this.findings.push({ invariant, atMs: this.#time.nowMs, say });
  }

  /** The head-end hands a command to its line. */
  commandLeaves(
    topic: string,
    payload: Uint8Array,
    { tags, operations }: { tags: Tags; operations: OperationsStore },
  ): void {
    const decoded = commandMessage.fromBytes(payload);
    const address = parseTopic(topic);
    if (!decoded.ok || address?.of !== 'device') return this.found('fault', `${topic} carries no command`);
    const { id } = decoded.value;
    this.say(() => `head-end sends ${id} ${decoded.value.kind} to ${address.deviceId}`);
    const recorded = operations.command(id);
    if (recorded === undefined) return this.found('notRecorded', `${id} was sent and is not in the store`);
    for (const key of [recorded.targetKey, recorded.routeKey])
      if (tags.of(key) !== undefined) this.found('despiteTag', `${id} was sent to ${key}, which is tagged`);
  }

  /** A step that the head-end has on its disk. `clockOffsetMs`: how far its clock is off. */
  transition(
    { id, kind, targetKey, expiresAtMs }: CommandRecord,
    { state, by, say }: TransitionRecord,
    clockOffsetMs: number,
  ): void {
    this.say(() => `head-end has ${id} ${kind} at ${targetKey} ${state} by ${by}: ${say ?? ''}`);
    if (state === 'requested') {
      this.counts.commands += 1;
      this.#expiresAtMs.set(id, expiresAtMs - clockOffsetMs);
    }
  }

  /** A row that is on a gateway's disk. */
  agentRow(gateway: Watched, sql: string, values: readonly SQLInputValue[]): void {
    if (sql.startsWith('INSERT INTO command ')) this.#takenIn(gateway, values);
    else if (sql.startsWith('UPDATE command SET state')) this.#moved(values);
    else if (sql.startsWith('INSERT INTO acknowledgement ')) this.#acknowledged(values);
    else if (sql.startsWith(`INSERT INTO setting VALUES ('tags'`)) {
      const list = tagList.fromBytes(values[0] as Uint8Array);
      if (list.ok) this.#tagged.set(gateway.id, new Set(list.value.tags.map(({ deviceId }) => deviceId)));
    } else if (sql.startsWith('INSERT INTO outbox ') && values[1] === 'event') {
      const decoded = eventMessage.fromBytes(values[2] as Uint8Array);
      if (decoded.ok) this.keptEvents.add(eventKey(`${gateway.id}.${text(values[0])}`, decoded.value));
    }
  }

  read(gateway: Watched, deviceId: string): void {
    const deviceKey = `${gateway.id}.${deviceId}`;
    const device = gateway.devices.get(deviceId);
    for (const each of this.#underWay.values())
      if (!each.ended && each.deviceKey === deviceKey && device?.isSo(each.command, this.#time.nowMs) === true)
        each.provenAtMs = this.#time.nowMs;
  }

  /** At the call; `arrived` at the device. */
  write(gateway: Watched, deviceId: string, { table, address, words }: WriteRequest): { arrived(): void } {
    const deviceKey = `${gateway.id}.${deviceId}`;
    const executing = [...this.#underWay.values()].filter(
      (each) => each.executing && !each.ended && each.deviceKey === deviceKey,
    );
    const [one] = executing;
    this.say(() => `${deviceKey} is written ${table} ${address} ${words.join(' ')} for ${one?.command.id ?? 'nobody'}`);
    if (one === undefined || executing.length > 1) {
      this.found(
        'notJournalled',
        `${deviceKey} was written, and ${executing.length} commands are journalled as executing`,
      );
      return { arrived: () => undefined };
    }
    const { id } = one.command;
    if (this.#tagged.get(gateway.id)?.has(deviceId) === true)
      this.found('despiteTag', `${deviceKey} was written for ${id}, and its gateway knows that it is tagged`);
    const expiresAtMs = this.#expiresAtMs.get(id) ?? Number.NEGATIVE_INFINITY;
    const { nowMs } = gateway.life;
    if (!this.written.has(id) && nowMs > expiresAtMs + toleranceMs)
      this.found('afterExpiry', `${id} was written ${Math.round(nowMs - expiresAtMs)} ms after its expiry`);
    return {
      arrived: () => {
        this.counts.writes += 1;
        this.written.add(id);
        one.provenAtMs = undefined;
        const key = `${id} ${table} ${address}`;
        const times = (this.#writes.get(key) ?? 0) + 1;
        this.#writes.set(key, times);
        if (times > 1) this.found('repeated', `${deviceKey} took ${key} for the ${times}th time`);
      },
    };
  }

  /** A gateway that lost its memory may take a command in anew, and the witness must not. */
  #takenIn(gateway: Watched, [id, deviceId, , bytes, state]: readonly SQLInputValue[]): void {
    const decoded = commandMessage.fromBytes(bytes as Uint8Array);
    if (!decoded.ok) return;
    const deviceKey = `${gateway.id}.${text(deviceId)}`;
    this.say(() => `${deviceKey} takes ${text(id)} in: ${text(state)}`);
    const ended = state !== 'accepted';
    this.#underWay.set(text(id), {
      command: decoded.value,
      deviceKey,
      provenAtMs: undefined,
      executing: false,
      ended,
    });
  }

  #moved([state, , , id]: readonly SQLInputValue[]): void {
    const one = this.#underWay.get(text(id));
    this.say(() => `${one?.deviceKey ?? ''} has ${text(id)} ${text(state)}`);
    if (one === undefined) return;
    if (state === 'executing') one.executing = true;
    else one.ended = true;
  }

  #acknowledged([id, , , bytes]: readonly SQLInputValue[]): void {
    const decoded = acknowledgement.fromBytes(bytes as Uint8Array);
    if (!decoded.ok || decoded.value.state !== 'confirmed') return;
    this.counts.confirmed += 1;
    const one = this.#underWay.get(text(id));
    if (one?.provenAtMs === undefined)
      this.found(
        'falseConfirmed',
        `${text(id)} is called confirmed, and was never measured to be so since the last write`,
      );
  }

  /** What the head-end says in the end, against what the gateway's journal says. */
  compare(record: CommandRecord, journalled: string | undefined): void {
    const { id, state, reason } = record;
    const told = `the head-end has ${id} ${state}${reason === undefined ? '' : ` (${reason})`}, the gateway ${journalled ?? 'nothing'}`;
    if (!isFinal(state)) return this.found('neverEnds', told);
    const undone = state === 'refused' || state === 'expired' || reason === 'unknown-to-agent';
    if (this.written.has(id) && undone) return this.found('endsDisagree', `${told}, and the device was written`);
    if (journalled === undefined ? undone : journalled === state) return;
    // Nothing was done, both say, each in its words.
    if (undone && (journalled === 'refused' || journalled === 'expired')) return;
    this.found(isFinal(journalled as typeof state) || journalled === undefined ? 'endsDisagree' : 'neverEnds', told);
  }
}

/** Of a column that holds text. */
function text(value: SQLInputValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

export function eventKey(deviceKey: string, { session, seq }: { session: number; seq: number }): string {
  return `${deviceKey} ${session} ${seq}`;
}

import { WordImage } from '@tiepoint/hardware-profiles';
import type { Decoded } from '@tiepoint/hardware-profiles';
import { acknowledgement, command as commandMessage, no, takesTwo, yes } from '@tiepoint/protocol';
import type { Acknowledgement, Command, CommandKind, DeviceView, TimeQuality, Verdict } from '@tiepoint/protocol';
import { admit } from '../core/admission.ts';
import { execute, resume } from '../core/execution.ts';
import type { Answer, Ask, Execution, Outcome } from '../core/execution.ts';
import type { WriteBus } from './bus/bus.ts';
import { countedOn, wait } from './clock.ts';
import type { Clock, EndTimer } from './clock.ts';
import { overtaken, writeFailure } from './command-outcomes.ts';
import { readSpans } from './device-reader.ts';
import type { ReadTarget } from './device-reader.ts';
import type { Journal } from './disk/journal.ts';
import type { Log } from './log.ts';
import { OwedOutcomes } from './owed-outcomes.ts';
import type { Restraint } from './tag-keeper.ts';

export type CommandTarget = ReadTarget & {
  /** Absent where nothing may be written. */
  readonly bus: WriteBus | undefined;
  readonly view: (decoded: Decoded) => DeviceView;
};

export type ExecutorDeps = {
  readonly gatewayId: string;
  readonly deviceId: string;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly log: Log;
  timeQuality(): TimeQuality;
  readonly restraint: Restraint;
  /** Why no command is taken in the fleet mode in force; undefined: commands are. */
  safeMode(): string | undefined;
  /** Since when the journal remembers, on the head-end's clock; undefined: not known yet. */
  journalSinceMs(): number | undefined;
  /** The device as identified now; `undefined` while it is not. */
  target(): CommandTarget | undefined;
  /** Sends an acknowledgement, which is in the journal already where the disk allows. */
  acknowledge(ack: Acknowledgement): void;
  /**
   * Something was just done to the device: looks at it and reports, before the command's end is told, so that nobody reads
   * *confirmed* beside the state of before. Resolves in bounded time, whatever becomes of it.
   */
  acted(): Promise<void>;
};

const recoveryRetryMs = 5_000;
const maxUnwritten = 1_000;

/** One execution under way. */
type Deed = {
  readonly command: Command;
  readonly target: CommandTarget;
  readonly execution: Execution;
  readonly nowMs: () => number;
  ordinal: number;
  journalled: boolean;
};

/** Takes commands for one device in, one at a time, and carries them out over the bus with the journal ahead of every write. */
export class Executor {
  readonly #deps: ExecutorDeps;
  #busyWith: Command | undefined;
  /** Set when a command in the safe direction ends the one under way. */
  #overtakenBy: CommandKind | undefined;
  /** What each such command ended: it may still be about to close, so that "it is open already" is no reason to do nothing. */
  readonly #overtook = new WeakMap<Command, Command>();
  #deed: Deed | undefined;
  #stopped = false;
  #running: Promise<void> = Promise.resolve();
  readonly #owed: OwedOutcomes;
  #endRecoveryTimer: EndTimer | undefined;
  /** What the head-end was told of commands that are not in the journal: they are not taken later after all. */
  readonly #unwritten = new Map<string, Acknowledgement>();
  readonly #startedAtMs: number;

  constructor(deps: ExecutorDeps) {
    this.#deps = deps;
    const { clock, log, journal, deviceId } = deps;
    this.#startedAtMs = clock.monotonicMs();
    this.#owed = new OwedOutcomes({ clock, log, write: (ack) => journal.move(deviceId, ack) });
  }

  /** Of a message whose signature was verified: what it says is checked here, whatever its bytes. Never throws. */
  take(bytes: Uint8Array): void {
    const decoded = commandMessage.fromBytes(bytes);
    if (!decoded.ok) {
      this.#deps.log.warn({ path: decoded.path, why: decoded.say }, 'a command that cannot be read was ignored');
      return;
    }
    if (this.#stopped) return;
    const told = this.#unwritten.get(decoded.value.id);
    if (told !== undefined) {
      this.#deps.acknowledge(told);
      return;
    }
    let seen: boolean;
    try {
      seen = this.#deps.journal.find(decoded.value.id) !== undefined;
    } catch (error) {
      // It may have been carried out already, so not even a refusal would be true. The head-end asks.
      this.#deps.log.error(
        { commandId: decoded.value.id, error: String(error) },
        'the journal cannot be read: ignored',
      );
      return;
    }
    try {
      this.#admit(decoded.value, seen, 'head-end');
    } catch (error) {
      if (!seen) this.#refuseUnwritten(decoded.value, error);
    }
  }

  /**
   * Takes a command in that was made in this very process, as a technician's test is: its expiry is judged by the clock that made it, and
   * it spends none of the head-end's sequence numbers. Everything else holds as for any other. Throws where the journal fails.
   */
  takeLocal(command: Command): void {
    if (!this.#stopped) this.#admit(command, this.#deps.journal.find(command.id) !== undefined, 'local');
  }

  /** Says again what became of a command; false where neither journal nor memory knows it. */
  repeat(commandId: string): boolean {
    const ack = this.#owed.of(commandId) ?? this.#unwritten.get(commandId) ?? this.#lastWritten(commandId);
    if (ack !== undefined) this.#deps.acknowledge(ack);
    return ack !== undefined;
  }

  /** Says what became of one that is neither in the journal nor in memory: it is not taken from now on, so that this stays true. */
  disown(ack: Acknowledgement): void {
    // The oldest are forgotten at the bound: their commands have long expired.
    const [oldest = ''] = this.#unwritten.keys();
    if (this.#unwritten.size >= maxUnwritten) this.#unwritten.delete(oldest);
    this.#unwritten.set(ack.commandId, ack);
    this.#deps.acknowledge(ack);
  }

  #lastWritten(commandId: string): Acknowledgement | undefined {
    const bytes = this.#deps.journal.lastAcknowledgement(commandId);
    const written = bytes && acknowledgement.fromBytes(bytes);
    return written?.ok === true ? written.value : undefined;
  }

  /**
   * The journal was exchanged under a command that is under way: it is written into the new one as it stands, so that a crash from here
   * on is settled as any other. Throws where the disk fails.
   */
  rewrite(): void {
    const deed = this.#deed;
    if (deed === undefined) return;
    const { command, ordinal, journalled } = deed;
    const state = journalled ? 'executing' : 'accepted';
    const ack: Acknowledgement = { commandId: command.id, state, ordinal, timeMs: this.#deps.clock.nowMs() };
    this.#deps.journal.open(this.#deps.deviceId, command, ack);
  }

  /**
   * Settles what a crash left open, one after the other. Called when the device is identified and after each execution; where the disk
   * cannot be read, again after a while.
   */
  recover(): void {
    if (this.#busyWith !== undefined || this.#stopped) return;
    try {
      this.#settleUnfinished();
    } catch (error) {
      this.#deps.log.error(
        { error: String(error) },
        'the journal cannot be read: what a crash left open is settled later',
      );
      this.#endRecoveryTimer?.();
      this.#endRecoveryTimer = this.#deps.clock.after(recoveryRetryMs, () => this.recover());
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#owed.stop();
    this.#endRecoveryTimer?.();
    await this.#running;
  }

  #settleUnfinished(): void {
    for (const { command, deviceId, state, ordinal } of this.#deps.journal.unfinished()) {
      if (deviceId !== this.#deps.deviceId || this.#owed.of(command.id) !== undefined) continue;
      if (state === 'executing') {
        this.#begin(command, ordinal, 'resume');
        return;
      }
      // As every end without a write is called: it may have been told already, and lost only here.
      this.#finish(command, ordinal + 1, {
        state: 'refused',
        reason: 'interrupted',
        say: 'The agent restarted before anything was written to the device; nothing was done.',
        measured: [],
      });
    }
  }

  #admit(command: Command, seen: boolean, origin: 'head-end' | 'local'): void {
    const { clock, journal, gatewayId, deviceId } = this.#deps;
    const target = this.#deps.target();
    const nowMs = clock.nowMs();
    const admission = admit(command, {
      gatewayId,
      deviceId,
      tagsKnown: this.#deps.restraint.known(),
      nowMs,
      startedAtMs: nowMs - (clock.monotonicMs() - this.#startedAtMs),
      timeQuality: origin === 'local' ? 'synchronised' : this.#deps.timeQuality(),
      seen,
      lastSequence: origin === 'local' ? undefined : journal.lastSequence(deviceId),
      readOnly: target !== undefined && target.bus === undefined,
      safeMode: this.#deps.safeMode(),
      busyWith: this.#busyWith?.kind,
      // On site a technician sees what is live.
      takesTwo: origin === 'local' ? undefined : takesTwo(command.kind, target?.model.capabilities ?? []),
      journalSinceMs: origin === 'local' ? Number.NEGATIVE_INFINITY : this.#deps.journalSinceMs(),
    });
    switch (admission.verdict) {
      case 'repeat':
        this.repeat(command.id);
        return;
      case 'expired':
      case 'refused':
        this.#open(command, { state: admission.verdict, reason: admission.reason, say: admission.say });
        return;
      case 'execute':
        if (target === undefined) {
          this.#open(command, {
            state: 'refused',
            reason: 'lost',
            say: 'The device does not answer on its bus: nothing was written.',
          });
          return;
        }
        this.#open(command, { state: 'accepted' }, origin);
        if (this.#busyWith !== undefined) {
          this.#overtakenBy = command.kind;
          this.#overtook.set(command, this.#busyWith);
        }
        this.#begin(command, 1, 'execute');
    }
  }

  #open(
    command: Command,
    said: Pick<Acknowledgement, 'state' | 'reason' | 'say'>,
    origin: 'head-end' | 'local' = 'head-end',
  ): void {
    // Before anything new is begun the journal must say how the last one ended.
    this.#owed.pay();
    const ack: Acknowledgement = { commandId: command.id, timeMs: this.#deps.clock.nowMs(), ordinal: 1, ...said };
    this.#deps.journal.open(this.#deps.deviceId, command, ack, { spends: origin === 'head-end' });
    this.#tell(command, ack);
  }

  /** Without a journal nothing may be done. */
  #refuseUnwritten({ id: commandId }: Command, error: unknown): void {
    this.#deps.log.error({ commandId, error: String(error) }, 'the journal failed: command refused');
    const say = `The agent's journal cannot be written (${String(error)}): nothing was done.`;
    const timeMs = this.#deps.clock.nowMs();
    this.disown({ commandId, state: 'refused', reason: 'journal', timeMs, ordinal: 1, say });
  }

  #begin(command: Command, ordinal: number, how: 'execute' | 'resume'): void {
    const nowMs = countedOn(this.#deps.clock);
    this.#busyWith = command;
    this.#running = this.#running
      .then(async () => {
        this.#overtakenBy = undefined;
        return await this.#run(command, { ordinal, how, nowMs });
      })
      .catch((error: unknown) => {
        this.#deps.log.error({ commandId: command.id, error: String(error) }, 'execution ended by a fault');
        return false;
      })
      .then((settled) => {
        if (this.#busyWith === command) this.#busyWith = undefined;
        if (this.#deed?.command === command) this.#deed = undefined;
        if (settled) this.recover();
      });
  }

  /** The list of what is tagged can be lost, with the disk, under a command that is under way. */
  #held({ kind }: Command): Verdict {
    const { restraint } = this.#deps;
    return restraint.known()
      ? restraint.held(kind)
      : no('tags-unknown', 'The gateway does not know any more what is tagged: give it again in a minute.');
  }

  /** True when the command has come to its end; false when it is left in the journal for the next identification or start. */
  async #run(
    command: Command,
    { ordinal, how, nowMs }: { ordinal: number; how: 'execute' | 'resume'; nowMs: () => number },
  ): Promise<boolean> {
    const target = this.#deps.target();
    if (target === undefined) return false;
    const startMs = nowMs();
    const { model } = target;
    const active = this.#overtook.get(command);
    const view: Execution['view'] = (decoded) => ({ ...target.view(decoded), active });
    const held = (): Verdict => this.#held(command);
    const execution: Execution = { command, model, image: new WordImage(), view, held, startMs };
    const deed: Deed = { command, target, execution, nowMs, ordinal, journalled: how === 'resume' };
    this.#deed = deed;
    const machine = how === 'execute' ? execute(execution) : resume(execution);
    let step = machine.next();
    while (step.done !== true) {
      // Left in the journal as it is: the next start measures and tells.
      if (this.#stopped) return false;
      if (this.#overtakenBy !== undefined) {
        this.#finish(command, deed.ordinal + 1, overtaken(this.#overtakenBy, deed.journalled));
        return true;
      }
      step = machine.next(await this.#answer(step.value, deed));
    }
    const tookMs = Math.round(nowMs() - startMs);
    if (deed.journalled) await this.#deps.acted();
    this.#finish(command, deed.ordinal + 1, step.value, tookMs);
    return true;
  }

  async #answer(ask: Ask, deed: Deed): Promise<Answer> {
    const { target, execution, nowMs } = deed;
    switch (ask.do) {
      case 'read': {
        const { answered, failure } = await readSpans(target, ask.spans, execution.image, {
          priority: 'command',
          nowMs,
        });
        const said = failure === undefined ? undefined : ({ reason: 'bus-failure', say: failure } as const);
        return { nowMs: nowMs(), answered, failure: said };
      }
      case 'wait':
        await wait(this.#deps.clock, ask.ms);
        return { nowMs: nowMs() };
      case 'journal':
        return this.#journalExecuting(deed);
      case 'write': {
        if (target.bus === undefined)
          return { nowMs: nowMs(), failure: { reason: 'read-only', say: 'Read-only.', refusedByDevice: true } };
        let may: Verdict = yes;
        const result = await target.bus.write({ unit: target.unit, ...ask.write }, () => {
          const by = this.#overtakenBy;
          may = by === undefined ? ask.may(nowMs()) : no('interrupted', `Ended by ${by}.`);
          return may.ok;
        });
        if (!may.ok) return { nowMs: nowMs(), failure: { reason: may.reason, say: may.say, calledOff: true } };
        return result.ok ? { nowMs: nowMs() } : { nowMs: nowMs(), failure: writeFailure(result) };
      }
    }
  }

  #journalExecuting(deed: Deed): Answer {
    const { command, nowMs } = deed;
    try {
      deed.ordinal += 1;
      const ack: Acknowledgement = {
        commandId: command.id,
        state: 'executing',
        timeMs: this.#deps.clock.nowMs(),
        ordinal: deed.ordinal,
      };
      this.#deps.journal.move(this.#deps.deviceId, ack);
      deed.journalled = true;
      this.#deps.acknowledge(ack);
      return { nowMs: nowMs() };
    } catch (error) {
      const say = `The agent's journal cannot be written (${String(error)}): nothing was done.`;
      return { nowMs: nowMs(), failure: { reason: 'journal', say } };
    }
  }

  #finish(command: Command, ordinal: number, outcome: Outcome, deviceMs?: number): void {
    const { state, reason, say, measured } = outcome;
    const ack: Acknowledgement = {
      commandId: command.id,
      state,
      timeMs: this.#deps.clock.nowMs(),
      ordinal,
      say,
      measured,
      ...(reason === undefined ? {} : { reason }),
      ...(deviceMs === undefined ? {} : { deviceMs: Math.min(deviceMs, 86_400_000) }),
    };
    // What was measured is told even where the disk fails; the journal gets it when it can.
    this.#owed.settle(ack);
    this.#tell(command, ack);
  }

  #tell(command: Command, ack: Acknowledgement): void {
    const { state, reason, say } = ack;
    this.#deps.log.info({ commandId: command.id, kind: command.kind, state, reason, say }, 'command');
    this.#deps.acknowledge(ack);
  }
}

import { WordImage } from '@tiepoint/hardware-profiles';
import { acknowledgement, command as commandMessage } from '@tiepoint/protocol';
import type { Acknowledgement, Command, DeviceView, Measured, TimeQuality } from '@tiepoint/protocol';
import { admit } from '../core/admission.ts';
import { execute, resume } from '../core/execution.ts';
import type { Answer, Ask, Execution, Outcome } from '../core/execution.ts';
import type { Priority, WriteBus, BusFailure } from './bus/bus.ts';
import { readSpans } from './device-reader.ts';
import type { ReadTarget } from './device-reader.ts';
import type { Journal } from './disk/journal.ts';
import type { Log } from './log.ts';

export type ExecutorDeps = {
  readonly deviceId: string;
  readonly journal: Journal;
  readonly log: Log;
  timeQuality(): TimeQuality;
  /** The device as identified now; `undefined` while it is not. */
  target():
    | (ReadTarget & { readonly bus: WriteBus | undefined; readonly view: (measured: Measured) => DeviceView })
    | undefined;
  /** Sends an acknowledgement that is in the journal already. */
  acknowledge(ack: Acknowledgement): void;
  /** Something was just done to the device: look at it now. */
  acted(): void;
};

/** Takes commands for one device in, one at a time, and carries them out over the bus with the journal ahead of every write. */
export class Executor {
  readonly #deps: ExecutorDeps;
  #busyWith: Command | undefined;
  #stopped = false;
  #running: Promise<void> = Promise.resolve();

  constructor(deps: ExecutorDeps) {
    this.#deps = deps;
  }

  get active(): Command | undefined {
    return this.#busyWith;
  }

  /** What a command message says is checked here, whatever its bytes. Never throws. */
  take(bytes: Uint8Array): void {
    const decoded = commandMessage.fromBytes(bytes);
    if (!decoded.ok) {
      this.#deps.log.warn({ path: decoded.path, why: decoded.say }, 'a command that cannot be read was ignored');
      return;
    }
    try {
      this.#admit(decoded.value);
    } catch (error) {
      // Without a journal nothing may be done, and nothing can be promised: the head-end will ask.
      this.#deps.log.error(
        { commandId: decoded.value.id, error: String(error) },
        'the journal failed: command not taken',
      );
    }
  }

  /** Settles what a crash left open. Call once the device is identified. */
  recover(): void {
    const { journal, deviceId } = this.#deps;
    for (const entry of journal.unfinished()) {
      if (entry.command.deviceId !== deviceId || entry.command.id === this.#busyWith?.id) continue;
      if (entry.state === 'executing') {
        this.#begin(entry.command, entry.ordinal, 'resume');
        return;
      }
      this.#finish(entry.command, entry.ordinal + 1, {
        state: 'failed',
        reason: 'interrupted',
        say: 'The agent restarted before anything was written to the device; nothing was done.',
        measured: [],
      });
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  #admit(command: Command): void {
    const { journal, deviceId } = this.#deps;
    const target = this.#deps.target();
    const admission = admit(command, {
      deviceId,
      nowMs: Date.now(),
      timeQuality: this.#deps.timeQuality(),
      seen: journal.find(command.id) !== undefined,
      lastSequence: journal.lastSequence(deviceId),
      readOnly: target !== undefined && target.bus === undefined,
      busyWith: this.#busyWith?.kind,
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
        this.#open(command, { state: 'accepted' });
        this.#begin(command, 1, 'execute');
    }
  }

  /** Says again what became of a command. */
  repeat(commandId: string): void {
    const bytes = this.#deps.journal.lastAcknowledgement(commandId);
    const ack = bytes && acknowledgement.fromBytes(bytes);
    if (ack?.ok === true) this.#deps.acknowledge(ack.value);
  }

  #open(command: Command, said: Pick<Acknowledgement, 'state' | 'reason' | 'say'>): void {
    const ack: Acknowledgement = { commandId: command.id, timeMs: Date.now(), ordinal: 1, ...said };
    this.#deps.journal.open(command, ack.state, ack);
    this.#deps.log.info({ commandId: command.id, kind: command.kind, state: ack.state, reason: ack.reason }, 'command');
    this.#deps.acknowledge(ack);
  }

  #begin(command: Command, ordinal: number, how: 'execute' | 'resume'): void {
    this.#busyWith = command;
    this.#running = this.#run(command, ordinal, how)
      .catch((error: unknown) =>
        this.#deps.log.error({ commandId: command.id, error: String(error) }, 'execution ended by a fault'),
      )
      .finally(() => {
        this.#busyWith = undefined;
        this.#deps.acted();
      });
  }

  async #run(command: Command, ordinal: number, how: 'execute' | 'resume'): Promise<void> {
    const target = this.#deps.target();
    if (target === undefined) return; // Found again by recover() once the device answers.
    const began = performance.now();
    const startMs = Date.now();
    // Elapsed time is monotonic, so that a clock set during the execution neither ends a wait early nor makes a fresh reading old.
    const nowMs = (): number => startMs + (performance.now() - began);
    const execution: Execution = {
      command,
      model: target.model,
      image: new WordImage(),
      view: target.view,
      startMs,
    };
    const machine = how === 'execute' ? execute(execution) : resume(execution);
    let step = machine.next();
    let current = ordinal;
    while (step.done !== true) {
      if (this.#stopped && step.value.do !== 'journal') {
        // Left in the journal as it is: the next start measures and tells.
        return;
      }
      if (step.value.do === 'journal') current += 1;
      step = machine.next(
        await this.#answer(step.value, { command, ordinal: current, target, image: execution.image, nowMs }),
      );
    }
    this.#finish(command, current + 1, step.value, Math.round(performance.now() - began));
  }

  async #answer(ask: Ask, { command, ordinal, target, image, nowMs }: Deed): Promise<Answer> {
    switch (ask.do) {
      case 'read': {
        const priority: Priority = 'command';
        const { failure } = await readSpans(target, ask.spans, image, { priority, nowMs });
        return { nowMs: nowMs(), failure: failure === undefined ? undefined : { reason: 'bus-failure', say: failure } };
      }
      case 'wait':
        await new Promise((resolve) => setTimeout(resolve, ask.ms));
        return { nowMs: nowMs() };
      case 'journal':
        try {
          const ack: Acknowledgement = { commandId: command.id, state: 'executing', timeMs: Date.now(), ordinal };
          this.#deps.journal.move(this.#deps.deviceId, ack);
          this.#deps.acknowledge(ack);
          return { nowMs: nowMs() };
        } catch (error) {
          return {
            nowMs: nowMs(),
            failure: {
              reason: 'journal',
              say: `The agent's journal cannot be written (${String(error)}): nothing was done.`,
            },
          };
        }
      case 'write': {
        if (target.bus === undefined)
          return { nowMs: nowMs(), failure: { reason: 'read-only', say: 'Read-only.', refusedByDevice: true } };
        const result = await target.bus.write({ unit: target.unit, ...ask.write });
        return result.ok ? { nowMs: nowMs() } : { nowMs: nowMs(), failure: writeFailure(result) };
      }
    }
  }

  #finish(command: Command, ordinal: number, outcome: Outcome, deviceMs?: number): void {
    const ack: Acknowledgement = {
      commandId: command.id,
      state: outcome.state,
      timeMs: Date.now(),
      ordinal,
      say: outcome.say.slice(0, 500),
      measured: outcome.measured,
      ...(outcome.reason === undefined ? {} : { reason: outcome.reason }),
      ...(deviceMs === undefined ? {} : { deviceMs: Math.min(deviceMs, 86_400_000) }),
    };
    this.#deps.journal.move(this.#deps.deviceId, ack);
    this.#deps.log.info(
      { commandId: command.id, kind: command.kind, state: ack.state, reason: ack.reason, say: ack.say },
      'command',
    );
    this.#deps.acknowledge(ack);
  }
}

/** One execution under way. */
type Deed = {
  readonly command: Command;
  readonly ordinal: number;
  readonly target: NonNullable<ReturnType<ExecutorDeps['target']>>;
  readonly image: WordImage;
  readonly nowMs: () => number;
};

function writeFailure(result: { say: string } & BusFailure): NonNullable<Answer['failure']> {
  switch (result.reason) {
    case 'exception':
      return { reason: 'device-refused', say: result.say, refusedByDevice: true };
    case 'timeout':
      return { reason: 'bus-timeout', say: result.say };
    case 'backed-off':
    case 'queue-full':
    case 'read-only':
      return { reason: 'write-failed', say: result.say, refusedByDevice: true };
    case 'disconnected':
    case 'garbled':
    case 'echo-mismatch':
    case 'stopped':
      return { reason: 'bus-failure', say: result.say };
  }
}

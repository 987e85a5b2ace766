import {
  buildWrite,
  decodePoints,
  evaluate,
  planFor,
  readsEvery,
  readsForConditions,
  readsForStep,
} from '@tiepoint/hardware-profiles';
import type {
  CommandPlan,
  Condition,
  Decoded,
  DeviceModel,
  RegisterWrite,
  Span,
  Step,
  WordImage,
} from '@tiepoint/hardware-profiles';
import { mayCommand, no } from '@tiepoint/protocol';
import type { Command, DeviceView, FinalState, Measurement, Reason, Verdict } from '@tiepoint/protocol';

/** What the execution asks of the world. Exactly one answer comes back for each. */
export type Ask =
  /** Read these spans into the image. */
  | { readonly do: 'read'; readonly spans: readonly Span[] }
  /** Write once; never repeated. `may` is asked just before it goes onto the wire: the bus can be busy for long. */
  | { readonly do: 'write'; readonly write: RegisterWrite; readonly may: (nowMs: number) => Verdict }
  | { readonly do: 'wait'; readonly ms: number }
  /** Write *executing* into the journal; the answer must not come before it is on disk. */
  | { readonly do: 'journal' };

export type Answer = {
  readonly nowMs: number;
  /** Of a read: at least one register was. */
  readonly answered?: boolean | undefined;
  readonly failure?:
    | {
        readonly reason: Reason;
        readonly say: string;
        /** The device itself said no, so it did nothing. */ readonly refusedByDevice?: boolean;
        /** `may` did not hold any more, so nothing was sent. */ readonly calledOff?: boolean;
      }
    | undefined;
};

export type Outcome = {
  readonly state: FinalState;
  readonly reason?: Reason;
  readonly say: string;
  readonly measured: readonly Measurement[];
};

export type Execution = {
  readonly command: Command;
  readonly model: DeviceModel;
  /** Words read for this execution alone: nothing older than the question counts as an answer. */
  readonly image: WordImage;
  /** The device as the rule judges it, with what was measured just now. */
  readonly view: (decoded: Decoded) => DeviceView;
  /** Does a tag, here or behind this switch, keep it from being done? Asked before each write, for one may come meanwhile. */
  readonly held: () => Verdict;
  readonly startMs: number;
};

/**
 * Between two looks at a device that moves: as long as a look takes, so that the wire is half free, and an eighth of the time waited
 * so far, so that a quick switch is seen at once and a slow start is not chased.
 */
const shortestRestMs = 12;
const longestRestMs = 500;

/**
 * Carries one admitted command out: measures, asks the rule again, journals, writes, waits, and measures what came of it. A
 * state machine without I/O: it yields what it needs and is given the answers. It writes each step once, whatever happens,
 * and says *confirmed* only of what was measured.
 */
export function* execute(execution: Execution): Generator<Ask, Outcome, Answer> {
  const { command, model, image } = execution;
  const planned = planFor(model, command.kind, command.parameters ?? {});
  if (!planned.ok) return { state: 'refused', reason: planned.reason, say: planned.say, measured: [] };
  const run = new Run(execution, planned.value);

  const now = yield* run.look(readsEvery(model, ['cycle']));
  if (!run.answered) {
    return {
      state: 'refused',
      reason: 'measurement-failed',
      say: run.lastFailure ?? 'The device could not be read; nothing was written.',
      measured: [],
    };
  }
  const verdict = mayCommand(execution.view(now), command.kind, command.parameters ?? {});
  if (!verdict.ok) {
    const partly = run.lastFailure === undefined ? '' : ` Not everything could be read: ${run.lastFailure}`;
    return { state: 'refused', reason: verdict.reason, say: `${verdict.say}${partly}`, measured: [] };
  }

  for (const step of planned.value.steps) {
    if (step.do === 'require' || step.do === 'await') {
      const stopped = yield* run.conditions(step);
      if (stopped) return stopped;
      continue;
    }
    yield* run.look(readsForStep(model, step));
    const write = buildWrite(model, step, command.parameters ?? {}, image, { newerThanMs: run.lookedAtMs });
    if (!write.ok) return yield* run.stop(write.reason, write.say);
    if (write.value === undefined) continue;
    // What is begun is brought to its end; a tag stops it all the same.
    const begun = run.wrote;
    const may = (nowMs: number): Verdict => {
      const held = execution.held();
      return held.ok && !begun && nowMs >= command.expiresAtMs ? tooLate : held;
    };
    const allowed = may(run.nowMs);
    if (!allowed.ok) return yield* run.stop(allowed.reason, allowed.say);
    if (!begun) {
      const journalled: Answer = yield { do: 'journal' };
      if (journalled.failure) return { state: 'refused', reason: 'journal', say: journalled.failure.say, measured: [] };
      run.nowMs = journalled.nowMs;
    }
    const written: Answer = yield { do: 'write', write: write.value, may };
    run.nowMs = written.nowMs;
    if (written.failure?.calledOff === true) return yield* run.stop(written.failure.reason, written.failure.say);
    run.wrote = true;
    if (written.failure?.refusedByDevice === true) return yield* run.stop(written.failure.reason, written.failure.say);
    // Nobody knows whether the device took it: write nothing more, measure what became of it.
    if (written.failure) return yield* run.prove(written.failure.reason, written.failure.say);
  }
  return yield* run.prove();
}

const tooLate = no('expired', 'It expired before anything was written.');

/** After a crash in *executing*: measures and tells; writes nothing. */
export function* resume(execution: Execution): Generator<Ask, Outcome, Answer> {
  const { model, command } = execution;
  const planned = planFor(model, command.kind, command.parameters ?? {});
  if (!planned.ok)
    return {
      state: 'unconfirmed',
      reason: 'interrupted',
      say: `The agent restarted while executing; now ${planned.say}`,
      measured: [],
    };
  const run = new Run(execution, planned.value);
  run.wrote = true;
  return yield* run.prove('interrupted', 'The agent restarted while executing, and wrote nothing after that.');
}

class Run {
  readonly #execution: Execution;
  readonly #plan: CommandPlan;
  nowMs: number;
  wrote = false;
  lookedAtMs: number;
  lastFailure: string | undefined;
  answered = false;
  #lookTookMs = 0;

  constructor(execution: Execution, plan: CommandPlan) {
    this.#execution = execution;
    this.#plan = plan;
    this.nowMs = execution.startMs;
    this.lookedAtMs = execution.startMs;
  }

  /** Reads freshly; what was not answered is unknown. */
  *look(spans: readonly Span[]): Generator<Ask, Decoded, Answer> {
    const { model, image } = this.#execution;
    this.lookedAtMs = this.nowMs;
    if (spans.length > 0) {
      // Two looks can fall on one instant of the clock: what was read before must not pass for an answer.
      image.forget();
      const answer: Answer = yield { do: 'read', spans };
      this.nowMs = answer.nowMs;
      this.lastFailure = answer.failure?.say;
      this.answered = answer.answered === true;
      this.#lookTookMs = this.nowMs - this.lookedAtMs;
    }
    return decodePoints(model, image, { newerThanMs: this.lookedAtMs });
  }

  *measure(conditions: readonly Condition[]): Generator<Ask, ReturnType<typeof evaluate>, Answer> {
    const { model, command } = this.#execution;
    const decoded = yield* this.look(readsForConditions(model, conditions));
    return evaluate(conditions, decoded, command.parameters ?? {}, model.limits);
  }

  /** `undefined`: go on. */
  *conditions(step: Extract<Step, { do: 'require' | 'await' }>): Generator<Ask, Outcome | undefined, Answer> {
    if (step.do === 'require') {
      const { met, measurements } = yield* this.measure(step.that);
      if (met === 'yes') return undefined;
      if (met === 'no') return yield* this.stop(step.reason, step.say, measurements);
      // Not known is not the same as not so: the profile's sentence would name a cause that nobody saw.
      const points = measurements.flatMap(({ point, met: each }) => (each === 'unknown' ? [point] : []));
      const why = this.lastFailure ?? 'the device does not tell';
      return yield* this.stop('measurement-failed', `${points.join(', ')} could not be measured: ${why}`, measurements);
    }
    const { met, measurements } = yield* this.until(step.until, step.withinMs);
    const seconds = Math.round(step.withinMs / 1000);
    return met === 'yes'
      ? undefined
      : yield* this.stop(step.otherwise, `${step.say}: not so within ${seconds} s.`, measurements);
  }

  *until(conditions: readonly Condition[], withinMs: number): Generator<Ask, ReturnType<typeof evaluate>, Answer> {
    const beganMs = this.nowMs;
    const deadlineMs = beganMs + withinMs;
    for (;;) {
      const seen = yield* this.measure(conditions);
      const leftMs = deadlineMs - this.nowMs;
      if (seen.met === 'yes' || leftMs <= 0) return seen;
      const wishedMs = Math.max(shortestRestMs, this.#lookTookMs, (this.nowMs - beganMs) / 8);
      const restMs = Math.min(longestRestMs, wishedMs, leftMs);
      const rested: Answer = yield { do: 'wait', ms: restMs };
      // A wait that does not advance the clock (set back meanwhile) still counts, so that this ends.
      this.nowMs = Math.max(rested.nowMs, this.nowMs + 1);
    }
  }

  /** Ends short of the plan: refused or expired where nothing was written, else failed with what the device shows now. */
  *stop(reason: Reason, say: string, measured: readonly Measurement[] = []): Generator<Ask, Outcome, Answer> {
    if (!this.wrote) return { state: reason === 'expired' ? 'expired' : 'refused', reason, say, measured };
    const { measurements } = yield* this.measure(this.#plan.proof);
    return { state: 'failed', reason, say, measured: joined(measured, measurements) };
  }

  /** `doubt`: something went wrong on the way; what is measured decides all the same. */
  *prove(doubt?: Reason, doubtSay?: string): Generator<Ask, Outcome, Answer> {
    const { met, measurements } = yield* this.until(this.#plan.proof, this.#plan.withinMs);
    if (met === 'yes')
      return {
        state: 'confirmed',
        say: doubtSay === undefined ? 'Measured as commanded.' : `Measured as commanded. ${doubtSay}`,
        measured: measurements,
      };
    const waited = `within ${Math.round(this.#plan.withinMs / 1000)} s`;
    const say =
      met === 'no'
        ? `Written, but not measured as commanded ${waited}.`
        : `Written, but it could not be measured whether it was done ${waited}.`;
    return {
      state: 'unconfirmed',
      reason: doubt ?? (met === 'no' ? 'not-moved' : 'measurement-failed'),
      say:
        doubtSay === undefined
          ? say
          : `${doubtSay} ${met === 'no' ? 'The device does not show what was commanded.' : 'The device could not be measured.'}`,
      measured: measurements,
    };
  }
}

/** What decided comes first; each point once; as many as an acknowledgement carries. */
function joined(first: readonly Measurement[], then: readonly Measurement[]): readonly Measurement[] {
  const said = new Set(first.map(({ point }) => point));
  return [...first, ...then.filter(({ point }) => !said.has(point))].slice(0, 16);
}

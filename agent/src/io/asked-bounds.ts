import { answeringStep, freshAnswering } from '../core/answering.ts';
import type { Answering, AnsweringEffect, AnsweringInput } from '../core/answering.ts';
import type { Clock, EndTimer } from './clock.ts';
import type { Log } from './log.ts';

export type AskedBoundsDeps = {
  readonly clock: Clock;
  readonly log: Log;
  /** The births of the gateway and of its devices go out. */
  readonly introduce: () => void;
  /** To the head-end's operator. */
  readonly tell: (say: string, count: number) => void;
};

/** Keeps what a gateway says because it is asked within bounds (`../core/answering.ts`). */
export class AskedBounds {
  readonly #deps: AskedBoundsDeps;
  #state: Answering;
  #endTimer: EndTimer | undefined;

  constructor(deps: AskedBoundsDeps) {
    this.#deps = deps;
    this.#state = freshAnswering(deps.clock.monotonicMs());
  }

  /** A birth is asked for: it goes out now, soon, or with the one that is waited for already. */
  birth(): void {
    this.#step({ kind: 'birth-asked' });
  }

  /** How many of so many commands, or questions, are taken, from the first on. */
  questions(count: number): number {
    return this.#step({ kind: 'questions', count });
  }

  stop(): void {
    this.#endTimer?.();
  }

  #step(input: AnsweringInput): number {
    const { state, effects } = answeringStep(this.#state, input, this.#deps.clock.monotonicMs());
    this.#state = state;
    let answered = 0;
    for (const effect of effects) answered += this.#effect(effect);
    return answered;
  }

  #effect(effect: AnsweringEffect): number {
    const { clock, log, introduce, tell } = this.#deps;
    switch (effect.kind) {
      case 'answer':
        return effect.count;
      case 'introduce':
        introduce();
        return 0;
      case 'wait':
        this.#endTimer?.();
        this.#endTimer = clock.after(effect.ms, () => this.#step({ kind: 'time' }));
        return 0;
      case 'tell': {
        const { count } = effect;
        log.warn({ count }, 'asked more often than it answers: does somebody repeat what the head-end said?');
        tell(
          'more questions and commands than a head-end sends, so that not all are answered. Does somebody repeat what it said before?',
          count,
        );
        return 0;
      }
    }
  }
}

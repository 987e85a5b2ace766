import type { CommandOffer } from '@tiepoint/headend/nms/command-judge.ts';
import type { CommandKind, CommandParameters } from '@tiepoint/protocol';
import type { SeededRandom } from '../../devices/seeded-random.ts';
import { diskFault } from './disk.ts';
import type { HeadEndProgram } from './head-end-program.ts';
import type { Life } from './life.ts';
import type { SteppedTime } from './stepped-time.ts';
import type { Witness } from './witness.ts';

const names = ['ann', 'bob'] as const;
const devices = ['gw-home.meter-1', 'gw-home.meter-1', 'gw-home.pv-1', 'gw-farm.meter-2'] as const;

/** Two operators, who at any time select, operate, operate again, give up, tag and lift. */
export class Operators {
  readonly #headEnd: HeadEndProgram;
  readonly #time: SteppedTime;
  readonly #random: SeededRandom;
  readonly #witness: Witness;
  #keys = 0;

  constructor(parts: { headEnd: HeadEndProgram; time: SteppedTime; random: SeededRandom; witness: Witness }) {
    this.#headEnd = parts.headEnd;
    this.#time = parts.time;
    this.#random = parts.random;
    this.#witness = parts.witness;
  }

  /** From now on, until `untilMs`. */
  work(untilMs: number): void {
    for (const name of names) this.#next(name, untilMs);
  }

  /** Whoever still holds a tag lifts it. */
  liftAll(): void {
    const { running, clock } = this.#headEnd;
    for (const deviceKey of new Set(devices)) {
      const tag = running?.tags.of(deviceKey);
      if (tag !== undefined) running?.tags.lift({ deviceKey, operator: tag.owner, identity: 'account' }, clock.nowMs());
    }
  }

  #next(name: string, untilMs: number): void {
    this.#time.after(300 + this.#random.below(5_000), () => {
      if (this.#time.nowMs >= untilMs) return;
      this.#act(name);
      this.#next(name, untilMs);
    });
  }

  #act(operator: string): void {
    const { running, life, clock } = this.#headEnd;
    const random = this.#random;
    const deviceKey = devices[random.below(devices.length)]!;
    const what = random.next();
    if (running === undefined || !life.alive) return;
    try {
      if (what < 0.08) {
        const set = running.tags.set(
          { deviceKey, operator, identity: 'account', cause: 'work on the line' },
          clock.nowMs(),
        );
        this.#witness.say(() => `${operator} tags ${deviceKey}: ${set.ok ? 'done' : set.say}`);
      } else if (what < 0.3) {
        if (running.tags.of(deviceKey) === undefined) return this.#command(operator, deviceKey);
        const lifted = running.tags.lift({ deviceKey, operator, identity: 'account' }, clock.nowMs());
        this.#witness.say(() => `${operator} lifts the tag of ${deviceKey}: ${lifted.ok ? 'done' : lifted.say}`);
      } else this.#command(operator, deviceKey);
    } catch (error) {
      this.#failed(life, error);
    }
  }

  /** A head-end that cannot read its disk says so to whoever asks. */
  #failed(life: Life, error: unknown): void {
    if (life.alive && !String(error).includes(diskFault)) this.#witness.found('fault', String(error));
  }

  #command(operator: string, deviceKey: string): void {
    const { running } = this.#headEnd;
    const random = this.#random;
    const { kind, parameters } = wish(random, deviceKey, running?.router.offers(deviceKey));
    const selected = running?.router.select({ operator, identity: 'account', deviceKey, kind, parameters });
    if (selected?.ok !== true) return;
    const { id: selectionId } = selected.value;
    const idempotencyKey = `${operator}-${(this.#keys += 1)}`;
    const operate = (): void => {
      const now = this.#headEnd;
      if (now.running === undefined || !now.life.alive) return;
      try {
        const request = { operator, identity: 'account', selectionId, idempotencyKey } as const;
        // Somebody else always approves.
        const operated = now.running.router.operate({ ...request, approver: `second to ${operator}` });
        this.#witness.say(
          () => `${operator} operates ${kind} at ${deviceKey}: ${operated.ok ? operated.value.id : operated.say}`,
        );
      } catch (error) {
        this.#failed(now.life, error);
      }
    };
    this.#time.after(random.below(2_000), operate);
    // Asked again, as a console does that had no answer.
    if (random.next() < 0.3) this.#time.after(random.below(4_000), operate);
    if (random.next() < 0.1)
      this.#time.after(random.below(2_000), () =>
        this.#headEnd.running?.router.cancel({ operator, identity: 'account', selectionId }),
      );
  }
}

/** Mostly what is offered, as people do; now and then something else. */
function wish(
  random: SeededRandom,
  deviceKey: string,
  offers: readonly CommandOffer[] = [],
): { kind: CommandKind; parameters: CommandParameters } {
  const offered = offers.filter(({ verdict }) => verdict.ok).map(({ kind }) => kind);
  const all: readonly CommandKind[] = deviceKey.endsWith('pv-1')
    ? ['limit-power', 'connect', 'disconnect']
    : ['connect', 'disconnect'];
  const among = offered.length > 0 && random.next() < 0.85 ? offered : all;
  const kind = among[random.below(among.length)]!;
  return { kind, parameters: kind === 'limit-power' ? { limitPct: 10 * random.below(11) } : {} };
}

import { paint } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import type { Answers } from './answers-file.ts';
import { interrupted, skipped } from './judgement.ts';
import type { Judgement } from './judgement.ts';
import type { PlannedItem } from './plan.ts';
import { pointWords } from './point-words.ts';
import type { PhaseName } from './ct-check.ts';
import type { RatingName } from './nameplate.ts';

/** An answer, or why the item ends here. */
export type Reply<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly stop: Judgement };

/** Who answers: a technician, or a file that one wrote. */
export type Questioner = {
  /** Nothing moves without it. `id`: the item's, or a part's of it. */
  consent(id: string, warning: string): Promise<Reply<boolean>>;
  /** What the instrument shows; `undefined`: not read. Side by side with what the device says now. */
  reading(deviceId: string, point: string, unit: string, deviceSays: string): Promise<Reply<number | undefined>>;
  clamp(deviceId: string, phase: PhaseName, deviceSays: string): Promise<Reply<number | undefined>>;
  direction(deviceId: string): Promise<Reply<'import' | 'export'>>;
  ratio(deviceId: string): Promise<Reply<{ primaryA: number; secondaryA: number } | undefined>>;
  plate(deviceId: string): Promise<Reply<string | undefined>>;
  /** What the plate says of a rating; `undefined`: it cannot be read. */
  plateRating(deviceId: string, name: RatingName, what: string): Promise<Reply<number | undefined>>;
  /** The technician does something and says when it is done. Without a person: at once. */
  done(question: string): Promise<Reply<boolean>>;
  /** Why a difference is accepted; `undefined`: it is not. */
  acceptance(item: PlannedItem, say: string): Promise<string | undefined>;
};

const yes = <T>(value: T): Reply<T> => ({ ok: true, value });

export function answersOf(answers: Answers): Questioner {
  const clamps = (deviceId: string): Answers['clamps'][string] | undefined => answers.clamps[deviceId];
  const missing = (what: string): Reply<never> => ({ ok: false, stop: skipped(`The answers have no ${what}.`) });
  return {
    consent: (id) => Promise.resolve(yes(answers.consent.includes(id))),
    reading: (deviceId, point) => Promise.resolve(yes(answers.readings[deviceId]?.[point])),
    clamp: (deviceId, phase) => Promise.resolve(yes(clamps(deviceId)?.[phase])),
    direction: (deviceId) => {
      const direction = clamps(deviceId)?.direction;
      return Promise.resolve(direction === undefined ? missing(`clamps.${deviceId}`) : yes(direction));
    },
    ratio: (deviceId) => Promise.resolve(yes(ratioOf(clamps(deviceId)?.ratio ?? ''))),
    plate: (deviceId) => Promise.resolve(yes(answers.plates[deviceId])),
    plateRating: (deviceId, name) => Promise.resolve(yes(answers.ratings[deviceId]?.[name])),
    done: () => Promise.resolve(yes(true)),
    acceptance: ({ id }) => Promise.resolve(answers.accept[id]),
  };
}

export function ratioOf(text: string): { primaryA: number; secondaryA: number } | undefined {
  const match = /^(\d+)\s*[:/]\s*(\d+)$/.exec(text);
  const [primaryA, secondaryA] = [Number(match?.[1]), Number(match?.[2])];
  return primaryA > 0 && secondaryA > 0 ? { primaryA, secondaryA } : undefined;
}

/** Every question takes `skip REASON` and `quit` (or Ctrl-C), too. A question that is not understood is asked again. */
export function personAt(terminal: Terminal): Questioner {
  const line = async (question: string): Promise<Reply<string>> => {
    for (;;) {
      const text = await terminal.ask(question);
      if (text === undefined || text.toLowerCase() === 'quit') return { ok: false, stop: interrupted };
      const [word = '', ...rest] = text.split(/\s+/);
      if (word.toLowerCase() !== 'skip') return yes(text);
      const reason = rest.join(' ');
      if (reason.length >= 3) return { ok: false, stop: skipped(reason) };
      terminal.complain('skip needs a reason: skip the meter is not energised yet');
    }
  };
  const until = async <T>(
    question: string,
    read: (text: string) => { readonly value: T } | undefined,
    hint: string,
  ): Promise<Reply<T>> => {
    for (;;) {
      const text = await line(question);
      if (!text.ok) return text;
      const understood = read(text.value);
      if (understood !== undefined) return yes(understood.value);
      terminal.complain(hint);
    }
  };
  const number = (question: string): Promise<Reply<number | undefined>> =>
    until(question, numberOf, 'a number, or nothing where it cannot be read');
  return {
    consent: (_id, warning) =>
      until(
        `${paint(terminal, 'yellow', warning)}\n  Go on? yes / no`,
        (text) => (/^(yes|no)$/i.test(text) ? { value: text.toLowerCase() === 'yes' } : undefined),
        'yes or no, in full',
      ),
    reading: (_deviceId, point, unit, deviceSays) =>
      number(`  ${pointWords(point)}: the device says ${deviceSays}; your instrument (${unit}, Enter: not read)?`),
    clamp: (_deviceId, phase, deviceSays) =>
      number(`  current of phase ${phase}: the device says ${deviceSays}; your clamp (A, Enter: no such phase)?`),
    direction: () =>
      until(
        '  which way does power flow here now? import (from the grid) / export',
        (text) => (text === 'import' || text === 'export' ? { value: text } : undefined),
        'import or export',
      ),
    ratio: () =>
      until(
        '  ratio on the plate of the CTs, as 200:5 (Enter: none)?',
        (text) => {
          if (text === '') return { value: undefined };
          const ratio = ratioOf(text);
          return ratio && { value: ratio };
        },
        'two whole numbers, as 200:5',
      ),
    plate: () =>
      until('  serial number on the plate (Enter: none)?', (text) => ({ value: text === '' ? undefined : text }), ''),
    plateRating: (_deviceId, _name, what) => number(`  ${what}, Enter: cannot be read)?`),
    done: (question) =>
      until(
        `  ${question} Enter when done, no: cannot be done`,
        (text) => (text === '' || /^no$/i.test(text) ? { value: text === '' } : undefined),
        'Enter, or no',
      ),
    acceptance: async (_item, say) => {
      const reason = await terminal.ask(`  ${say}\n  Accept it? Your reason, or Enter: it fails`);
      return reason === undefined || reason.length < 3 ? undefined : reason;
    },
  };
}

function numberOf(text: string): { readonly value: number | undefined } | undefined {
  if (text === '') return { value: undefined };
  const value = Number(text.replace(',', '.'));
  return Number.isFinite(value) ? { value } : undefined;
}

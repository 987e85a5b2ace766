import {
  encodePoint,
  planFor,
  readPoint,
  WordImage,
  type CommandPlan,
  type Condition,
  type DeviceModel,
  type ResolvedSource,
  type Step,
} from '@tiepoint/hardware-profiles';
import type { CommandKind, CommandParameters } from '@tiepoint/protocol';
import type { RegisterTable } from '../register-image.ts';
import { overlap } from './teller.ts';

/** One write from the wire. */
export type WireWrite = { readonly table: RegisterTable; readonly address: number; readonly words: readonly number[] };

/** The writes of a command's plan, up to where it waits for something, were made in their order. */
export type Stretch = {
  readonly kind: CommandKind;
  readonly parameters: CommandParameters;
  /** What the plan demands before it writes at all. */
  readonly before: readonly Condition[];
  /** What it then waits for: an `await`, or at the end the proof. */
  readonly goal: readonly Condition[];
  readonly withinMs: number;
  readonly isLast: boolean;
};

/**
 * Sees in the writes from the wire which command of the profile somebody carries out: right words, right place, right order. It
 * knows of the profile only what a plan says; a write of no plan is `recognised: false`.
 */
export class CommandWatch {
  readonly #model: DeviceModel;
  readonly #followed: Followed[];
  readonly #writtenSources: readonly ResolvedSource[];

  constructor(model: DeviceModel) {
    this.#model = model;
    const variants = model.commands.flatMap((kind) => variantsOf(model, kind));
    this.#followed = variants.map((variant) => ({ ...variant, next: 0, parameters: variant.given }));
    const names = new Set(
      this.#followed.flatMap(({ plan }) => plan.steps.flatMap((step) => (step.do === 'write' ? [step.point] : []))),
    );
    this.#writtenSources = model.points.flatMap(({ name, sources: [first] }) =>
      first !== undefined && names.has(name as `set:${string}`) ? [first] : [],
    );
  }

  /** `before` and `after` hold the registers without and with what was written. */
  take(
    write: WireWrite,
    before: WordImage,
    after: WordImage,
  ): { readonly recognised: boolean; readonly stretches: readonly Stretch[] } {
    const seen = { write, before, after };
    const stretches: Stretch[] = [];
    let recognised = false;
    for (const one of this.#followed) {
      const at = this.#placeIn(one, seen);
      if (at === undefined) continue;
      recognised = true;
      one.next = at.place + 1;
      one.parameters = at.parameters;
      const stretch = this.#completed(one);
      if (stretch !== undefined) stretches.push(stretch);
    }
    return { recognised, stretches };
  }

  /** Which step of the plan this write is: the one that is due, else the first, from which all begins anew. */
  #placeIn(one: Followed, seen: Seen): { place: number; parameters: CommandParameters } | undefined {
    const { steps } = one.plan;
    const due = this.#nextWrite(steps, one.next, one.parameters, seen);
    if (due !== undefined || one.next === 0) return due;
    return this.#nextWrite(steps, 0, one.given, seen);
  }

  #nextWrite(
    steps: readonly Step[],
    from: number,
    parameters: CommandParameters,
    seen: Seen,
  ): { place: number; parameters: CommandParameters } | undefined {
    for (let place = from; place < steps.length; place++) {
      const step = steps[place];
      if (step === undefined || step.do === 'require' || step.do === 'await') continue;
      const bound = this.#bound(step, parameters, seen);
      if (bound !== undefined) return { place, parameters: bound };
      if (step.optional !== true) return undefined;
    }
    return undefined;
  }

  /** The parameters that this write gives; `undefined`: it is another write. */
  #bound(
    step: Extract<Step, { do: 'write' }>,
    parameters: CommandParameters,
    seen: Seen,
  ): CommandParameters | undefined {
    const { write, before, after } = seen;
    const source = this.#model.points.find(({ name }) => name === step.point)?.sources[0];
    if (source === undefined || !overlap(source, { ...write, words: write.words.length })) return undefined;
    const wanted = step.value;
    if (typeof wanted === 'object' && 'order' in wanted)
      return readPoint({ sources: [source] }, after) === wanted.order ? parameters : undefined;
    const { codes: _codes, ...bare } = source;
    const value = readPoint({ sources: [bare] }, after);
    if (typeof value !== 'number' || !this.#isMeant(source, bare, value, { write, before, after })) return undefined;
    if (typeof wanted === 'number') return value === heldAs(bare, wanted, after) ? parameters : undefined;
    const given =
      wanted.codes === undefined
        ? value
        : Object.entries(wanted.codes).find(([, code]) => heldAs(bare, code, after) === value)?.[0];
    return given === undefined ? undefined : { ...parameters, [wanted.parameter]: given };
  }

  /** A register of several orders is written whole: of these only the one that changed is meant, unless none did. */
  #isMeant(source: ResolvedSource, bare: ResolvedSource, value: number, { before, after }: Seen): boolean {
    const neighbours = this.#writtenSources.filter((other) => overlap(source, other) && other.bit !== source.bit);
    if (neighbours.length === 0 || readPoint({ sources: [bare] }, before) !== value) return true;
    return JSON.stringify(before.words(source)) === JSON.stringify(after.words(source));
  }

  #completed(one: Followed): Stretch | undefined {
    const { steps, proof, withinMs } = one.plan;
    const rest = steps.slice(one.next);
    const stop = rest.findIndex((step) => step.do !== 'require');
    const step = stop < 0 ? undefined : rest[stop];
    const { kind, parameters } = one;
    const firstWrite = steps.findIndex(({ do: what }) => what === 'write');
    const before = steps.slice(0, firstWrite).flatMap((each) => (each.do === 'require' ? each.that : []));
    if (step !== undefined && step.do !== 'await') return undefined;
    if (step !== undefined) {
      one.next += stop + 1;
      // Nothing may be written after it: then the proof follows at once.
      const isLast = !steps.slice(one.next).some(({ do: what }) => what === 'write');
      const goal = isLast ? [...step.until, ...proof] : step.until;
      if (isLast) one.next = 0;
      return { kind, parameters, before, goal, withinMs: step.withinMs, isLast };
    }
    one.next = 0;
    return { kind, parameters, before, goal: proof, withinMs, isLast: true };
  }
}

type Variant = { readonly kind: CommandKind; readonly given: CommandParameters; readonly plan: CommandPlan };
type Followed = Variant & { next: number; parameters: CommandParameters };
type Seen = { readonly write: WireWrite; readonly before: WordImage; readonly after: WordImage };

/** A plan for each value that its conditions tell apart, as of each relay; optional writes that this device lacks are not in it. */
function variantsOf(model: DeviceModel, kind: CommandKind): readonly Variant[] {
  const steps = model.plans[kind]?.steps ?? [];
  const values = new Map<string, Set<string | number>>();
  for (const step of steps) {
    if (step.do !== 'write' || step.when === undefined) continue;
    const { parameter, is } = step.when;
    values.set(parameter, (values.get(parameter) ?? new Set()).add(is));
  }
  let given: CommandParameters[] = [{}];
  for (const [parameter, set] of values)
    given = given.flatMap((each) => [...set].map((is) => ({ ...each, [parameter]: is })));
  const has = new Set<string>(model.points.map(({ name }) => name));
  return given.flatMap((each) => {
    const planned = planFor(model, kind, each);
    if (!planned.ok) return [];
    const there = planned.value.steps.filter(
      (step) => step.do !== 'write' || step.optional !== true || has.has(step.point),
    );
    return [{ kind, given: each, plan: { ...planned.value, steps: there } }];
  });
}

/** The number that a register holds after this one was written: rounded to its step. */
function heldAs(bare: ResolvedSource, value: number, image: WordImage): number | undefined {
  const scratch = new WordImage();
  const { table, address, scaleFactorAddress } = bare;
  scratch.set(table, address, image.words(bare) ?? [], 0);
  if (scaleFactorAddress !== undefined)
    scratch.set(table, scaleFactorAddress, [image.get(table, scaleFactorAddress) ?? 0x8000], 0);
  if (!encodePoint({ name: 'set:any', sources: [bare] }, value, scratch)) return undefined;
  const held = readPoint({ sources: [bare] }, scratch);
  return typeof held === 'number' ? held : undefined;
}

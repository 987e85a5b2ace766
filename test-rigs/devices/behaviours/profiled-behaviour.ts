import {
  decodePoints,
  evaluate,
  layOut,
  readPoint,
  type WordImage,
  type Condition,
  type DeviceModel,
  type LayOut,
  type Profile,
} from '@tiepoint/hardware-profiles';
import type { CommandKind, CommandParameters } from '@tiepoint/protocol';
import { solitary, stepSolitary, type Solitary, type SolitarySettings } from '../../plant/solitary.ts';
import type { WriteVerdict } from '../register-image.ts';
import type { Behaviour, Told } from './behaviour.ts';
import { CommandWatch, type Stretch, type WireWrite } from './command-watch.ts';
import { effectOf, moveTimeMs, readyFor, transitOf } from './command-effects.ts';
import type { DeviceFaults, FaultName } from './device-faults.ts';
import { plausibleNameplate, plausibleNumbers, plausibleSettings } from './plausible-values.ts';
import { overlap, Teller } from './teller.ts';
import { restingSetpoints, valueThatMeets, valueThatViolates } from './setpoint-values.ts';

export type ProfiledOptions = {
  readonly profile: Profile;
  readonly layOut?: LayOut;
  readonly seed?: number;
  /** Rated power, where neither profile nor register map says it. */
  readonly ratedW?: number | undefined;
};

type Value = NonNullable<Told[string]>;
type Pending = { readonly dueMs: number; readonly stretches: readonly Stretch[]; readonly transit: Told };

/**
 * The behaviour of any device, from its profile alone: plausible readings that agree with one another, and commands that move it.
 * When the writes of a command's plan have come in their order, then after a while it does what such a command does, and what
 * the plan waits for becomes so. What nobody ordered, or cannot be done now, does not happen.
 */
export class ProfiledBehaviour implements Behaviour {
  readonly faults: readonly FaultName[];
  readonly model: DeviceModel;
  readonly settings: SolitarySettings;
  readonly #watch: CommandWatch;
  #unit: Solitary;
  #nowMs: number | undefined;
  #pending: Pending[] = [];
  #reverts: { readonly dueMs: number; readonly kind: CommandKind; readonly before: Solitary }[] = [];
  /** What is so because a plan demands it, beyond what follows from the state. */
  #forced = new Map<string, Value>();
  readonly #setpoints: Map<string, Value>;
  /** Set-points that were written, or that an order brought about: they hold their registers against what else lies there. */
  readonly #firm = new Set<string>();
  readonly #pulses: ReadonlySet<string>;
  /** Its registers as they would read, to judge conditions by: what it says may not all fit into registers that are shared. */
  readonly #scratch: WordImage;
  readonly #teller: Teller;

  constructor({ profile, layOut: options, seed = 1, ratedW }: ProfiledOptions) {
    const { image, model } = layOut(profile, options);
    this.model = model;
    this.faults = faultsOf(model);
    this.settings = plausibleSettings(model, image, { seed, ratedW });
    this.#unit = { ...solitary(this.settings), powerW: 0 };
    this.#unit = stepSolitary(this.#unit, 10, this.settings);
    this.#watch = new CommandWatch(model);
    this.#setpoints = new Map(Object.entries(restingSetpoints(model, this.#unit, this.settings)));
    this.#pulses = pulsesOf(model);
    this.#scratch = image;
    this.#teller = new Teller(model, image);
    this.#meet(remoteSigns(model), {});
  }

  /** `key`: what no other device has, for its serial number. */
  nameplate(key: string): Told {
    return plausibleNameplate(this.model, this.settings, key);
  }

  /** Moves it to this time; after a pause of the process at most five seconds at once. */
  advance(nowMs: number): void {
    const dtS = Math.min(5, Math.max(0, (nowMs - (this.#nowMs ?? nowMs)) / 1000));
    this.#nowMs = nowMs;
    if (dtS > 0) this.#unit = stepSolitary(this.#unit, dtS, this.settings);
    const due = this.#pending.filter(({ dueMs }) => dueMs <= nowMs);
    this.#pending = this.#pending.filter(({ dueMs }) => dueMs > nowMs);
    for (const { stretches } of due) for (const stretch of stretches) this.#come(stretch);
    const reverting = this.#reverts.filter(({ dueMs }) => dueMs <= nowMs);
    this.#reverts = this.#reverts.filter(({ dueMs }) => dueMs > nowMs);
    for (const each of reverting) this.#revert(each);
  }

  /** Puts it where this command would be given: what a person on site would prepare. False where the profile has no such command. */
  prepareFor(kind: CommandKind): boolean {
    const plan = this.model.plans[kind];
    if (plan === undefined) return false;
    this.#pending = [];
    this.#reverts = [];
    this.#forced.clear();
    this.#firm.clear();
    this.#unit = readyFor(kind, this.#unit, this.model);
    // The plant has settled when somebody gives an order.
    this.#unit = stepSolitary(this.#unit, 10, this.settings);
    for (const [name, value] of Object.entries(restingSetpoints(this.model, this.#unit, this.settings)))
      this.#setpoints.set(name, value);
    this.#meet(remoteSigns(this.model), {});
    const firstWrite = plan.steps.findIndex(({ do: what }) => what === 'write');
    const demanded = plan.steps.slice(0, firstWrite).flatMap((step) => (step.do === 'require' ? step.that : []));
    this.#meet(demanded, {});
    return true;
  }

  told(faults: DeviceFaults): Told {
    const state = this.#state(faults);
    const setpoints = [...this.#setpoints];
    const firm = Object.fromEntries(setpoints.filter(([name]) => this.#firm.has(name)));
    // The order of keys is that of importance; `state` has the last word on values.
    return {
      ...this.#localSigns(faults),
      ...firm,
      ...Object.fromEntries(this.#forced),
      ...state,
      ...Object.fromEntries(setpoints.filter(([name]) => !this.#firm.has(name) && state[name] === undefined)),
    };
  }

  takes(write: WireWrite, before: WordImage, after: WordImage, faults: DeviceFaults): WriteVerdict {
    const { recognised, stretches } = this.#watch.take(write, before, after);
    const touched = this.model.points.filter(
      ({ name, sources: [first] }) =>
        name.startsWith('set:') && first !== undefined && overlap(first, { ...write, words: write.words.length }),
    );
    if (!recognised && (touched.length === 0 || !this.#isBelievable(touched, after))) return 3;
    const kept = touched.filter(({ sources: [first] }) => first?.orders === undefined);
    // Where the order is the state, as in a coil, what does not move does not read as moved.
    if (faults.stuckSwitch === true && kept.some((point) => this.#isState(point))) return 'ignore';
    for (const point of kept) {
      const value = readPoint(point, after);
      if (value !== undefined) this.#hold(point.name, value);
    }
    this.#order(stretches, faults);
    return kept.length === 0 ? 'ignore' : 'ok';
  }

  #hold(name: string, value: Value): void {
    this.#setpoints.set(name, value);
    this.#firm.add(name);
  }

  #isState({ sources: [first] }: DeviceModel['points'][number]): boolean {
    return (
      first !== undefined &&
      this.model.points.some(
        ({ name, sources }) => !name.startsWith('set:') && sources.some((other) => overlap(first, other)),
      )
    );
  }

  /** A register that takes orders refuses what is none; one that takes a quantity takes what can be read. */
  #isBelievable(touched: DeviceModel['points'], after: WordImage): boolean {
    return touched.every((point) => {
      const [source] = point.sources;
      if (source === undefined || readPoint(point, after) === undefined) return false;
      if (source.orders !== undefined) return true;
      const steps = Object.values(this.model.plans).flatMap((plan) => plan.steps);
      const values = steps.flatMap((step) => (step.do === 'write' && step.point === point.name ? [step.value] : []));
      const isOrder =
        source.codes === undefined && values.length > 0 && values.every((value) => typeof value === 'number');
      const read = readPoint(point, after);
      return !isOrder || read === 0 || values.includes(Number(read));
    });
  }

  #order(stretches: readonly Stretch[], faults: DeviceFaults): void {
    // A raised limit is proven before the power has followed it: there is something to do all the same.
    const possible = stretches.filter(
      (stretch) =>
        this.#met(stretch.before, stretch.parameters) &&
        (stretch.kind === 'limit-power' || !this.#met(stretch.goal, stretch.parameters)),
    );
    const done = stretches.filter((stretch) => stretch.isLast && this.#met(stretch.before, stretch.parameters));
    // The later order wins.
    if (done.length > 0) this.#pending = this.#pending.filter((each) => !each.stretches.some(({ isLast }) => isLast));
    for (const stretch of done) this.#scheduleRevert(stretch);
    const moving = possible.filter((stretch) => !isStuck(stretch, faults));
    for (const stretch of possible.filter((each) => isStuck(each, faults)))
      this.#meet(
        stretch.goal.filter(({ point }) => point.startsWith('set:')),
        stretch.parameters,
      );
    if (moving.length === 0) return;
    const extraMs = 1000 * (faults.slowSwitchS ?? 0);
    for (const stretch of moving) {
      const afterMs = moveTimeMs(stretch) + (stretch.isLast ? extraMs : 0);
      const transit = stretch.isLast ? transitOf(stretch.kind, this.model) : {};
      if (this.#pending.length >= maxPending) this.#pending.shift();
      this.#pending.push({ dueMs: (this.#nowMs ?? 0) + afterMs, stretches: [stretch], transit });
    }
  }

  #come({ kind, parameters, goal, isLast }: Stretch): void {
    if (isLast) {
      for (const name of this.#forced.keys()) if (!name.startsWith('set:')) this.#forced.delete(name);
      this.#unit = effectOf(kind, parameters, this.#unit, this.model);
      for (const name of this.#pulses) this.#setpoints.set(name, 0);
      // Its own logic lets power follow within moments.
      this.#unit = stepSolitary(this.#unit, 2, this.settings);
    }
    this.#meet(goal, parameters);
  }

  #scheduleRevert({ kind }: Stretch): void {
    const steps = this.model.plans[kind]?.steps ?? [];
    this.#reverts = this.#reverts.filter((each) => each.kind !== kind);
    for (const step of steps) {
      if (step.do !== 'write' || !step.point.endsWith('RevertS')) continue;
      const afterS = this.#setpoints.get(step.point);
      if (typeof afterS === 'number' && afterS > 0)
        this.#reverts.push({ dueMs: (this.#nowMs ?? 0) + afterS * 1000, kind, before: this.#unit });
    }
  }

  /** What was ordered for a time is over. */
  #revert({ kind, before }: { readonly kind: CommandKind; readonly before: Solitary }): void {
    if (kind === 'limit-power') {
      this.#unit = { ...this.#unit, limitPct: 100 };
      const enabled = this.model.points.find(({ name }) => name === 'set:limitEnabled');
      const off = Object.values(enabled?.sources[0]?.codes ?? {}).includes('off') ? 'off' : 0;
      if (enabled !== undefined) this.#hold('set:limitEnabled', off);
      return;
    }
    this.#unit = { ...this.#unit, closed: before.closed, running: before.running };
  }

  #state(faults: DeviceFaults): Told {
    const { closed, running, armed, relays } = this.#unit;
    const numbers = Object.entries(plausibleNumbers(this.#unit, this.settings)).filter(
      ([name]) => !this.#firm.has(name),
    );
    const transit = Object.assign({}, ...this.#pending.map((each) => each.transit)) as Told;
    const isOpenFed = faults.backFeed === true && !closed;
    const connection = [closed ? 'connected' : 'disconnected'];
    const operatingState = this.#operatingWords();
    const words: Record<string, readonly string[]> = {
      switchState: [closed ? 'closed' : 'open'],
      breakerState: [closed ? 'closed' : 'open'],
      // Where one register tells both, what is not as usual is told.
      ...(closed && !running ? { operatingState, connection } : { connection, operatingState }),
      loadSideVoltage: [closed || isOpenFed ? 'present' : 'absent'],
      reclosing: this.#reclosingWords(),
      synchroniser: armed ? ['enabled', 'in-window', 'synchronising'] : ['idle'],
      control: [faults.local === true ? 'local' : 'remote'],
      health: ['ok'],
      relay1: [relays[0] === true ? 'on' : 'off'],
      relay2: [relays[1] === true ? 'on' : 'off'],
      relay3: [relays[2] === true ? 'on' : 'off'],
      relay4: [relays[3] === true ? 'on' : 'off'],
    };
    const said = Object.entries(words).flatMap(([name, preferred]): [string, Value][] => {
      const known = this.#wordsOf(name);
      const word = preferred.find((each) => known.includes(each));
      return word === undefined ? [] : [[name, word]];
    });
    return {
      alarms: [],
      ...Object.fromEntries(said),
      ...transit,
      ...Object.fromEntries(numbers),
      ...(isOpenFed ? { loadSideVoltageV: this.settings.nominalV } : {}),
      ...Object.fromEntries(this.#forced),
      ...this.#localSigns(faults),
    };
  }

  /** The first that the device has a code for. */
  #operatingWords(): readonly string[] {
    const { closed, running, limitPct } = this.#unit;
    const { ownVoltage } = this.settings;
    if (!running) return closed && !ownVoltage ? ['standby', 'off', 'sleeping'] : ['off', 'standby', 'sleeping'];
    if (!closed && !ownVoltage) return ['standby', 'off', 'running'];
    return closed && limitPct < 72 ? ['throttled', 'running'] : ['running'];
  }

  /** As its set-point has it; what is open and not blocked has gone through its cycle. */
  #reclosingWords(): readonly string[] {
    const ordered = this.#setpoints.get('set:reclosing') ?? 'on';
    if (ordered === 'off' || ordered === 0) return ['blocked'];
    return this.#unit.closed ? ['ready', 'blocked'] : ['lockout', 'blocked'];
  }

  #wordsOf(name: string): readonly string[] {
    const sources = this.model.points.find((point) => point.name === name)?.sources ?? [];
    return sources.flatMap(({ codes }) => Object.values(codes ?? {}));
  }

  /** Somebody on site has it: whatever the plans ask for with the reason LOCAL is not so. */
  #localSigns({ local }: DeviceFaults): Told {
    if (local !== true) return {};
    return Object.fromEntries(
      remoteSigns(this.model).flatMap((condition) => {
        const value = valueThatViolates(condition, this.#wordsOf(condition.point));
        return value === undefined ? [] : [[condition.point, value]];
      }),
    );
  }

  #met(conditions: readonly Condition[], parameters: CommandParameters): boolean {
    if (conditions.length === 0) return true;
    this.#teller.tell(this.told({}));
    return evaluate(conditions, decodePoints(this.model, this.#scratch), parameters, this.model.limits).met === 'yes';
  }

  /** Makes these conditions so, where they are not by themselves. */
  #meet(conditions: readonly Condition[], parameters: CommandParameters): void {
    for (const condition of conditions) {
      if (this.#met([condition], parameters)) continue;
      const { point } = condition;
      const state: Told = { ...this.#state({}), ...Object.fromEntries(this.#setpoints) };
      const value = valueThatMeets(condition, { parameters, state, words: this.#wordsOf(point) });
      if (value === undefined) continue;
      if (this.#setpoints.has(point)) this.#hold(point, value);
      else this.#forced.set(point, value);
    }
  }
}

const maxPending = 64;

/** What the plans ask of a device that is not in LOCAL. */
function remoteSigns(model: DeviceModel): readonly Condition[] {
  return Object.values(model.plans).flatMap(({ steps }) =>
    steps.flatMap((step) =>
      step.do === 'require' && step.reason === 'local' ? step.that.filter(({ point }) => point.startsWith('set:')) : [],
    ),
  );
}

function faultsOf({ commands, points, profile }: DeviceModel): readonly FaultName[] {
  const can: readonly [FaultName, boolean][] = [
    ['stuckSwitch', commands.length > 0],
    ['slowSwitchS', commands.length > 0],
    ['local', commands.length > 0 || profile.control === 'point'],
    ['failToStart', commands.includes('start-generation')],
    ['backFeed', points.some(({ name }) => name === 'loadSideVoltageV' || name === 'loadSideVoltage')],
  ];
  return can.flatMap(([name, has]) => (has ? [name] : []));
}

/** A contact that is stuck, an engine that does not start: the order is taken and nothing moves. */
function isStuck({ kind, isLast, goal }: Stretch, { stuckSwitch, failToStart }: DeviceFaults): boolean {
  const isPhysical = isLast || goal.some(({ point }) => !point.startsWith('set:'));
  if (!isPhysical) return false;
  return stuckSwitch === true || (failToStart === true && kind === 'start-generation');
}

/**
 * Registers of orders, and bits that are always written to the same value and asked for by no condition: buttons. The device
 * releases them by itself.
 */
function pulsesOf(model: DeviceModel): ReadonlySet<string> {
  const plans = Object.values(model.plans);
  const asked = new Set(
    plans.flatMap(({ steps, proof }) => [
      ...proof.map(({ point }) => point as string),
      ...steps
        .flatMap((step) => (step.do === 'require' ? step.that : step.do === 'await' ? step.until : []))
        .map(({ point }) => point as string),
    ]),
  );
  const values = new Map<string, Set<unknown>>();
  for (const step of plans.flatMap(({ steps }) => steps))
    if (step.do === 'write') values.set(step.point, (values.get(step.point) ?? new Set()).add(step.value));
  return new Set(
    [...values].flatMap(([name, set]) => {
      const source = model.points.find((point) => point.name === name)?.sources[0];
      if (name.endsWith('Order') && source?.orders === undefined) return [name];
      const isBit = source?.bit !== undefined || source?.type === 'bit';
      const [only] = set;
      return isBit && source?.codes === undefined && set.size === 1 && only === 1 && !asked.has(name) ? [name] : [];
    }),
  );
}

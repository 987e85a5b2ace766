import { encodePoint, findProfile, layOut, readPoint, WordImage } from '@tiepoint/hardware-profiles';
import type { DeviceModel, Profile } from '@tiepoint/hardware-profiles';
import type { Command } from '@tiepoint/protocol';

export type Table = 'coil' | 'discrete' | 'input' | 'holding';
/** Words, or the exception of a device that has no such register. */
export type Words = readonly number[] | { readonly exception: number };

/** One emulated device of the simulation: what it answers, and what is truly so with it. */
export interface SimDevice {
  readonly profile: Profile;
  /** Takes its words in, and does not move. */
  stuck: boolean;
  local: boolean;
  /** Tells what was ordered, and not what is so. */
  echoes: boolean;
  /** How long it takes to do what it was ordered. */
  moveMs: number;
  read(table: Table, address: number, quantity: number, nowMs: number): Words;
  write(table: Table, address: number, words: readonly number[], nowMs: number): 'ok' | { readonly exception: number };
  /** Is what the command wants truly so now? Undefined: it is nothing that this device can be asked. */
  isSo(command: Pick<Command, 'kind' | 'parameters'>, nowMs: number): boolean | undefined;
}

const profileOf = (name: string): Profile => {
  const found = findProfile(name);
  if (found === undefined) throw new Error(`there is no profile ${name}`);
  return found;
};

const meterProfile = profileOf('ami-meter-200a');
const meterWords = meterImage();

/** A meter with a service switch, by the register map of `ami-meter-200a`. */
export class SimMeter implements SimDevice {
  readonly profile = meterProfile;
  stuck = false;
  local = false;
  echoes = false;
  moveMs = 300;
  #position: 'open' | 'closed' = 'closed';
  #ordered: 'open' | 'closed' = 'closed';
  #moving: { readonly to: 'open' | 'closed'; readonly doneAtMs: number } | undefined;
  readonly #words = Uint16Array.from(meterWords);

  read(table: Table, address: number, quantity: number, nowMs: number): Words {
    if (table === 'holding') return address === 0 && quantity === 1 ? [this.#arrive(nowMs) ? 1 : 0] : { exception: 2 };
    if (table !== 'input' || address + quantity > this.#words.length) return { exception: 2 };
    const moving = this.#arrive(nowMs) && !this.echoes;
    const isClosed = (this.echoes ? this.#ordered : this.#position) === 'closed';
    this.#words[17] = isClosed ? 2_400 : 0;
    this.#words[19] = isClosed ? 10_000 : 0;
    this.#words[21] = this.#words[19];
    this.#words[27] = isClosed ? 2_350 : 0;
    this.#words[38] = moving ? 2 : isClosed ? 1 : 0;
    this.#words[40] = this.local ? 0 : 1;
    return [...this.#words.subarray(address, address + quantity)];
  }

  write(table: Table, address: number, [order]: readonly number[], nowMs: number): 'ok' | { exception: number } {
    if (table !== 'holding' || address !== 0 || (order !== 1 && order !== 2)) return { exception: 3 };
    if (this.local) return { exception: 4 };
    this.#arrive(nowMs);
    this.#ordered = order === 1 ? 'closed' : 'open';
    if (!this.stuck) this.#moving = { to: this.#ordered, doneAtMs: nowMs + this.moveMs };
    return 'ok';
  }

  isSo({ kind }: Pick<Command, 'kind'>, nowMs: number): boolean | undefined {
    if (kind !== 'connect' && kind !== 'disconnect') return undefined;
    return !this.#arrive(nowMs) && this.#position === (kind === 'connect' ? 'closed' : 'open');
  }

  /** True while the contacts are on their way. */
  #arrive(nowMs: number): boolean {
    if (this.#moving !== undefined && nowMs >= this.#moving.doneAtMs) {
      this.#position = this.#moving.to;
      this.#moving = undefined;
    }
    return this.#moving !== undefined;
  }
}

function meterImage(): Uint16Array {
  const { image, model } = layOut(meterProfile);
  const told = {
    'identity:serialNumber': 'SIM-1',
    'identity:firmware': '1.0',
    'limit:switchRatingA': 200,
    voltageV: 240,
    loadSideVoltageV: 240,
    currentA: 10,
    currentAA: 10,
    activePowerW: 2_350,
    frequencyHz: 60,
    switchState: 'closed',
    alarms: [],
    control: 'remote',
    health: 'ok',
  };
  tell(model, image, told);
  return Uint16Array.from({ length: 43 }, (_, address) => image.get('input', address) ?? 0);
}

const availableW = 3_000;
const ratedW = 5_000;
const inverterProfile = profileOf('sunspec-inverter');
const inverter = inverterImage();

/** A SunSpec inverter that holds its generation below the limit that it was given. */
export class SimInverter implements SimDevice {
  readonly profile = inverterProfile;
  stuck = false;
  local = false;
  echoes = false;
  moveMs = 300;
  readonly #image = new WordImage();
  #followsAtMs = Number.NEGATIVE_INFINITY;

  constructor() {
    this.#image.set('holding', inverter.base, inverter.words, 0);
  }

  read(table: Table, address: number, quantity: number, nowMs: number): Words {
    this.#follow(nowMs);
    return this.#image.words({ table, address, words: quantity }) ?? { exception: 2 };
  }

  write(table: Table, address: number, words: readonly number[], nowMs: number): 'ok' | { exception: number } {
    if (this.#image.words({ table, address, words: words.length }) === undefined) return { exception: 2 };
    if (this.local) return { exception: 4 };
    this.#follow(nowMs);
    this.#image.set(table, address, words, 0);
    this.#followsAtMs = nowMs + this.moveMs;
    return 'ok';
  }

  isSo({ kind, parameters }: Pick<Command, 'kind' | 'parameters'>, nowMs: number): boolean | undefined {
    if (kind !== 'limit-power' || parameters?.limitPct === undefined) return undefined;
    this.#follow(nowMs);
    const powerW = this.#value('activePowerW');
    return (
      Math.abs(Number(this.#value('set:limitPct')) - parameters.limitPct) <= 0.5 &&
      this.#value('set:limitEnabled') === 'on' &&
      Number(powerW) <= ((parameters.limitPct + 2) / 100) * ratedW
    );
  }

  #follow(nowMs: number): void {
    if (this.stuck || nowMs < this.#followsAtMs || this.#followsAtMs === Number.NEGATIVE_INFINITY) return;
    this.#followsAtMs = Number.NEGATIVE_INFINITY;
    const limitPct = this.#value('set:limitEnabled') === 'on' ? Number(this.#value('set:limitPct')) : 100;
    const powerW = Math.min(availableW, (limitPct / 100) * ratedW);
    tell(inverter.model, this.#image, { activePowerW: Math.floor(powerW / 10) * 10 });
  }

  #value(name: string): unknown {
    const point = inverter.model.points.find((each) => each.name === name);
    return point && readPoint(point, this.#image);
  }
}

function inverterImage(): { base: number; words: readonly number[]; model: DeviceModel } {
  const { image, model } = layOut(inverterProfile, { models: [1, 101, 120, 121, 122, 123] });
  tell(model, image, {
    activePowerW: availableW,
    currentA: 12.5,
    voltageV: 240,
    frequencyHz: 60,
    operatingState: 'running',
    connection: 'connected',
    alarms: [],
    'limit:ratedPowerW': ratedW,
    'limit:ratedCurrentA': 21,
    'set:maxPowerW': ratedW,
    'set:limitPct': 100,
    'set:limitEnabled': 'off',
    'set:limitWindowS': 0,
    'set:limitRevertS': 0,
  });
  const entries = image.entries('holding');
  return { base: entries[0]?.[0] ?? 40_000, words: entries.map(([, word]) => word), model };
}

function tell(
  model: DeviceModel,
  image: WordImage,
  told: Readonly<Record<string, number | string | readonly string[]>>,
): void {
  for (const [name, value] of Object.entries(told)) {
    const point = [...model.points, ...model.nameplate].find((each) => each.name === name);
    if (point === undefined || !encodePoint(point, value, image))
      throw new Error(`${model.profile.name} cannot tell ${name} ${String(value)}`);
  }
}

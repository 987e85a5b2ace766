import type { AlarmCode } from '@tiepoint/protocol';
import { at } from './point-notation.ts';
import type { Rest } from './point-notation.ts';
import type { Condition, Point, Step, WordType } from './profile.ts';

// GenComm numbers registers by page × 256 + offset, all holding, read by function 3. The highest values of each type are not
// measurements but "unimplemented", "over range", "sender fault" and the like.
const sentinels: Partial<Record<WordType, readonly number[]>> = {
  uint16: topEight(0xffff),
  int16: topEight(0x7fff),
  uint32: topEight(0xffff_ffff),
  int32: topEight(0x7fff_ffff),
};

function topEight(top: number): readonly number[] {
  return Array.from({ length: 8 }, (_, index) => top - index);
}

/** A GenComm register; what is no measurement is unknown. */
export function gencomm(address: number, type: WordType = 'uint16', rest: Rest = {}): Point {
  const notImplemented = sentinels[type];
  return { source: at('holding', address), type, ...(notImplemented === undefined ? {} : { notImplemented }), ...rest };
}

/** Keys of page 16: written with their complement in one transaction. */
const keys = {
  stop: 35700,
  auto: 35701,
  manual: 35702,
  start: 35705,
  toGenerator: 35708,
  toMains: 35709,
} as const;

/** Registers 8 and 9 of page 16, where keys are pressed. */
export const keyRegister: Point = {
  source: at('holding', 16 * 256 + 8),
  orders: Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, [key, 65_535 - key]])),
};

/** Presses a key of the module; needs the point `set:key`. */
export function press(key: keyof typeof keys): Step {
  return { do: 'write', point: 'set:key', value: { order: key } };
}

/** Page 16, registers 0 to 7: one flag for each key, the first in the highest bit. */
export function support(key: keyof typeof keys): Point {
  const code = keys[key] - 35_700;
  return {
    source: at('holding', 16 * 256 + Math.floor(code / 16)),
    type: 'uint16',
    bit: 15 - (code % 16),
    codes: { 0: 'no', 1: 'yes' },
  };
}

/** Page 154: four alarms a register, the first in the highest four bits; 2 warning, 3 shutdown, 4 electrical trip are active. */
export function namedAlarm(register: number, place: 0 | 1 | 2 | 3, alarm: AlarmCode): Point {
  return {
    source: at('holding', 154 * 256 + register),
    type: 'uint16',
    notImplemented: [0xffff],
    bit: 12 - 4 * place,
    bitCount: 4,
    alarmCodes: { 2: alarm, 3: alarm, 4: alarm },
  };
}

/** Demands that the module's configuration offers these keys; needs the points `set:supports-…` of them. */
export function offers(...names: readonly (keyof typeof keys)[]): Step {
  return {
    do: 'require',
    that: names.map((name): Condition => ({ point: `set:supports-${name}`, is: 'yes' })),
    reason: 'device-unsupported',
    say: `The module does not offer the keys ${names.join(', ')}: its configuration forbids them.`,
  };
}

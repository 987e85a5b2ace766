import type { AlarmCode } from '@tiepoint/protocol';
import type { Point, Step, Table, WordType } from '../../src/profile.ts';

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

export const holding = (address: number): { table: Table; address: number } => ({ table: 'holding', address });

export function gencomm(address: number, type: WordType = 'uint16', rest: Omit<Point, 'source' | 'type'> = {}): Point {
  const notImplemented = sentinels[type];
  return { source: holding(address), type, ...(notImplemented === undefined ? {} : { notImplemented }), ...rest };
}

/**
 * Registers for which no public source was found that confirms them. Each is to be checked at commissioning, with a witness,
 * before a command of this device is trusted; and this is the one place to change them.
 */
export const unconfirmed = {
  // Deep Sea's own paper says that states such as "generator closed" are told by a virtual LED, an output or a configurable
  // GenComm register that the installer sets up. We take the first configurable page, set up in this order, 0 or 1 each.
  generatorClosed: 166 * 256,
  synchronising: 166 * 256 + 1,
  // Page 4, after the mains: bus frequency and bus phase voltage, in the manner of the generator's own.
  busFrequency: 4 * 256 + 67,
  busVoltageL1N: 4 * 256 + 68,
  mainsFrequency: 4 * 256 + 35,
  mainsVoltageL1N: 4 * 256 + 36,
} as const;

/** Keys of page 16: written with their complement in one transaction. */
export const keys = {
  stop: 35700,
  auto: 35701,
  manual: 35702,
  start: 35705,
  toGenerator: 35708,
  toMains: 35709,
} as const;

export function press(key: keyof typeof keys): Step {
  return { do: 'write-words', table: 'holding', address: 16 * 256 + 8, words: [keys[key], 65_535 - keys[key]] };
}

/** Page 16, registers 0 to 7: one flag for each key, the first in the highest bit. */
export function support(key: keyof typeof keys): Point {
  const code = keys[key] - 35_700;
  return {
    source: holding(16 * 256 + Math.floor(code / 16)),
    type: 'uint16',
    bit: 15 - (code % 16),
    codes: { 0: 'no', 1: 'yes' },
  };
}

/** Page 154: four alarms a register, the first in the highest four bits; 2 warning, 3 shutdown, 4 electrical trip are active. */
export function namedAlarm(register: number, place: 0 | 1 | 2 | 3, alarm: AlarmCode): Point {
  return {
    source: holding(154 * 256 + register),
    type: 'uint16',
    notImplemented: [0xffff],
    bit: 12 - 4 * place,
    bitCount: 4,
    alarmCodes: { 2: alarm, 3: alarm, 4: alarm },
  };
}

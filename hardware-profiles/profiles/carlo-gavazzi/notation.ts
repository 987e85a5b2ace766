import { at } from '../../src/point-notation.ts';
import type { Rest } from '../../src/point-notation.ts';
import type { FixedSource } from '../../src/profile.ts';

// 32-bit values lie low word first; 7FFF FFFFH is an overflow ("EEE" on the display), no number.
export const volts: Rest = { wordOrder: 'little', scale: 0.1, notImplemented: 0x7fff_ffff };
export const amperes: Rest = { wordOrder: 'little', scale: 0.001, notImplemented: 0x7fff_ffff };
export const watts: Rest = { wordOrder: 'little', scale: 0.1, positive: 'import', notImplemented: 0x7fff_ffff };
export const voltAmperes: Rest = { wordOrder: 'little', scale: 0.1, notImplemented: 0x7fff_ffff };
export const hertz: Rest = { scale: 0.1, notImplemented: 0xffff };
export const milliHertz: Rest = { wordOrder: 'little', scale: 0.001, notImplemented: 0x7fff_ffff };
/** Counted in 0.1 kWh. Some ET112 count the exported energy downwards from zero. */
export const energy: Rest = { wordOrder: 'little', scale: 100, every: 'minute', notImplemented: 0x7fff_ffff };

/** Carlo Gavazzi's code of the model, which every meter of theirs has. */
export const modelCode: FixedSource = at('input', 0x0b);

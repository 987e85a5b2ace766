import { at, input } from '../../src/point-notation.ts';
import type { Rest } from '../../src/point-notation.ts';
import type { FixedSource, Point } from '../../src/profile.ts';

// Sungrow numbers registers from 1; these are the addresses on the wire. 32-bit values lie low word first.
export const tenth: Rest = { scale: 0.1, notImplemented: 0xffff };
export const tenthSigned: Rest = { scale: 0.1, notImplemented: 0x7fff };
export const watts: Rest = { wordOrder: 'little', positive: 'export', notImplemented: 0x7fff_ffff };
export const vars: Rest = { wordOrder: 'little', notImplemented: 0x7fff_ffff };

/** Device type code, register 5000. */
export const typeCode: FixedSource = at('input', 4999);
/** Text of ten registers from 4990. */
export const serialNumber: Point = input(4989, 'text', { length: 10 });
/** Nominal power in 0.1 kW. */
export const ratedPower: Point = input(5000, 'uint16', { scale: 100, notImplemented: 0xffff });

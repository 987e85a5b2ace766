import { at } from '../../src/point-notation.ts';
import type { Rest } from '../../src/point-notation.ts';
import type { Probe } from '../../src/profile.ts';

// What a meter of this series does not measure reads all ones, or the largest positive number where the type is signed.
export const volts: Rest = { scale: 0.1, notImplemented: 0xffff_ffff };
export const amperes: Rest = { scale: 0.01, notImplemented: 0xffff_ffff };
export const watts: Rest = { scale: 0.01, positive: 'import', notImplemented: 0x7fff_ffff };
export const hertz: Rest = { scale: 0.01, notImplemented: 0xffff };
/** In steps of 0.01 kWh; −1 is all ones: a meter that does not count this. */
export const energy: Rest = { scale: 10, every: 'minute', notImplemented: -1 };

/** Where the type designation begins, ASCII: "B23 112-100". */
export const designation: Pick<Probe, 'source' | 'type' | 'length'> = {
  source: at('holding', 0x8960),
  type: 'text',
  length: 2,
};

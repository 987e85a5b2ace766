/** Some thousands of the intervals that reach into an hour, in columns. */
export type HourIntervals = {
  readonly rows: number;
  readonly meters: Uint32Array;
  /** Energies: `none` where there is no number. */
  readonly importWh: Int32Array;
  readonly exportWh: Int32Array;
  readonly reactiveVarh: Int32Array;
  /** Tenths of volts in the lower 16 bits, 0 where none was measured; `isEstimated` above them. */
  readonly shown: Uint32Array;
  readonly lengthS: Uint16Array;
  /** Only where it was asked for, else of no length. */
  readonly startS: Uint32Array;
};

export const none = -0x8000_0000;
export const voltageMask = 0xffff;
export const isEstimated = 0x1_0000;

/** What a benchmark measured. `value` is the figure named by `unit`; anything else worth keeping travels along. */
export type BenchResult = {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The bound that the benchmark must keep, and whether it did. */
  readonly limit?: number;
  readonly kept?: boolean;
  /** What it was measured against, and our figure divided by the peer's. */
  readonly peer?: string;
  readonly ratio?: number;
  readonly [extra: string]: unknown;
};

export type BenchContext = {
  /** True where a program reads the last line; lines for people may be written all the same. */
  readonly json: boolean;
  /** Writes one line for people. */
  readonly log: (line: string) => void;
};

/** The default export of every `NAME.bench.ts` in this folder. Throws where it could not measure. */
export type Bench = (context: BenchContext) => Promise<BenchResult>;

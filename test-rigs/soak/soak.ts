import type { BenchResult } from '../bench/bench.ts';

export type SoakContext = {
  /** Where the campaign begins, and what it draws everything from. */
  readonly seed: number;
  /** How much of it: seeds, kills or inputs; undefined: the whole campaign. */
  readonly amount: number | undefined;
  /** One input alone, as a failure names it: `TARGET:SEED`. */
  readonly input?: string | undefined;
  /** Tell every step of the one seed. */
  readonly trace: boolean;
  /** Writes one line for people. */
  readonly log: (line: string) => void;
};

/** `value` counts what broke a promise; `kept` is false where anything did. */
export type SoakResult = BenchResult & { readonly limit: number; readonly kept: boolean };

/** The default export of every `NAME.soak.ts` in this folder. Throws where it could not run. */
export type Soak = (context: SoakContext) => Promise<SoakResult>;

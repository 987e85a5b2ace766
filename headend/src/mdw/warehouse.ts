import type { Result } from '@tiepoint/protocol';
import type { IntervalRow } from './interval-row.ts';
import type { Landed, MeterEntry, RegisterRow } from './requests.ts';
import type { Asker } from './warehouse-request.ts';

/** Meters and their intervals, kept by a process of its own. Nothing here throws for what can happen; failures are values. */
export type Warehouse = {
  /** The warehouse's numbers of meters, by which rows name them; a meter that is new gets one. */
  numberMeters(meters: readonly MeterEntry[]): Promise<Result<readonly number[]>>;
  /**
   * Takes rows, thousands at once. Answered well when they are on the disk, so that neither a death of the worker nor one of the head-end
   * loses them; otherwise land them again, which does no harm.
   */
  land(rows: readonly IntervalRow[]): Promise<Result<Landed>>;
  /** Takes what registers stood at, to hold the sum of intervals against. */
  landRegisters(rows: readonly RegisterRow[]): Promise<Result<number>>;
  /** Any other question, of this room or of one above whose module the worker has. */
  readonly ask: Asker;
};

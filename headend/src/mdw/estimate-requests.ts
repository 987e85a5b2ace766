import type { Span } from './completeness-requests.ts';
import type { WarehouseRequest } from './warehouse-request.ts';

export type EstimateAsked = Span & {
  readonly meters?: readonly string[];
  /** Also what is estimated already, for more may be known now. What was measured is never touched. */
  readonly again?: boolean;
};

/** How many intervals by which method, and how many of which nothing is known to estimate from: those stay unknown. */
export type EstimatesMade = {
  readonly days: number;
  readonly meters: number;
  readonly linear: number;
  readonly likeDay: number;
  readonly profile: number;
  readonly none: number;
};

/** Fills what is unknown, by local days. Progress counts days. */
export const estimateIntervals: WarehouseRequest<EstimateAsked, EstimatesMade> = {
  name: 'mdw.estimate',
  repeatable: true,
};

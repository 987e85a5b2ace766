import type { CompletenessFound, Coverage, GapsFound } from '../mdw/completeness-requests.ts';
import type { Edit, EditAsked } from '../mdw/edit-requests.ts';
import type { EstimateAsked, EstimatesMade } from '../mdw/estimate-requests.ts';
import type { MeterInterval } from '../mdw/requests.ts';
import type { IntervalMarks } from '../mdw/vee-rules.ts';

/**
 * Times of queries are as people write them: a day, or a local time by the head-end's `timeZone`, or one with its offset; `to` is not included. Answers tell
 * seconds since 1970. Energies in Wh, import positive; a value that is absent is unknown.
 *
 *     GET  /api/intervals                       IntervalsResponse        ?meter&from&to
 *     GET  /api/intervals/replaced              IntervalsResponse        ?meter&from&to
 *     GET  /api/intervals/completeness          CompletenessResponse     ?from&to&by=day|circuit|transformer&worst
 *     GET  /api/intervals/gaps                  GapsResponse             ?from&to&kind=unread|unmeasured|unknown&meter&afterMeter&limit
 *     GET  /api/intervals/edits                 EditsResponse            ?meter&from&to
 *     POST /api/intervals/edits                 EditMadeResponse   201   EditRequest
 *     POST /api/intervals/edits/:id/withdrawal  Edit                     { cause }
 *     POST /api/intervals/estimates             EstimatesResponse        EstimateRequest
 *     POST /api/intervals/imports               IntervalsImported        the file (CSV or Green Button), ?meter&timeZone&newMeters&acceptErrors&dryRun&localAsUtc
 */
export type IntervalView = Omit<MeterInterval, 'flags'> & IntervalMarks;
export type IntervalsResponse = {
  readonly meter: string;
  readonly timeZone: string;
  readonly fromS: number;
  readonly toS: number;
  readonly intervals: readonly IntervalView[];
};

/** `worst`: of the whole time, the meters of which least is measured. */
export type CompletenessResponse = {
  readonly timeZone: string;
  readonly all: Coverage;
  readonly by?: readonly (Coverage & { readonly id: string; readonly title: string })[];
  readonly worst: CompletenessFound['worst'];
};
export type GapsResponse = GapsFound;

export type EditView = Edit;
export type EditsResponse = { readonly edits: readonly EditView[] };
export type EditRequest = Pick<EditAsked, 'meter' | 'changes'> & { readonly cause: string };
export type EditMadeResponse = { readonly edit: number } & Readonly<
  Record<'before' | 'after', readonly IntervalView[]>
>;
export type EditWithdrawalRequest = { readonly cause: string };
/** `again`: also what is estimated already; what was measured is never touched. */
export type EstimateRequest = { readonly from: string; readonly to: string } & Pick<EstimateAsked, 'meters' | 'again'>;
/** `findings`: what is to be known of the file, the first 200. A file at fault is refused whole, with its faults by line. */
export type IntervalsImported = {
  readonly say: string;
  readonly landed: number;
  readonly same: number;
  readonly meters: number;
  readonly findings: readonly {
    readonly severity: 'error' | 'warning' | 'note';
    readonly line?: number;
    readonly say: string;
  }[];
};
export type EstimatesResponse = EstimatesMade;

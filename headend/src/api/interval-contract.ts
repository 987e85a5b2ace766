import type { CompletenessFound, Coverage, GapsFound } from '../mdw/completeness-requests.ts';
import type { Edit, EditAsked } from '../mdw/edit-requests.ts';
import type { EstimateAsked, EstimatesMade } from '../mdw/estimate-requests.ts';
import type { CustomerYearKnown } from '../mdw/customer-year-request.ts';
import type { ImportProgress } from '../network/importing/aside.ts';
import type { CustomerProfile } from '../mdw/profile-requests.ts';
import type { RetentionSet, RetentionTold } from '../mdw/retention-requests.ts';
import type { WarehouseStatus } from '../mdw/transfer-requests.ts';
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
 *     POST /api/intervals/imports               IntervalsImported        the file (CSV, Green Button or Parquet), ?file&meter&timeZone&newMeters&acceptErrors&replaceMeasured&dryRun&localAsUtc
 *     GET  /api/intervals/imports               ImportsResponse          the last ones and the one under way, with how far it is
 *     GET  /api/exports/intervals.parquet       one file, streamed        ?from&to&meter; 31 days at most
 *     GET  /api/intervals/meters                MetersResponse           ?search&limit, or ?transformer&limit
 *     GET  /api/intervals/status                WarehouseStatus
 *     GET  /api/intervals/retention             RetentionResponse        ?keepDays: which days would be forgotten then
 *     PUT  /api/intervals/retention             RetentionSetResponse     RetentionRequest
 *     GET  /api/intervals/profiles              ProfilesResponse
 *     PUT  /api/intervals/profiles              CustomerFileKept         CSV of profile, hour, weekday, saturday, sunday; ?file&dryRun
 *     DELETE /api/intervals/profiles/:id        204                      one of one's own
 *     GET  /api/intervals/annual                AnnualResponse           ?search&limit
 *     PUT  /api/intervals/annual                CustomerFileKept         CSV of meter, annual_kwh, profile; ?file&since&newMeters&dryRun
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
/** What is to be known of a line of a file, of Parquet of a row. */
export type FileFinding = {
  readonly severity: 'error' | 'warning' | 'note';
  /** Where there are several. */
  readonly file?: string;
  readonly line?: number;
  readonly row?: number;
  readonly say: string;
};
/** `findings`: what is to be known of the file, the first 200. A file at fault is refused whole, with its faults by line. */
export type IntervalsImported = {
  readonly say: string;
  readonly landed: number;
  readonly same: number;
  readonly meters: number;
  readonly findings: readonly FileFinding[];
};
/** `say`, once it has ended: what became of it. `done` and `total` count intervals, or a network's pieces of equipment, once the file is understood. */
export type ImportView = {
  readonly id: number;
  readonly file: string;
  readonly who: string;
  readonly dryRun: boolean;
  readonly startedAtMs: number;
  readonly state: ImportProgress['state'] | 'done' | 'refused';
  readonly done: number;
  readonly total: number;
  readonly endedAtMs?: number;
  readonly say?: string;
};
/** Since the head-end started, the newest first, 20 at most. */
export type ImportsResponse = { readonly imports: readonly ImportView[] };
export type EstimatesResponse = EstimatesMade;

/** Where a meter is, as the network is now. */
export type MeterFound = {
  readonly meter: string;
  readonly servicePoint?: string;
  readonly customer?: string;
  readonly customerKind?: string;
  readonly transformer?: string;
  readonly circuit?: string;
};
export type MetersResponse = { readonly meters: readonly MeterFound[]; readonly more: boolean };
export type WarehouseStatusResponse = WarehouseStatus;

export type RetentionResponse = RetentionTold;
/** `forgetDays`: as many as are lost by it, which `GET` with these `keepDays` tells; where that is none, it may lack. */
export type RetentionRequest = { readonly keepDays: number; readonly forgetDays?: number; readonly cause: string };
export type RetentionSetResponse = RetentionSet;

export type ProfilesResponse = { readonly profiles: readonly CustomerProfile[] };
export type AnnualResponse = { readonly customers: readonly CustomerYearKnown[]; readonly total: number };
export type CustomerFileKept = {
  readonly say: string;
  readonly kept: number;
  readonly findings: readonly FileFinding[];
};

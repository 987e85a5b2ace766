import type {
  AnnualResponse,
  CustomerFileKept,
  EditMadeResponse,
  EditRequest,
  EditsResponse,
  EditView,
  EstimateRequest,
  EstimatesResponse,
  ImportsResponse,
  IntervalsImported,
  IntervalsResponse,
  MetersResponse,
  ProfilesResponse,
  WarehouseStatusResponse,
} from '../../../src/api/interval-contract.ts';
import { enc, query } from './asking.ts';
import type { Answer, Asking } from './asking.ts';

/** Local times of the head-end's zone; `to` is not in it. */
export type Times = { readonly from: string; readonly to: string };
export type ImportWish = {
  readonly meter?: string | undefined;
  readonly timeZone?: string | undefined;
  readonly newMeters: boolean;
  readonly acceptErrors: boolean;
  readonly replaceMeasured: boolean;
  readonly localAsUtc: boolean;
  readonly dryRun: boolean;
};
export type AnnualWish = { readonly since?: string | undefined; readonly newMeters: boolean; readonly dryRun: boolean };

/** Files of megabytes, and days of millions of meters, take their time. */
const patientMs = 15 * 60_000;
const put = (file: File): { method: string; file: Blob; withinMs: number } => ({
  method: 'PUT',
  file,
  withinMs: patientMs,
});

/** CSV unless the name says otherwise. */
function fileTypeOf({ name }: File): { fileType?: string } {
  if (/\.(xml|atom)$/i.test(name)) return { fileType: 'application/atom+xml' };
  return /\.parquet$/i.test(name) ? { fileType: 'application/vnd.apache.parquet' } : {};
}

/** The head-end's HTTP API about what meters counted. */
export class MeterClient {
  readonly #ask: Asking['ask'];

  constructor(asking: Asking) {
    this.#ask = (path, asked) => asking.ask(path, asked);
  }

  find = (search: string, signal?: AbortSignal): Promise<Answer<MetersResponse>> =>
    this.#ask(`intervals/meters?${query({ search })}`, { signal });
  behind = (transformer: string, signal?: AbortSignal): Promise<Answer<MetersResponse>> =>
    this.#ask(`intervals/meters?${query({ transformer, limit: 200 })}`, { signal });
  status = (signal?: AbortSignal): Promise<Answer<WarehouseStatusResponse>> =>
    this.#ask('intervals/status', { signal });
  intervals = (meter: string, times: Times, signal?: AbortSignal): Promise<Answer<IntervalsResponse>> =>
    this.#ask(`intervals?${query({ meter, ...times })}`, { signal });
  replaced = (meter: string, times: Times, signal?: AbortSignal): Promise<Answer<IntervalsResponse>> =>
    this.#ask(`intervals/replaced?${query({ meter, ...times })}`, { signal });
  edits = (meter: string, signal?: AbortSignal): Promise<Answer<EditsResponse>> =>
    this.#ask(`intervals/edits?${query({ meter })}`, { signal });
  edit = (body: EditRequest): Promise<Answer<EditMadeResponse>> =>
    this.#ask('intervals/edits', { method: 'POST', body });
  takeBack = (edit: number, cause: string): Promise<Answer<EditView>> =>
    this.#ask(`intervals/edits/${edit}/withdrawal`, { method: 'POST', body: { cause } });
  estimate = (body: EstimateRequest): Promise<Answer<EstimatesResponse>> =>
    this.#ask('intervals/estimates', { method: 'POST', body, withinMs: patientMs });

  imports = (signal?: AbortSignal): Promise<Answer<ImportsResponse>> => this.#ask('intervals/imports', { signal });
  importFile = (file: File, { meter, timeZone, ...wish }: ImportWish): Promise<Answer<IntervalsImported>> => {
    const flags = Object.fromEntries(Object.entries(wish).map(([name, value]) => [name, String(value)]));
    return this.#ask(`intervals/imports?${query({ file: file.name, meter, timeZone, ...flags })}`, {
      method: 'POST',
      file,
      withinMs: patientMs,
      ...fileTypeOf(file),
    });
  };

  profiles = (signal?: AbortSignal): Promise<Answer<ProfilesResponse>> => this.#ask('intervals/profiles', { signal });
  putProfiles = (file: File, dryRun: boolean): Promise<Answer<CustomerFileKept>> =>
    this.#ask(`intervals/profiles?${query({ file: file.name, dryRun: String(dryRun) })}`, put(file));
  removeProfile = (name: string): Promise<Answer<undefined>> =>
    this.#ask(`intervals/profiles/${enc(name)}`, { method: 'DELETE' });
  annual = (search: string, signal?: AbortSignal): Promise<Answer<AnnualResponse>> =>
    this.#ask(`intervals/annual?${query({ search })}`, { signal });
  putAnnual = (file: File, { since, newMeters, dryRun }: AnnualWish): Promise<Answer<CustomerFileKept>> =>
    this.#ask(
      `intervals/annual?${query({ file: file.name, since, newMeters: String(newMeters), dryRun: String(dryRun) })}`,
      put(file),
    );
}

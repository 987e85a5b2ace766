import type { CompletenessResponse, ImportsResponse } from '../../../src/api/interval-contract.ts';
import type {
  LoadCluesResponse,
  LoadDurationResponse,
  LoadElementsResponse,
  LoadEnergyResponse,
  LoadHoursResponse,
  LoadProfileResponse,
  LoadStatusResponse,
  TransformerAgeingResponse,
} from '../../../src/api/load-contract.ts';
import type { ModeOrderRequest, ModeOrderView, ModesResponse } from '../../../src/api/mode-contract.ts';
import type {
  CircuitResponse,
  NetworkFindingsResponse,
  NetworkImportResponse,
  NetworkResponse,
  SwitchRecordRequest,
  SwitchRecordResponse,
} from '../../../src/api/network-contract.ts';
import type { NightReadView, ReadDetail, ReadRequestBody, ReadView } from '../../../src/api/read-contract.ts';
import { enc, query } from './asking.ts';
import type { Answer, Asking } from './asking.ts';

export type NetworkImportWish = {
  readonly file: string;
  readonly atMs?: number | undefined;
  readonly dryRun: boolean;
  readonly acceptErrors: boolean;
};

/** Files of megabytes take their time. */
const patientMs = 10 * 60_000;

type AsOfMs = { readonly atMs?: number };
type Span = { readonly fromS: number; readonly toS: number };
const element = (kind: string, id: string): string => `load/elements/${kind}/${enc(id)}`;

/** The head-end's HTTP API about the network, its loads and reads, and fleet modes. */
export class NetworkClient {
  readonly #ask: Asking['ask'];

  constructor(asking: Asking) {
    this.#ask = (path, asked) => asking.ask(path, asked);
  }

  /** Here and below, without `atMs`: as it is now. */
  network = (asOf: AsOfMs, signal?: AbortSignal): Promise<Answer<NetworkResponse>> =>
    this.#ask(`network?${query(asOf)}`, { signal });
  circuit = (id: string, asOf: AsOfMs, signal?: AbortSignal): Promise<Answer<CircuitResponse>> =>
    this.#ask(`network/circuits/${enc(id)}?${query(asOf)}`, { signal });
  findings = (asOf: AsOfMs, signal?: AbortSignal): Promise<Answer<NetworkFindingsResponse>> =>
    this.#ask(`network/findings?${query(asOf)}`, { signal });
  /** Addresses of files. */
  mapFile = (asOf: AsOfMs): string => `/api/network/map?${query(asOf)}`;
  cimFile = (asOf: AsOfMs): string => `/api/network/cim?${query(asOf)}`;
  recordSwitch = (id: string, body: SwitchRecordRequest): Promise<Answer<SwitchRecordResponse>> =>
    this.#ask(`network/switches/${enc(id)}/operations`, { method: 'POST', body });

  imports = (signal?: AbortSignal): Promise<Answer<ImportsResponse>> => this.#ask('network/imports', { signal });
  importNetwork = (
    form: FormData,
    { dryRun, acceptErrors, ...of }: NetworkImportWish,
  ): Promise<Answer<NetworkImportResponse>> =>
    this.#ask(`network/imports?${query({ ...of, dryRun: String(dryRun), acceptErrors: String(acceptErrors) })}`, {
      method: 'POST',
      form,
      withinMs: patientMs,
    });

  startRead = (body: ReadRequestBody): Promise<Answer<ReadView>> => this.#ask('reads', { method: 'POST', body });
  read = (id: string, signal?: AbortSignal): Promise<Answer<ReadDetail>> => this.#ask(`reads/${enc(id)}`, { signal });

  nightRead = (signal?: AbortSignal): Promise<Answer<NightReadView>> => this.#ask('night-read', { signal });
  beginNightRead = (): Promise<Answer<NightReadView>> => this.#ask('night-read', { method: 'POST' });

  completeness = (
    asked: { from: string; to: string; by: 'day' | 'circuit'; worst: number },
    signal?: AbortSignal,
  ): Promise<Answer<CompletenessResponse>> => this.#ask(`intervals/completeness?${query(asked)}`, { signal });

  loadStatus = (signal?: AbortSignal): Promise<Answer<LoadStatusResponse>> => this.#ask('load/status', { signal });
  loads = (
    asked: { kind: string; search?: string | undefined; circuit?: string | undefined; limit: number },
    signal?: AbortSignal,
  ): Promise<Answer<LoadElementsResponse>> => this.#ask(`load/elements?${query(asked)}`, { signal });
  loadHours = (kind: string, id: string, span: Span, signal?: AbortSignal): Promise<Answer<LoadHoursResponse>> =>
    this.#ask(`${element(kind, id)}/hours?${query(span)}`, { signal });
  /** The address of the same hours as a file. */
  loadHoursFile = (kind: string, id: string, span: Span): string =>
    `/api/${element(kind, id)}/hours?${query({ ...span, format: 'csv' })}`;
  loadProfile = (kind: string, id: string, span: Span, signal?: AbortSignal): Promise<Answer<LoadProfileResponse>> =>
    this.#ask(`${element(kind, id)}/profile?${query(span)}`, { signal });
  loadDuration = (kind: string, id: string, span: Span, signal?: AbortSignal): Promise<Answer<LoadDurationResponse>> =>
    this.#ask(`${element(kind, id)}/duration?${query(span)}`, { signal });
  transformerAgeing = (id: string, span: Span, signal?: AbortSignal): Promise<Answer<TransformerAgeingResponse>> =>
    this.#ask(`load/transformers/${enc(id)}/ageing?${query(span)}`, { signal });
  loadClues = (circuit: string, span: Span, signal?: AbortSignal): Promise<Answer<LoadCluesResponse>> =>
    this.#ask(`load/clues?${query({ circuit, ...span })}`, { signal });
  loadEnergy = (kind: string, id: string, signal?: AbortSignal): Promise<Answer<LoadEnergyResponse>> =>
    this.#ask(`${element(kind, id)}/energy`, { signal });

  modes = (signal?: AbortSignal): Promise<Answer<ModesResponse>> => this.#ask('modes', { signal });
  orderMode = (body: ModeOrderRequest): Promise<Answer<ModeOrderView>> => this.#ask('modes', { method: 'POST', body });
  endMode = (id: string): Promise<Answer<ModeOrderView>> => this.#ask(`modes/${enc(id)}`, { method: 'DELETE' });
}

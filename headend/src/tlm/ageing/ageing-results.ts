import type { WarehouseRequest } from '../../mdw/warehouse-request.ts';
import type { LoadElement } from '../results/load-results.ts';
import type { AgeingRun } from './ageing-run.ts';
import type { ThermalModel } from './transformer-thermal.ts';

/** Ambient temperature of the hours of which none is told; absent: that which ratings are made for is assumed. */
export type AgeingSettings = { readonly ambientC?: number | undefined };

/** Ages transformers by what changed. Progress counts days. */
export const runTransformerAgeing: WarehouseRequest<AgeingSettings, AgeingRun> = {
  name: 'tlm.run-ageing',
  repeatable: true,
};

export type AmbientHour = { readonly hourS: number; readonly ambientC: number };
/** Measured or forecast, by hour; takes the place of what was told of these hours. Answers with how many there were. */
export const tellAmbient: WarehouseRequest<readonly AmbientHour[], number> = { name: 'tlm.ambient', repeatable: true };

/** IEEE C57.91. `agedH` are hours at 110 °C that age insulation as much as the `knownH` did in which the load is known. */
export type AgeingSum = {
  readonly agedH: number;
  readonly knownH: number;
  /** Equivalent ageing factor: 1 is as fast as the life that the standard calls normal. */
  readonly factor?: number;
  /** Of the normal life of 180,000 h. */
  readonly lossOfLifePct: number;
  readonly hottestC?: number;
  /** When that was, to the hour. */
  readonly hottestS?: number;
};

export type AmbientUsed = {
  /** Where nothing is told of an hour, and whether that is a setting or assumed. */
  readonly otherwiseC: number;
  readonly otherwise: 'set' | 'assumed';
  /** Hours of the time asked for that are told. */
  readonly toldH: number;
};

export type TransformerAgeing = {
  readonly element: LoadElement;
  /** Rises, time constants and exponents are the standard's typical ones: no test report is known. */
  readonly thermal: ThermalModel;
  /** The network has no losses of it either: their ratio is typical, too. */
  readonly isLossRatioAssumed: boolean;
  readonly ambient: AmbientUsed;
  readonly total: AgeingSum;
  /** By UTC day, ordered. Empty without a rating. */
  readonly dayS: readonly number[];
  readonly agedH: readonly number[];
  readonly knownH: readonly number[];
  readonly hottestC: readonly number[];
};
export type TransformerAgeingAsked = { readonly id: string; readonly fromS: number; readonly toS: number };
/** Undefined: there is no such transformer. */
export const transformerAgeing: WarehouseRequest<TransformerAgeingAsked, TransformerAgeing | undefined> = {
  name: 'tlm.transformer-ageing',
  repeatable: true,
};

export type AgeingListAsked = {
  readonly fromS: number;
  readonly toS: number;
  readonly circuit?: string;
  readonly limit: number;
};
/** Those that lost most life first. `unrated`: transformers without a rating, of which nothing can be told. */
export type AgeingList = {
  readonly ambient: AmbientUsed;
  readonly transformers: readonly (AgeingSum & { readonly element: LoadElement })[];
  readonly total: number;
  readonly unrated: number;
};
export const ageingList: WarehouseRequest<AgeingListAsked, AgeingList> = {
  name: 'tlm.ageing-list',
  repeatable: true,
  isLong: true,
};

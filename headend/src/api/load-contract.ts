import type { LoadClues } from '../tlm/clues/clue-results.ts';
import type { AgeingList, TransformerAgeing } from '../tlm/ageing/ageing-results.ts';
import type { LoadDuration, LoadEnergy, LoadProfile } from '../tlm/results/shape-results.ts';
import type { LoadElementsFound, LoadHours, LoadStatus } from '../tlm/results/load-results.ts';

/** Seconds since 1970; power in W, import positive; a peak is the highest hour. */
export type LoadElementsResponse = LoadElementsFound;
export type LoadHoursResponse = LoadHours;
export type LoadStatusResponse = LoadStatus & { readonly running: boolean; readonly failure?: string };
export type LoadDurationResponse = LoadDuration;
export type LoadProfileResponse = LoadProfile;
export type LoadEnergyResponse = LoadEnergy;
/** IEEE C57.91; what of it is assumed is in the answer. */
export type TransformerAgeingResponse = TransformerAgeing;
export type AgeingListResponse = AgeingList;
/** The likeliest first. */
export type LoadCluesResponse = LoadClues;

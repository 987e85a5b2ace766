import type { NightView } from '../nms/reads/night-schedule.ts';
import type { MeterState, OnDemandRead, ReadPlace } from '../nms/reads/on-demand-reads.ts';

/** What is read, from people: a circuit, segment, transformer, or all that is behind a switch. */
export type ReadRequestBody = ReadPlace;
/** Powers in W, import positive; `figure` has P10 and P90 while not every meter answered. */
export type ReadView = OnDemandRead;
export type SilentMeter = { readonly name: string; readonly state: MeterState; readonly why?: string };
export type ReadDetail = ReadView & { readonly silent: readonly SilentMeter[] };
export type NightReadView = NightView;
/** Newest first. */
export type ReadsResponse = { readonly reads: readonly ReadView[] };

import type { AuditEntry, NotRecorded } from './store.ts';

/**
 * The network through time, as it was told: each change with the instant from which it holds, which may be earlier than some that are
 * known already. Nothing is ever taken back; what was wrong is changed again. On the disk itself before a call returns.
 */
export interface NetworkStore {
  /** In the order in which they were recorded, those after a number. */
  changes(afterSeq?: number): Iterable<StoredNetworkChange>;
  append(change: NetworkChangeRecord, audit: AuditEntry): NotRecorded;
}

export type NetworkChangeRecord = {
  readonly atMs: number;
  readonly recordedAtMs: number;
  readonly who: string;
  /** Why: a file that was imported, a switching order. */
  readonly cause: string;
} & (
  | { readonly elements: readonly StoredElement[] }
  | { readonly switched: { readonly switchId: string; readonly phases?: readonly string[]; readonly open: boolean } }
);

export type StoredNetworkChange = NetworkChangeRecord & { readonly seq: number };

/** An element of one part of the network; without a body it is removed. */
export type StoredElement = { readonly part: string; readonly id: string; readonly body: object | undefined };

import type { Reason } from '@tiepoint/protocol';
import type { WarehouseProgress } from './warehouse-request.ts';

export type WorkerSettings = {
  /** DATA/warehouse; made where it is not there. */
  readonly folder: string;
  readonly memoryMb: number;
  readonly threads: number;
  /** IANA name: by it days begin and end. */
  readonly timeZone: string;
  /** Whole UTC days before today, unless somebody has set it otherwise since. */
  readonly keepDays: number;
};

/** What is not well: it cannot be used or written; something damaged was moved away. */
export type WarehouseCondition = 'warehouse' | 'warehouse-set-aside';

export type ToWorker =
  | { readonly kind: 'ask'; readonly id: number; readonly name: string; readonly ask: unknown }
  | { readonly kind: 'stop' };

export type FromWorker =
  | { readonly kind: 'ready' }
  /** It ends by itself then. */
  | { readonly kind: 'failed'; readonly say: string }
  | { readonly kind: 'condition'; readonly id: WarehouseCondition; readonly say?: string }
  | { readonly kind: 'log'; readonly level: 'info' | 'warn'; readonly say: string }
  | { readonly kind: 'progress'; readonly id: number; readonly progress: WarehouseProgress }
  | { readonly kind: 'answer'; readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly kind: 'answer'; readonly id: number; readonly ok: false; readonly reason: Reason; readonly say: string };

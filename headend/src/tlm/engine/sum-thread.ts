import { parentPort } from 'node:worker_threads';
import type { Feeding } from './feeding.ts';
import { loadHearer } from './hour-loads.ts';
import type { HourLoads } from './hour-loads.ts';
import { HourSums } from './hour-sums.ts';
import type { SliceSums } from './slice-sums.ts';

export type ToSumThread =
  | { readonly kind: 'feeding'; readonly feeding: Feeding }
  | { readonly kind: 'hour'; readonly slice: SliceSums; readonly loads: HourLoads };

let feeding: Feeding | undefined;
let sums: HourSums | undefined;

/** One hour after the other, as they come; each is answered once it is written. */
parentPort?.on('message', (message: ToSumThread) => {
  if (message.kind === 'feeding') {
    feeding = message.feeding;
    sums ??= new HourSums(feeding);
    sums.follow(feeding);
    return;
  }
  if (feeding === undefined || sums === undefined) throw new Error('an hour came before who is fed by whom');
  sums.whole(message.slice, loadHearer(message.loads, feeding.elements));
  parentPort?.postMessage('summed');
});

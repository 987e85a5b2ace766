import { parentPort, workerData } from 'node:worker_threads';
import { dayParts } from './day-parts.ts';
import type { PartHour } from './day-parts.ts';

const { elements, hours } = workerData as { readonly elements: Uint32Array; readonly hours: readonly PartHour[] };
const parts = dayParts(elements, hours);
parentPort?.postMessage(
  parts,
  Object.values(parts).map(({ buffer }) => buffer as ArrayBuffer),
);

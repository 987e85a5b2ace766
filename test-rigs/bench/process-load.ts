import { readFileSync } from 'node:fs';

/** What the kernel counted for one process: memory now, processor time since it began. Linux only; throws where the process is gone. */
export type ProcessLoad = { readonly rssMB: number; readonly cpuS: number };

/** Clock ticks a second of /proc on every Linux that Node runs on. */
const ticksPerSecond = 100;

export function processLoad(pid: number): ProcessLoad {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const rssKB = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]);
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in brackets may hold spaces; what follows it has fixed places.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { rssMB: rssKB / 1024, cpuS: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

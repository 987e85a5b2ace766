import { readFileSync, readdirSync } from 'node:fs';

/** What the kernel counted for one process: memory now, processor time of all its threads. Linux only; throws where the process is gone. */
export type ProcessLoad = { readonly rssMB: number; readonly cpuS: number };

export function processLoad(pid: number): ProcessLoad {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const rssKB = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]);
  // In nanoseconds, where /proc/PID/stat counts hundredths of a second: too coarse for a program that uses 0.2 % of a core.
  const nanoseconds = readdirSync(`/proc/${pid}/task`).map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
  );
  return { rssMB: rssKB / 1024, cpuS: nanoseconds.reduce((sum, each) => sum + each, 0) / 1e9 };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

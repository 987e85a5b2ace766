import { workerData } from 'node:worker_threads';

const everyMs = 100;
const { ppid } = process;
const { mostBytes } = workerData as { readonly mostBytes: number };

/**
 * A thread that ends its process, whatever that is busy with, when whoever started it is gone, or it takes more memory than it is to have: V8 counts
 * its own alone, and what reads Parquet is not written in JavaScript.
 */
setInterval(() => {
  if (process.ppid !== ppid || process.memoryUsage.rss() > mostBytes) process.kill(process.pid, 'SIGKILL');
}, everyMs);

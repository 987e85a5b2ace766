const everyMs = 1_000;
const { ppid } = process;

/** A thread that ends its process, whatever that is busy with, when whoever started it is gone. */
setInterval(() => {
  if (process.ppid !== ppid) process.kill(process.pid, 'SIGKILL');
}, everyMs);

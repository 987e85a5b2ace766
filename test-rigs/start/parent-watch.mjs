// Loaded before a child's own program. The child's standard input is a pipe from the launcher: when it ends, the launcher has
// gone, in whatever way, and the child stops as if told to.
process.stdin.on('end', () => process.kill(process.pid, 'SIGTERM'));
process.stdin.on('error', () => process.kill(process.pid, 'SIGTERM'));
process.stdin.resume();
process.stdin.unref?.();

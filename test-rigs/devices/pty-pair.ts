import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * Two pseudo-terminals joined by socat: what is written to one can be read from the other, as on a serial cable. A pty knows
 * no baud rate; whoever wants one paces the bytes. `stop` ends the socat process and with it both ends.
 */
export async function startPtyPair(startTimeoutMs = 5000): Promise<PtyPairStart> {
  const child = spawn('sh', ['-c', socatUntilInputEnds], { stdio: ['pipe', 'ignore', 'pipe'] });
  const exited = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
  });
  child.stdin.on('error', () => undefined); // the shell has ended; 'close' tells
  const stop = async (): Promise<void> => {
    child.stdin.end();
    const tooLong = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
    await exited;
    clearTimeout(tooLong);
  };
  const found = await readPaths(child, startTimeoutMs);
  if (typeof found !== 'string') return { ok: true, pair: { ...found, stop } };
  await stop();
  return { ok: false, reason: 'no-pty', say: found };
}

const stopTimeoutMs = 3000;

// The shell waits for the end of its input, which comes when this process ends in whatever way, and then stops socat.
const socatUntilInputEnds = `
socat -d -d pty,raw,echo=0 pty,raw,echo=0 &
socat=$!
echo "pid $socat" >&2
cat > /dev/null
kill $socat 2> /dev/null
wait $socat`;

/** Whether this machine can make pty pairs. */
export function socatPresent(): boolean {
  return spawnSync('socat', ['-V'], { stdio: 'ignore' }).status === 0;
}

export type PtyPair = {
  /** The end for the emulated device. */
  near: string;
  /** The end for the program under test. */
  far: string;
  /** The process number of socat. */
  pid: number;
  stop: () => Promise<void>;
};

export type PtyPairStart = { ok: true; pair: PtyPair } | { ok: false; reason: 'no-pty'; say: string };

type Found = Omit<PtyPair, 'stop'>;

function readPaths(child: ChildProcess, timeoutMs: number): Promise<Found | string> {
  return new Promise((resolve) => {
    const paths: string[] = [];
    const said: string[] = [];
    let pid = 0;
    const finish = (outcome: Found | string): void => {
      clearTimeout(timer);
      resolve(outcome);
    };
    const timer = setTimeout(
      () => finish(`socat named no two ptys in ${timeoutMs} ms: ${said.join(' / ')}`),
      timeoutMs,
    );
    child.once('error', (error) => finish(`a shell for socat could not be started: ${error.message}`));
    child.once('close', () => finish(`socat ended: ${said.join(' / ')}`));
    if (child.stderr === null) return;
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (said.length < 10) said.push(line);
      const path = /PTY is (\S+)/.exec(line)?.[1];
      if (path !== undefined) paths.push(path);
      pid = Number(/^pid (\d+)$/.exec(line)?.[1] ?? pid);
      if (line.includes('not found'))
        finish('socat is not installed: install the package "socat", or use RTU over TCP');
      // socat names the ptys before it copies between them; only then is nothing lost.
      const [near, far] = paths;
      if (line.includes('starting data transfer loop') && near !== undefined && far !== undefined)
        finish({ near, far, pid });
    });
  });
}

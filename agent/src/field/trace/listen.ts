import type { BusSettings } from '../../io/bus/bus.ts';
import type { Link, LinkEvents } from '../../io/bus/link.ts';
import { pacingOf } from '../../io/bus/pacing.ts';
import { SerialLink } from '../../io/bus/serial-link.ts';
import { SocketLink } from '../../io/bus/socket-link.ts';
import { pause } from '../watch/rounds.ts';
import { ListenedStream } from './listened-stream.ts';
import type { HeardFrame } from './listened-stream.ts';
import type { TraceRecord } from './trace-record.ts';

/** A link of which only the ears are left: there is no `send` to be called. */
type Ears = Pick<Link, 'open' | 'close' | 'stillThere'>;

export type LineSettings = Extract<BusSettings, { kind: 'rtu' | 'rtu-over-tcp' }>;

const reopenMs = 1_000;
const lookMs = 2_000;
/** USB adapters hand bytes over every 16 ms at the latest, so that a shorter gap may lie within a frame. */
const adapterMs = 20;

/**
 * Hears one line until the signal ends it, and never sends. (Opening a port raises its control lines, as it does in every program: an
 * adapter that turns its transmitter on by RTS must be set to do so by itself.) A port that is lost is opened again every second; both are told. Resolves
 * with why the port could not be opened at first, or `undefined` at the end.
 */
export async function listen(
  line: LineSettings,
  { say, signal, gapMs }: { say: (record: TraceRecord) => void; signal: AbortSignal; gapMs: number | undefined },
): Promise<string | undefined> {
  const ears: Ears = line.kind === 'rtu' ? new SerialLink(line) : new SocketLink(line);
  const silenceMs = gapMs ?? adapterMs + (pacingOf(line).silenceMs ?? 0);
  const note = (text: string): void => say({ kind: 'note', atMs: Date.now(), say: text });
  const hearing = new Hearing(silenceMs, say);
  let isOpen = false;
  let everOpened = false;
  const events: LinkEvents = {
    onBytes: (bytes) => hearing.take(bytes),
    onClosed: (why) => {
      isOpen = false;
      note(`the port is lost (${why}); it is opened again when it is back`);
    },
  };
  try {
    while (!signal.aborted) {
      if (!isOpen) {
        const opened = await ears.open(events);
        if (!opened.ok && !everOpened) return opened.say;
        isOpen = opened.ok;
        if (opened.ok) note(everOpened ? 'the port is open again' : `listening; nothing is sent`);
        everOpened ||= opened.ok;
      } else if (!(await ears.stillThere())) {
        await ears.close();
        events.onClosed('it is gone from this machine');
      }
      await pause(isOpen ? lookMs : reopenMs, signal);
    }
  } finally {
    hearing.end();
    await ears.close();
  }
  return undefined;
}

/** Gives the bytes their times, and notices silence. */
class Hearing {
  readonly #stream: ListenedStream;
  readonly #silenceMs: number;
  readonly #say: (record: TraceRecord) => void;
  /** Wall clock less monotonic clock: spans are measured with the one, told with the other. */
  readonly #epochMs = Date.now() - performance.now();
  #quietTimer: NodeJS.Timeout | undefined;
  #lastEndMs: number | undefined;

  constructor(silenceMs: number, say: (record: TraceRecord) => void) {
    this.#silenceMs = silenceMs;
    this.#say = say;
    this.#stream = new ListenedStream({ silenceMs });
  }

  take(bytes: Uint8Array): void {
    this.#tell(this.#stream.receive(bytes, performance.now()));
    clearTimeout(this.#quietTimer);
    this.#quietTimer = setTimeout(() => this.#tell(this.#stream.quiet(performance.now())), this.#silenceMs + 1);
  }

  end(): void {
    clearTimeout(this.#quietTimer);
    this.#tell(this.#stream.quiet(Infinity));
  }

  #tell(frames: readonly HeardFrame[]): void {
    for (const frame of frames) {
      this.#say(recordOf(frame, { epochMs: this.#epochMs, lastEndMs: this.#lastEndMs }));
      this.#lastEndMs = frame.endMs;
    }
  }
}

function recordOf(
  { bytes, atMs, role, request, roundTripMs, mark }: HeardFrame,
  { epochMs, lastEndMs }: { epochMs: number; lastEndMs: number | undefined },
): TraceRecord {
  return {
    kind: 'frame',
    atMs: epochMs + atMs,
    direction: 'heard',
    framing: 'rtu',
    bytes,
    role,
    ...(lastEndMs === undefined ? {} : { gapMs: Math.max(0, atMs - lastEndMs) }),
    ...(request === undefined ? {} : { request: request.subarray(0, -2) }),
    ...(roundTripMs === undefined ? {} : { roundTripMs }),
    ...(mark === undefined ? (role === 'noise' ? { mark: 'garbled' as const } : {}) : { mark }),
  };
}

import type { StreamFrame } from '../../../src/api/contract.ts';

/** The part of the browser's EventSource that is used; handed in, so that a test can play the server. */
export type Source = {
  readonly hasGivenUp: () => boolean;
  readonly listen: (heard: { message: (data: string) => void; error: () => void }) => void;
  readonly close: () => void;
};

export function sourceOf(events: EventSource): Source {
  return {
    hasGivenUp: () => events.readyState === EventSource.CLOSED,
    listen: ({ message, error }) => {
      events.addEventListener('message', ({ data }) => message(String(data)));
      events.addEventListener('error', error);
    },
    close: () => events.close(),
  };
}

export type StreamParts = {
  readonly open: () => Source;
  readonly onFrame: (frame: StreamFrame) => void;
  /** Called once for each loss of the line, and where the first attempt fails. */
  readonly onDown: () => void;
};

/** The head-end says something every 5 s; after two and a half times that the line is dead, whatever TCP believes. */
const silenceMs = 12_500;
const firstWaitMs = 1_000;
const longestWaitMs = 10_000;

/**
 * Keeps the live stream open. The browser reconnects by itself where it can, with the id of the last frame, so that nothing is
 * missed; where it gave up or hears nothing, the stream is opened anew after 1 s, doubling up to 10 s, for ever.
 */
export class LiveStream {
  readonly #parts: StreamParts;
  #source: Source | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #waitMs = firstWaitMs;
  /** Absent until the first frame or the first failure. */
  #up: boolean | undefined;

  constructor(parts: StreamParts) {
    this.#parts = parts;
  }

  start(): void {
    const source = this.#parts.open();
    this.#source = source;
    source.listen({
      message: (data) => this.#source === source && this.#receive(data),
      error: () => {
        if (this.#source !== source) return;
        this.#down();
        if (source.hasGivenUp()) this.#again();
      },
    });
    this.#watch();
  }

  stop(): void {
    this.#source?.close();
    this.#source = undefined;
    clearTimeout(this.#silence);
    clearTimeout(this.#retry);
  }

  #receive(data: string): void {
    const frame = frameOf(data);
    if (frame === undefined) return;
    this.#up = true;
    this.#waitMs = firstWaitMs;
    this.#watch();
    this.#parts.onFrame(frame);
    if (frame.type === 'goodbye') this.#down();
  }

  #watch(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      this.#down();
      this.#again();
    }, silenceMs);
  }

  #down(): void {
    if (this.#up === false) return;
    this.#up = false;
    this.#parts.onDown();
  }

  #again(): void {
    this.stop();
    this.#retry = setTimeout(() => this.start(), this.#waitMs);
    this.#waitMs = Math.min(longestWaitMs, this.#waitMs * 2);
  }
}

/** A frame of a kind that this console does not know is passed over. */
function frameOf(data: string): StreamFrame | undefined {
  try {
    const frame = JSON.parse(data) as StreamFrame;
    return ['snapshot', 'delta', 'command', 'approval', 'heartbeat', 'goodbye'].includes(frame.type)
      ? frame
      : undefined;
  } catch {
    return undefined;
  }
}

import type { Link, LinkEvents } from '../link.ts';

/** Called with each request as it went on the wire; `emit` puts bytes on the line after some time. */
export type OnRequest = (wire: Uint8Array, emit: (bytes: Uint8Array, afterMs: number) => void) => void;

/** A link in memory, for stepped time: what the device says, and when, is the test's to choose. */
export class FakeLine implements Link {
  keepsUnsent = false;
  readonly sent: { wire: Uint8Array; atMs: number }[] = [];
  onRequest: OnRequest;
  openable = true;
  present = true;
  opened = 0;
  #events: LinkEvents | undefined;
  readonly #saying = new Set<NodeJS.Timeout>();

  constructor(onRequest: OnRequest = () => undefined) {
    this.onRequest = onRequest;
  }

  open(events: LinkEvents): Promise<{ ok: true } | { ok: false; say: string }> {
    if (!this.openable) return Promise.resolve({ ok: false, say: 'fake line: not plugged in' });
    this.#events = events;
    this.opened++;
    return Promise.resolve({ ok: true });
  }

  send(bytes: Uint8Array): void {
    this.sent.push({ wire: Uint8Array.from(bytes), atMs: Date.now() });
    this.onRequest(bytes, (reply, afterMs) => this.say(reply, afterMs));
  }

  /** The device says something, asked or not. */
  say(bytes: Uint8Array, afterMs = 0): void {
    const events = this.#events;
    const timer = setTimeout(() => {
      this.#saying.delete(timer);
      if (this.#events === events) events?.onBytes(bytes);
    }, afterMs);
    this.#saying.add(timer);
  }

  /** Forgets what was yet to be said. */
  hush(): void {
    for (const timer of this.#saying) clearTimeout(timer);
    this.#saying.clear();
  }

  /** Pulls the plug. */
  break(): void {
    const events = this.#events;
    this.#events = undefined;
    events?.onClosed('fake line: unplugged');
  }

  close(): Promise<void> {
    this.#events = undefined;
    return Promise.resolve();
  }

  stillThere(): Promise<boolean> {
    return Promise.resolve(this.present);
  }
}

/** In stepped time everything that has arrived was taken already. */
export function atOnce(run: () => void): () => void {
  let wanted = true;
  queueMicrotask(() => wanted && run());
  return () => (wanted = false);
}

/** A way for bytes to a port. It can be opened again after it closed; it never opens itself again. */
export interface Link {
  /** What was sent may lie on this side for minutes, and reach the device when nobody expects it any more. */
  readonly keepsUnsent: boolean;
  /** Tries once. `say` tells a person what is wrong. After a failure the link is closed. */
  open(events: LinkEvents): Promise<{ ok: true } | { ok: false; say: string }>;
  /** Hands all bytes over in one call: some controllers drop a frame with a gap inside. Does nothing when closed. */
  send(bytes: Uint8Array): void;
  /** Ends an opening under way too. What was not sent yet is not sent any more, wherever it lies on this side. No event follows. */
  close(): Promise<void>;
  /** False when the port that was opened is gone from the machine although it did not report its end. */
  stillThere(): Promise<boolean>;
}

export type LinkEvents = {
  onBytes(bytes: Uint8Array): void;
  /** The link closed by itself. */
  onClosed(say: string): void;
};

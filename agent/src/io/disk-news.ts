import { basename } from 'node:path';
import type { GatewayEventKind } from '@tiepoint/protocol';
import type { SetAside } from './disk/gateway-database.ts';

/** What the head-end's operator is told of this gateway's disk: as it happens, and to each session anew as long as it is so. */
export class DiskNews {
  readonly #tell: (kind: GatewayEventKind, say: string) => Promise<boolean>;
  #setAside: SetAside | undefined;
  #failure: string | undefined;

  /** `tell` resolves true when the broker has it. */
  constructor(tell: (kind: GatewayEventKind, say: string) => Promise<boolean>) {
    this.#tell = tell;
  }

  /** A database was set aside, and the head-end does not know it yet. */
  get isSetAside(): boolean {
    return this.#setAside !== undefined;
  }

  failing(why: string | undefined): void {
    this.#failure = why;
    void this.#tell(why === undefined ? 'disk-well' : 'disk-failed', why ?? 'commands are taken again');
  }

  setAside(setAside: SetAside): void {
    this.#setAside = setAside;
  }

  online(): void {
    if (this.#failure !== undefined) void this.#tell('disk-failed', this.#failure);
    const setAside = this.#setAside;
    if (setAside === undefined) return;
    const say = `Its journal and outbox were damaged (${setAside.why}) and set aside as ${basename(setAside.file)}; what waited there is lost, and commands from before are refused`;
    void this.#tell('journal-set-aside', say).then((taken) => {
      if (taken && this.#setAside === setAside) this.#setAside = undefined;
    });
  }
}

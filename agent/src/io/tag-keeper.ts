import { mayCloseOnto, tagList, unhindered } from '@tiepoint/protocol';
import type { CommandKind, DeviceTag, Restrained, TagList, Verdict } from '@tiepoint/protocol';
import type { Database } from './disk/gateway-database.ts';

export type Tag = { readonly owner: string; readonly cause: string };

/** The tags as one device is concerned. */
export type Restraint = {
  /** The head-end has told what is tagged. Until then no command is taken. */
  known(): boolean;
  tag(): Tag | undefined;
  /** May this be done, as far as tags go: here, and behind this device's switch? */
  held(kind: CommandKind): Verdict;
};

/**
 * The lock-outs of this gateway's devices, as the head-end told them last. On disk, for they hold over restarts; and where there is no
 * list, because none came yet or the disk was exchanged, nobody knows what is tagged.
 */
export class TagKeeper {
  readonly #database: Database;
  #list: TagList | undefined;
  #tags = new Map<string, Tag>();

  constructor(database: Database) {
    this.#database = database;
  }

  load(): void {
    const row = this.#database.prepare(`SELECT value FROM setting WHERE name = 'tags'`).get();
    const kept = row && tagList.fromBytes(row['value'] as Uint8Array);
    if (kept?.ok === true) this.#adopt(kept.value);
  }

  /** Nobody knows what is tagged until the head-end tells anew. */
  forget(): void {
    this.#list = undefined;
    this.#tags = new Map();
  }

  /** `undefined`: nobody told yet, so that no command is taken. */
  get revision(): number | undefined {
    return this.#list?.revision;
  }

  /** `behind`: the devices that this one's switch disconnects. */
  restraintOf(deviceId: string, behind: readonly string[]): Restraint {
    const restrained = (id: string): Restrained => ({ deviceId: id, tag: this.#tags.get(id) });
    return {
      known: () => this.#list !== undefined,
      tag: () => this.#tags.get(deviceId),
      held: (kind) => {
        const own = unhindered(restrained(deviceId), kind);
        return own.ok ? mayCloseOnto(kind, behind.map(restrained)) : own;
      },
    };
  }

  /** Takes a list whose signature was verified: `taken` is false where it is not above the one in force. Throws where the disk fails. */
  renew(
    content: Uint8Array,
  ): { readonly ok: true; readonly taken: boolean } | { readonly ok: false; readonly say: string } {
    const read = tagList.fromBytes(content);
    if (!read.ok) return { ok: false, say: `${read.path} ${read.say}`.trim() };
    if (this.#list !== undefined && read.value.revision <= this.#list.revision) return { ok: true, taken: false };
    this.#database
      .prepare(`INSERT INTO setting VALUES ('tags', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`)
      .run(content);
    this.#adopt(read.value);
    return { ok: true, taken: true };
  }

  #adopt(list: TagList): void {
    this.#list = list;
    this.#tags = new Map(list.tags.map((tag) => [tag.deviceId, told(tag)]));
  }
}

function told({ owner = 'somebody', cause = 'the cause did not fit; the head-end has it' }: DeviceTag): Tag {
  return { owner, cause };
}

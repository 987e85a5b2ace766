import { configuration } from '@tiepoint/protocol';
import type { Configuration } from '@tiepoint/protocol';
import type { Database } from './disk/gateway-database.ts';

/** How the devices report, as the head-end told last; on disk, so that it holds over restarts. */
export class ConfigurationKeeper {
  readonly #database: Database;
  #value: Configuration = { revision: 0, devices: [] };

  constructor(database: Database) {
    this.#database = database;
  }

  load(): void {
    const row = this.#database.prepare(`SELECT value FROM setting WHERE name = 'configuration'`).get();
    const kept = row && configuration.fromBytes(row['value'] as Uint8Array);
    if (kept?.ok === true) this.#value = kept.value;
  }

  get value(): Configuration {
    return this.#value;
  }

  /** `taken` is false where it is not above the one in force. Throws where the disk fails: only what is on disk is told as applied. */
  renew(
    content: Uint8Array,
  ): { readonly ok: true; readonly taken: boolean } | { readonly ok: false; readonly say: string } {
    const read = configuration.fromBytes(content);
    if (!read.ok) return { ok: false, say: `${read.path} ${read.say}`.trim() };
    if (read.value.revision <= this.#value.revision) return { ok: true, taken: false };
    this.#database
      .prepare(
        `INSERT INTO setting VALUES ('configuration', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
      )
      .run(content);
    this.#value = read.value;
    return { ok: true, taken: true };
  }
}

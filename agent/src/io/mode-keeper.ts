import { fleetMode } from '@tiepoint/protocol';
import type { FleetMode, FleetModeName } from '@tiepoint/protocol';
import { modeBegun, modeStep } from '../core/fleet-mode.ts';
import type { ModeInForce } from '../core/fleet-mode.ts';
import type { Clock, EndTimer } from './clock.ts';
import type { Database } from './disk/gateway-database.ts';

export type ModeKeeperDeps = {
  readonly clock: Clock;
  /** The head-end's clock; undefined: not known in this session. */
  readonly hostMs: () => number | undefined;
  /** Another mode is in force, because one came or the last one ended by itself. */
  readonly changed: (now: ModeInForce | undefined, before: ModeInForce | undefined) => void;
};

/** `isOver`: it ended by itself, and a restart without the head-end's time does not bring it back. */
export type KeptMode = { readonly mode: FleetMode; readonly isOver: boolean };

const lookMs = 10_000;

/** How this gateway behaves as a whole, as the head-end told it last. On disk, for it holds over restarts. */
export class ModeKeeper {
  readonly #database: Database;
  readonly #deps: ModeKeeperDeps;
  #kept: KeptMode | undefined;
  #inForce: ModeInForce | undefined;
  #endTimer: EndTimer | undefined;

  constructor(database: Database, deps: ModeKeeperDeps) {
    this.#database = database;
    this.#deps = deps;
  }

  load(): void {
    const kept = keptMode(this.#database);
    // What was heard since is newer than another database.
    if (kept !== undefined && kept.mode.revision > (this.revision ?? -1)) this.#adopt(kept);
  }

  stop(): void {
    this.#endTimer?.();
  }

  /** Of the mode that it heard last, in force or not; undefined: none yet. */
  get revision(): number | undefined {
    return this.#kept?.mode.revision;
  }

  get name(): FleetModeName {
    return this.#inForce?.mode.mode ?? 'normal';
  }

  get inForce(): ModeInForce | undefined {
    return this.#inForce;
  }

  /** Why no command is taken now; undefined: commands are. */
  get refusal(): string | undefined {
    const { mode, untilMs = 0, operator = 'somebody', cause } = this.#inForce?.mode ?? {};
    if (mode !== 'safe') return undefined;
    const why = cause === undefined ? '' : ` (${cause})`;
    const until = new Date(untilMs).toISOString();
    return `The gateway is in safe mode until ${until}, by ${operator}${why}: it takes no command. End the mode first.`;
  }

  /** Takes a mode whose signature was verified: `taken` is false where it is not above the one heard last. Throws where the disk fails. */
  renew(
    content: Uint8Array,
  ): { readonly ok: true; readonly taken: boolean } | { readonly ok: false; readonly say: string } {
    const read = fleetMode.fromBytes(content);
    if (!read.ok) return { ok: false, say: `${read.path} ${read.say}`.trim() };
    const mode = read.value;
    if (mode.mode !== 'normal' && mode.untilMs === undefined)
      return { ok: false, say: `.untilMs is missing: ${mode.mode} would never end` };
    if (this.revision !== undefined && mode.revision <= this.revision) return { ok: true, taken: false };
    this.#write({ mode, isOver: false });
    this.#adopt({ mode, isOver: false });
    return { ok: true, taken: true };
  }

  /** Into a database that was begun anew. Throws where the disk fails. */
  keep(): void {
    if (this.#kept !== undefined) this.#write(this.#kept);
  }

  /** The head-end's time has become known, or some time has gone by. */
  look(): void {
    const held = this.#inForce;
    if (held === undefined) return;
    const { clock, hostMs } = this.#deps;
    this.#follow(modeStep(held, hostMs(), clock.monotonicMs()));
    if (this.#inForce !== undefined) return;
    this.#kept = { mode: held.mode, isOver: true };
    try {
      this.#write(this.#kept);
    } catch {
      // It is over all the same; after a restart it is so again as soon as the head-end's time is known.
    }
  }

  #adopt(kept: KeptMode): void {
    const { clock, hostMs } = this.#deps;
    this.#kept = kept;
    this.#follow(kept.isOver ? undefined : modeBegun(kept.mode, hostMs(), clock.monotonicMs()));
  }

  #follow(now: ModeInForce | undefined): void {
    const before = this.#inForce;
    this.#inForce = now;
    this.#lookAgain();
    if (now?.mode !== before?.mode) this.#deps.changed(now, before);
  }

  #lookAgain(): void {
    const { clock } = this.#deps;
    this.#endTimer?.();
    this.#endTimer = undefined;
    if (this.#inForce === undefined) return;
    const leftMs = this.#inForce.latestEndMs - clock.monotonicMs();
    this.#endTimer = clock.after(Math.max(1, Math.min(lookMs, Math.ceil(leftMs))), () => this.look());
  }

  #write(kept: KeptMode): void {
    this.#database
      .prepare(`INSERT INTO setting VALUES ('mode', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`)
      .run(new TextEncoder().encode(JSON.stringify(kept)));
  }
}

/** Throws where the disk fails. */
export function keptMode(database: Pick<Database, 'prepare'>): KeptMode | undefined {
  const row = database.prepare(`SELECT value FROM setting WHERE name = 'mode'`).get();
  return row && (JSON.parse(new TextDecoder().decode(row['value'] as Uint8Array)) as KeptMode);
}

import { no } from '@tiepoint/protocol';
import type { Failure, Result } from '@tiepoint/protocol';
import type { Acting, AuditEntry, NotRecorded } from '../store/store.ts';
import type { CommandKeys } from './command-keys.ts';
import { retireAfterMs, waitingFor } from './key-rotation.ts';
import type { Rotation, RotationInput } from './key-rotation.ts';

export type KeyStatus = Omit<Rotation, 'withoutIds'> & {
  /** Gateways that the rotation waits for, and those that it goes on without. */
  waitingForIds: readonly string[];
  withoutIds: readonly string[];
  /** It should be elsewhere: export it. */
  isRecoveryKeyHere: boolean;
};

/** What an operator may want: the next key, not to wait for the gateways that lack it, or not the next key after all. */
export const rotationWishes = ['announce', 'go-on', 'withdraw'] as const;
export type RotationWish = (typeof rotationWishes)[number];

type Parts = {
  keys: CommandKeys;
  /** Gateways in service, or to be, with the revision that their births told; undefined: not heard of yet. */
  gateways: () => readonly { gatewayId: string; trustRevision: number | undefined }[];
  appendAudit: (entry: AuditEntry) => NotRecorded;
  /** There is a new list to give to gateways. */
  onList: () => void;
  now: () => number;
};

type Asked =
  | Result<KeyStatus, 'not-recorded'>
  | Failure<'not-recorded'>
  | { ok: false; reason: 'conflict'; say: string };

/** Exchanges the command key as operators want it, and as gateways come to know the next one. What cannot be audited is not done. */
export class KeyDesk {
  readonly #parts: Parts;
  /** A step by time that failed is told once. */
  #failure: string | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  status(): KeyStatus {
    const { keys } = this.#parts;
    const { rotation } = keys;
    return {
      ...rotation,
      waitingForIds: rotation.phase === 'announced' ? waitingFor(rotation, this.#laggingIds()) : [],
      isRecoveryKeyHere: keys.isRecoveryKeyHere,
    };
  }

  ask(request: Acting & { wish: RotationWish; cause?: string }): Asked {
    const { wish, operator, identity, cause } = request;
    const { rotation } = this.#parts.keys;
    const wanted = wish === 'announce' ? 'settled' : 'announced';
    if (rotation.phase !== wanted) return { ok: false, reason: 'conflict', say: conflicts[rotation.phase] };
    const laggingIds = wish === 'go-on' ? this.#laggingIds() : [];
    const without = laggingIds.length === 0 ? '' : `: ${laggingIds.join(', ')}`;
    const audited = this.#parts.appendAudit({
      atMs: this.#parts.now(),
      who: operator,
      identity,
      action: 'command-key',
      ...(cause === undefined ? {} : { why: cause }),
      say: `${words[wish]}${without}`,
    });
    if (!audited.ok) return audited;
    try {
      if (wish === 'announce') this.#parts.keys.announce(this.#parts.now());
      else this.#step(wish === 'go-on' ? { kind: 'go-on', withoutIds: laggingIds } : { kind: 'withdraw' });
    } catch (error) {
      return no('not-recorded', wordsOf(error)) as Failure<'not-recorded'>;
    }
    this.#parts.onList();
    return { ok: true, value: this.status() };
  }

  /** Called about twice a second. Returns what is wrong, while it is. */
  tick(): string | undefined {
    const { keys, now } = this.#parts;
    const before = keys.rotation;
    if (before.phase === 'settled') return this.#disobeyed();
    const laggingIds = before.phase === 'announced' ? this.#laggingIds() : [];
    const isDue =
      before.phase === 'announced'
        ? waitingFor(before, laggingIds).length === 0
        : now() - before.sinceMs >= retireAfterMs;
    if (!isDue) return (this.#failure = undefined);
    const say =
      before.phase === 'announced'
        ? 'The next command key signs from here on'
        : 'The old command key is retired and erased';
    // Told once while it goes on failing; each try would be a row otherwise.
    const audited =
      this.#failure === undefined
        ? this.#parts.appendAudit({ atMs: now(), who: 'head-end', identity: 'system', action: 'command-key', say })
        : ({ ok: true, value: undefined } as const);
    if (!audited.ok) return audited.say;
    try {
      this.#step({ kind: 'time', laggingIds });
      this.#failure = undefined;
      this.#parts.onList();
    } catch (error) {
      this.#failure = wordsOf(error);
    }
    return this.#failure;
  }

  /** A backup of before a rotation was put back, most likely, or the keys were begun anew: nothing that is signed here counts at these gateways. */
  #disobeyed(): string | undefined {
    const { keys, gateways } = this.#parts;
    const others = gateways().filter(
      ({ trustRevision }) => trustRevision !== undefined && !keys.isObeyedAt(trustRevision),
    );
    const [first] = others;
    if (first === undefined) return undefined;
    const who = others.length === 1 ? first.gatewayId : `${others.length} gateways, ${first.gatewayId} among them,`;
    const isOld = others.some(({ trustRevision = 0 }) => trustRevision > keys.rotation.revision);
    return isOld
      ? `The command keys here are older than what ${who} obeys: was an old backup put back? Stop the head-end, and make the keys anew with the recovery key (keys recover FILE).`
      : `The command keys here were begun anew, and ${who} obeys those of before: enrol anew what is to be commanded.`;
  }

  #step(input: RotationInput): void {
    this.#parts.keys.step(input, this.#parts.now());
  }

  #laggingIds(): readonly string[] {
    const { revision } = this.#parts.keys.rotation;
    return this.#parts
      .gateways()
      .flatMap(({ gatewayId, trustRevision }) => ((trustRevision ?? 0) < revision ? [gatewayId] : []));
  }
}

const words: Readonly<Record<RotationWish, string>> = {
  announce: 'The next command key is announced',
  'go-on': 'The next command key is not held up by gateways that lack it',
  withdraw: 'The next command key is withdrawn',
};

const conflicts: Readonly<Record<Rotation['phase'], string>> = {
  settled: 'No command key is announced: announce one first.',
  announced: 'The next command key is announced already, and waits for gateways.',
  switched: 'The last rotation is not at its end: the old key is retired a quarter of an hour after the new one signs.',
};

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

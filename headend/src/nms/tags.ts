import { no, yes } from '@tiepoint/protocol';
import type { Failure, Result, Verdict } from '@tiepoint/protocol';
import type { Acting, AuditEntry, OperationsStore, Tag, TagRemoval } from '../store/store.ts';

/**
 * Lock-outs: while a device is tagged no command reaches it, whoever sends it. Only the owner lifts a tag; where the owner is away, two others
 * remove it (`tag-removals.ts`).
 */
export class Tags {
  readonly #store: Pick<OperationsStore, 'tags' | 'setTag' | 'liftTag' | 'appendAudit'>;
  readonly #onChange: (deviceKey: string) => void;
  readonly #tags = new Map<string, Tag>();

  constructor(
    store: Pick<OperationsStore, 'tags' | 'setTag' | 'liftTag' | 'appendAudit'>,
    onChange: (deviceKey: string) => void,
  ) {
    this.#store = store;
    this.#onChange = onChange;
  }

  load(): void {
    for (const tag of this.#store.tags()) this.#tags.set(tag.deviceKey, tag);
  }

  ofGateway(gatewayId: string): readonly Tag[] {
    return [...this.#tags.values()].filter(({ deviceKey }) => deviceKey.startsWith(`${gatewayId}.`));
  }

  of(deviceKey: string): Tag | undefined {
    return this.#tags.get(deviceKey);
  }

  /** Is it still this very tag? Fails with `precondition`. */
  stands(tag: Tag): Verdict {
    if (this.#tags.get(tag.deviceKey) === tag) return yes;
    return no('precondition', `${tag.owner} lifted or changed the tag meanwhile, and so can be reached: ask them.`);
  }

  /** The owner may change the cause; another's tag stays. Fails with `tagged` or `not-recorded`. */
  set(request: Acting & { deviceKey: string; cause: string }, nowMs: number): Result<Tag> {
    const { deviceKey, operator, cause } = request;
    const present = this.#tags.get(deviceKey);
    if (present !== undefined && present.owner !== operator) return this.#refused(present, request, nowMs);
    const tag: Tag = { deviceKey, owner: operator, cause, sinceMs: present?.sinceMs ?? nowMs };
    const recorded = this.#store.setTag(tag, entry('tag-set', request, nowMs, `Tagged: ${cause}`));
    if (!recorded.ok) return recorded;
    this.#tags.set(deviceKey, tag);
    this.#onChange(deviceKey);
    return { ok: true, value: tag };
  }

  /** A device without a tag is as it should be. Fails with `tagged` or `not-recorded`. */
  lift(request: TagChange, nowMs: number): Result<void> {
    const { deviceKey, operator } = request;
    const present = this.#tags.get(deviceKey);
    if (present === undefined) return { ok: true, value: undefined };
    if (present.owner !== operator) return this.#refused(present, request, nowMs);
    return this.#gone(present, entry('tag-lifted', request, nowMs, `Tag lifted (it said: ${present.cause})`));
  }

  /** Of another, by two: this tag and no other. Fails with `precondition` where it is another one by now, or `not-recorded`. */
  remove(removal: TagRemoval): Result<void> {
    const { tag, acting, cause, approver, approvedAtMs } = removal;
    const stands = this.stands(tag);
    if (!stands.ok) return stands;
    const say = `Tag of ${tag.owner} removed, approved by ${approver} (it said: ${tag.cause})`;
    const request = { ...acting, deviceKey: tag.deviceKey, cause };
    return this.#gone(tag, entry('tag-removed', request, approvedAtMs, say), removal);
  }

  #gone({ deviceKey }: Tag, audit: AuditEntry, removal?: TagRemoval): Result<void> {
    const recorded = this.#store.liftTag(deviceKey, audit, removal);
    if (!recorded.ok) return recorded;
    this.#tags.delete(deviceKey);
    this.#onChange(deviceKey);
    return recorded;
  }

  #refused({ owner, cause }: Tag, request: TagChange, nowMs: number): Failure {
    const say = `Tagged by ${owner} (${cause}): only they can change or lift the tag; where they are away, two others remove it.`;
    this.#store.appendAudit(entry('tag-refused', request, nowMs, say));
    return no('tagged', say);
  }
}

type TagChange = Acting & { deviceKey: string; cause?: string };

function entry(
  action: 'tag-set' | 'tag-lifted' | 'tag-removed' | 'tag-refused',
  { deviceKey, operator, identity, cause }: TagChange,
  nowMs: number,
  say: string,
): AuditEntry {
  const why = cause === undefined ? {} : { why: cause };
  return { atMs: nowMs, who: operator, identity, action, subject: deviceKey, ...why, say };
}

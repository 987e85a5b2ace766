import { no } from '@tiepoint/protocol';
import type { Result, Verdict } from '@tiepoint/protocol';
import type { Acting, AuditEntry, EventEntry, NotRecorded, OperationsStore, Tag, TagRemoval } from '../store/store.ts';
import { splitDeviceKey } from './device-key.ts';
import type { Tags } from './tags.ts';

export type TagRemovalParts = {
  tags: Pick<Tags, 'of' | 'remove' | 'stands'>;
  store: Pick<OperationsStore, 'tagRemovals' | 'forgetTagRemoval'>;
  /** May this account remove tags of others there, by what it may now? */
  rights: (operator: string, deviceKey: string) => Verdict;
  isSignedIn: (operator: string) => boolean;
  onEvent: (event: EventEntry) => void;
  now: () => number;
};

export const whyRemovalTakesTwo =
  'Whoever set the tag may rely on it with their life: it is removed only after it was verified that they are not at the site and everything ' +
  'reasonable was done to reach them, which a second operator approves. They are told before they work again.';

/**
 * The tag of somebody who is away, removed by two others, as 29 CFR 1910.147(e)(3) and 1910.269 ask for: one says how it was verified that the owner
 * is not at the site and how they were tried to be reached, a second one approves it (`approvals.ts`), and the owner is told until they say that they
 * know, over restarts and however long they are away: they are to know before they work there again.
 */
export class TagRemovals {
  readonly #parts: TagRemovalParts;

  constructor(parts: TagRemovalParts) {
    this.#parts = parts;
  }

  /** The tag that this operator may ask the removal of. */
  find(deviceKey: string, operator: string): Result<Tag> | { ok: false; reason: 'conflict'; say: string } {
    const tag = this.#parts.tags.of(deviceKey);
    if (tag === undefined) return { ok: false, reason: 'conflict', say: `${deviceKey} is not tagged.` };
    const may = this.may(operator, tag);
    return may.ok ? { ok: true, value: tag } : may;
  }

  /** May this operator be one of the two? */
  may(operator: string, { owner, deviceKey }: Tag): Verdict {
    if (operator === owner) return no('wrong-operator', 'This is your own tag: lift it when your work is done.');
    return this.#parts.rights(operator, deviceKey);
  }

  /** Did the owner leave it as it was when it was asked about? */
  stands(tag: Tag): Verdict {
    return this.#parts.tags.stands(tag);
  }

  /** What both are shown. */
  impact({ owner, cause, sinceMs }: Tag): readonly string[] {
    return [
      `The tag of ${owner} (${cause}), set ${new Date(sinceMs).toISOString().slice(0, 16)}Z, is lifted: commands reach the device again.`,
      ...(this.#parts.isSignedIn(owner) ? [`${owner} is signed in at this head-end: reach them there first.`] : []),
    ];
  }

  /** Judged again: the first of the two may have lost the right, and the owner may have come back. */
  remove(removal: TagRemoval): Result<void> {
    const { onEvent, tags, now } = this.#parts;
    const { tag, acting, approver } = removal;
    const may = this.may(acting.operator, tag);
    if (!may.ok) return may;
    const removed = tags.remove(removal);
    if (!removed.ok) return removed;
    const { deviceKey, owner, cause } = tag;
    const address = splitDeviceKey(deviceKey);
    onEvent({
      atMs: now(),
      ...(address === undefined ? {} : { gatewayId: address.gatewayId }),
      deviceKey,
      source: 'head-end',
      kind: 'tag-removed',
      late: false,
      say: `Tag of ${owner} (${cause}) removed by ${acting.operator}, approved by ${approver}. ${removal.cause}`,
    });
    return removed;
  }

  /** Of which their owners have not said yet that they know. */
  unknown(): readonly TagRemoval[] {
    return this.#parts.store.tagRemovals();
  }

  /** The owner knows. */
  known(id: string, { deviceKey, owner }: Tag, by: Acting): NotRecorded {
    const audit: AuditEntry = {
      atMs: this.#parts.now(),
      who: by.operator,
      identity: by.identity,
      action: 'tag-removal-known',
      subject: deviceKey,
      say: `${owner} knows that their tag was removed`,
    };
    return this.#parts.store.forgetTagRemoval(id, audit);
  }
}

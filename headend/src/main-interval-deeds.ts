import { askMachineDoor } from './main-machine-door.ts';
import { SqliteStore } from './store/sqlite-store.ts';
import type { AuditEntry, NotRecorded, Store } from './store/store.ts';

const deeds = [
  'intervals-imported',
  'intervals-estimated',
  'intervals-forgotten',
  'retention-set',
  'intervals-edited',
  'interval-edit-taken-back',
] as const;
/** What somebody does to intervals by the command line. */
export type IntervalDeed = Pick<AuditEntry, 'atMs' | 'who' | 'say' | 'subject' | 'why'> & {
  readonly action: (typeof deeds)[number];
};

/** In the audit before it is done: by the head-end that runs on this data, which alone may write there; where none runs, here. */
export async function recordDeed(data: string, deed: IntervalDeed): Promise<NotRecorded> {
  const answer = await askMachineDoor<NotRecorded>(data, { to: 'intervals', request: deed });
  if (answer !== undefined) return answer;
  const store = new SqliteStore(data);
  store.start();
  try {
    return store.operations.appendAudit({ ...deed, identity: 'system' });
  } finally {
    store.stop();
  }
}

/** The other side of the door. Throws Error for what is no such deed. */
export function recordDeedByDoor({ operations }: Pick<Store, 'operations'>): (request: unknown) => NotRecorded {
  return (request) => {
    const { atMs, who, action, say, subject, why } = request as IntervalDeed;
    if (!deeds.includes(action)) throw new Error('that is nothing that is done to intervals');
    return operations.appendAudit({
      atMs: Number(atMs),
      who: String(who),
      action,
      say: String(say),
      identity: 'system',
      ...(subject === undefined ? {} : { subject: String(subject) }),
      ...(why === undefined ? {} : { why: String(why) }),
    });
  };
}

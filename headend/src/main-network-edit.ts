import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { askMachineDoor } from './main-machine-door.ts';
import type { LiveNetwork } from './network/live-network.ts';
import type { ElementChange } from './network/model/network-change.ts';
import { editRecord } from './network/network-register.ts';
import { SqliteStore } from './store/sqlite-store.ts';
import type { AuditEntry, NotRecorded } from './store/store.ts';

/** What is recorded of an import: how the network differs from an instant on, by whom and from which file. */
export type NetworkEditAsked = {
  readonly changes: readonly ElementChange[];
  readonly atMs: number;
  readonly nowMs: number;
  readonly by: string;
  readonly cause: string;
  readonly say: string;
};

const fileName = /^network-edit-[0-9a-f-]{36}\.json$/;

/** By the head-end that runs on this data, which alone may write there; where none runs, here. */
export async function recordNetworkEdit(data: string, asked: NetworkEditAsked): Promise<NotRecorded> {
  const file = `network-edit-${randomUUID()}.json`;
  const path = join(data, 'keys', file);
  mkdirSync(join(data, 'keys'), { recursive: true, mode: 0o700 });
  // A network is longer than what goes through the door; both sides see this folder, and nobody else does.
  writeFileSync(path, JSON.stringify(asked), { mode: 0o600 });
  try {
    const answer = await askMachineDoor<NotRecorded>(data, { to: 'network', request: { file } });
    return answer ?? recordHere(data, asked);
  } finally {
    rmSync(path, { force: true });
  }
}

/** The other side of the door. Throws Error where there is no such file. */
export function networkEditByDoor(data: string, network: LiveNetwork): (request: unknown) => NotRecorded {
  return (request) => {
    const { file } = request as { file?: unknown };
    if (typeof file !== 'string' || !fileName.test(file)) throw new Error('that is no edit of a network');
    const asked = JSON.parse(readFileSync(join(data, 'keys', file), 'utf8')) as NetworkEditAsked;
    const { by, cause, nowMs } = asked;
    return network.recordEdit(asked, { recordedAtMs: nowMs, who: by, cause }, auditOf(asked));
  };
}

function recordHere(data: string, asked: NetworkEditAsked): NotRecorded {
  const { changes, atMs, nowMs, by, cause } = asked;
  const store = new SqliteStore(data);
  store.start();
  try {
    const record = editRecord(changes, atMs, { recordedAtMs: nowMs, who: by, cause });
    return store.network.append(record, auditOf(asked));
  } finally {
    store.stop();
  }
}

function auditOf({ nowMs, by, say }: NetworkEditAsked): AuditEntry {
  return { atMs: nowMs, who: by, identity: 'system', action: 'network-edited', subject: 'network', say };
}

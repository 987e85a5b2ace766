import type { NetworkEvent, SwitchOperation } from './connectivity/network-history.ts';
import { openToRead } from '../store/database.ts';
import { networkReader } from '../store/network-tables.ts';
import { operationsId } from '../store/sqlite-store.ts';
import type { NetworkChangeRecord, NetworkStore, StoredElement, StoredNetworkChange } from '../store/network-store.ts';
import { NetworkHistory } from './connectivity/network-history.ts';
import type { ElementChange } from './model/network-change.ts';
import type { ElementGroup, NetworkElement } from './model/network.ts';
import { groupOf } from './model/network.ts';
import { isPhase } from './model/phase.ts';

/** Who recorded a change, when, and for what reason. */
export type Recording = Pick<NetworkChangeRecord, 'recordedAtMs' | 'who' | 'cause'>;

/** The history that a store holds. What the store gave back was written from this model, so its shape is trusted. */
export function storedHistory(store: Pick<NetworkStore, 'changes'>): NetworkHistory {
  const events: NetworkEvent[] = [];
  for (const change of store.changes()) events.push(eventOf(change));
  return new NetworkHistory(events);
}

/** The same of a database that others may be writing to. Throws Error where there is none. */
export function historyIn(path: string): NetworkHistory {
  const db = openToRead(path, operationsId);
  try {
    return storedHistory(networkReader(db));
  } finally {
    db.close();
  }
}

export function eventOf(change: StoredNetworkChange): NetworkEvent {
  if ('elements' in change) return { kind: 'edit', atMs: change.atMs, changes: change.elements.map(changeOf) };
  const { switchId, phases, open } = change.switched;
  const known = phases?.filter(isPhase);
  return { kind: 'switched', atMs: change.atMs, switchId, open, ...(known === undefined ? {} : { phases: known }) };
}

function changeOf({ part, id, body }: StoredElement): ElementChange {
  return body === undefined ? { remove: { group: part as ElementGroup, id } } : { put: body as NetworkElement };
}

export function editRecord(changes: readonly ElementChange[], atMs: number, recording: Recording): NetworkChangeRecord {
  // Of several changes of one element in one edit the last one counts.
  const elements = new Map<string, StoredElement>();
  for (const change of changes) {
    const element =
      'put' in change
        ? {
            part: change.put.kind === 'Network' ? 'header' : groupOf(change.put.kind),
            id: change.put.id,
            body: change.put,
          }
        : { part: change.remove.group, id: change.remove.id, body: undefined };
    elements.set(`${element.part}\n${element.id}`, element);
  }
  return { ...recording, atMs, elements: [...elements.values()] };
}

export function operationRecord(
  { atMs, switchId, phases, open }: SwitchOperation,
  recording: Recording,
): NetworkChangeRecord {
  return { ...recording, atMs, switched: { switchId, open, ...(phases === undefined ? {} : { phases }) } };
}

import { changesBetween } from '@tiepoint/headend/network/model/network-change.ts';
import { emptyNetwork } from '@tiepoint/headend/network/model/network-draft.ts';
import { editRecord } from '@tiepoint/headend/network/network-register.ts';
import { SqliteStore } from '@tiepoint/headend/store/sqlite-store.ts';
import { demonstrationNetwork } from '../network/demonstration-network.ts';

/** Long before anything was measured there, so that every hour finds its topology. */
const drawnAtMs = Date.UTC(2020, 0, 1);
const who = 'npm start';

/** The demonstration town into the store of a head-end that does not run yet; nothing where it has a network. Returns what there is to say. */
export function layTown(data: string, nowMs: number): string | undefined {
  const store = new SqliteStore(data);
  store.start();
  try {
    for (const _ of store.network.changes()) return undefined;
    const town = demonstrationNetwork();
    const say = `The demonstration town ${town.header.name}: ${town.circuits.size} circuits, ${town.usagePoints.size} service points`;
    const recorded = store.network.append(
      editRecord(changesBetween(emptyNetwork(), town), drawnAtMs, { recordedAtMs: nowMs, who, cause: 'demonstration' }),
      { atMs: nowMs, who, identity: 'system', action: 'network-edited', subject: 'network', say },
    );
    return recorded.ok ? `${say}.` : `The demonstration town is not there: ${recorded.say}`;
  } finally {
    store.stop();
  }
}

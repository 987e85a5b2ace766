import type { DatabaseSync } from 'node:sqlite';
import { isFinal } from '@tiepoint/protocol';
import { auditAppender, auditReader } from './audit-tables.ts';
import type { AppendAudit } from './audit-tables.ts';
import { inTransaction, notRecorded } from './database.ts';
import { conditions, fromJson } from './sqlite-rows.ts';
import type { Row } from './sqlite-rows.ts';
import type {
  CommandQuery,
  CommandRecord,
  NotRecorded,
  OperationsStore,
  FleetModeOrder,
  Tag,
  TagRemoval,
  TransitionRecord,
  WantedConfiguration,
} from './store.ts';

/** The operations of the store over one open database. `path` is for what people are told. */
export function operationsTables(db: DatabaseSync, path: string, onWrite: OnWrite = () => undefined): OperationsStore {
  const recorded = recorder(db, path, onWrite);
  const appendAudit = auditAppender(db);
  return {
    ...commandTables(db, recorded, appendAudit),
    ...doubtReaders(db),
    appendAudit: (entry) => recorded(() => appendAudit(entry)),
    ...auditReader(db),
    ...tagTable(db, recorded, appendAudit),
    ...fleetModeTable(db, recorded, appendAudit),
    ...configurationTable(db, recorded, appendAudit),
  };
}

type Recorded = (work: () => void) => NotRecorded;
/** Hears of every write, and with what error it failed. */
export type OnWrite = (error?: unknown) => void;

/** All of `work` on the disk, or nothing and why. */
export function recorder(db: DatabaseSync, path: string, onWrite: OnWrite): Recorded {
  return (work) => {
    try {
      inTransaction(db, work);
      onWrite();
      return { ok: true, value: undefined };
    } catch (error) {
      onWrite(error);
      return notRecorded(path, error);
    }
  };
}

type DoubtPart = Pick<OperationsStore, 'unconfirmedKeys' | 'unconfirmedAt'>;
type CommandPart = Pick<
  OperationsStore,
  | 'recordStep'
  | 'nextCommandSeq'
  | 'command'
  | 'commandByIdempotencyKey'
  | 'transitions'
  | 'unfinishedCommands'
  | 'commands'
>;

function commandTables(db: DatabaseSync, recorded: Recorded, appendAudit: AppendAudit): CommandPart {
  const upsert = db.prepare(
    `INSERT INTO command (id, target_key, route_key, operator, idempotency_key, state, final, requested_at_ms, body)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET state = excluded.state, final = excluded.final, body = excluded.body`,
  );
  const addTransition = db.prepare(
    'INSERT INTO command_transition (command_id, ordinal, state, at_ms, body) VALUES (?, ?, ?, ?, ?)',
  );
  const byId = db.prepare('SELECT body FROM command WHERE id = ?');
  const byKey = db.prepare('SELECT body FROM command WHERE operator = ? AND idempotency_key = ?');
  const transitionsOf = db.prepare('SELECT body FROM command_transition WHERE command_id = ? ORDER BY ordinal');
  const unfinished = db.prepare('SELECT body FROM command WHERE final = 0 ORDER BY requested_at_ms');
  const takeSeq = db.prepare(
    `INSERT INTO command_sequence (device_key, last_seq) VALUES (?1, ?2)
     ON CONFLICT (device_key) DO UPDATE SET last_seq = max(last_seq + 1, ?2) RETURNING last_seq`,
  );
  const one = (row: Row | undefined): CommandRecord | undefined =>
    row === undefined ? undefined : fromJson<CommandRecord>(row['body']);
  return {
    recordStep: (command, transition, audit) =>
      recorded(() => {
        const { id, targetKey, routeKey, operator, idempotencyKey, state, requestedAtMs } = command;
        const final = isFinal(state) ? 1 : 0;
        upsert.run(
          id,
          targetKey,
          routeKey,
          operator,
          idempotencyKey ?? null,
          state,
          final,
          requestedAtMs,
          JSON.stringify(command),
        );
        addTransition.run(
          transition.commandId,
          transition.ordinal,
          transition.state,
          transition.atMs,
          JSON.stringify(transition),
        );
        appendAudit(audit);
      }),
    nextCommandSeq: (deviceKey, atLeast) => {
      let seq = 0;
      const taken = recorded(() => (seq = Number(takeSeq.get(deviceKey, atLeast)?.['last_seq'])));
      return taken.ok ? { ok: true, value: seq } : taken;
    },
    command: (id) => one(byId.get(id)),
    commandByIdempotencyKey: (operator, key) => one(byKey.get(operator, key)),
    transitions: (commandId) => transitionsOf.all(commandId).map((row) => fromJson<TransitionRecord>(row['body'])),
    unfinishedCommands: () => unfinished.all().map((row) => fromJson<CommandRecord>(row['body'])),
    commands: (query) => commandRows(db, query).map((row) => fromJson<CommandRecord>(row['body'])),
  };
}

function doubtReaders(db: DatabaseSync): DoubtPart {
  const keys = db.prepare(
    `SELECT target_key AS key FROM command WHERE state = 'unconfirmed'
     UNION SELECT route_key FROM command WHERE state = 'unconfirmed'`,
  );
  const settled = db.prepare(
    `SELECT body FROM command WHERE (target_key = ?1 OR route_key = ?1) AND state IN ('confirmed', 'unconfirmed')
     ORDER BY requested_at_ms DESC, rowid DESC LIMIT 1`,
  );
  const taggedSince = db.prepare("SELECT 1 FROM audit WHERE subject = ? AND action = 'tag-set' AND at_ms >= ? LIMIT 1");
  return {
    unconfirmedKeys: () => keys.all().map((row) => String(row['key'])),
    unconfirmedAt: (deviceKey) => {
      const row = settled.get(deviceKey);
      const command = row === undefined ? undefined : fromJson<CommandRecord>(row['body']);
      if (command?.state !== 'unconfirmed') return undefined;
      return taggedSince.get(deviceKey, command.updatedAtMs) === undefined ? command : undefined;
    },
  };
}

function commandRows(db: DatabaseSync, { deviceKey, active, beforeMs, limit }: CommandQuery): readonly Row[] {
  const { where, values } = conditions([
    ['(target_key = ? OR route_key = ?)', deviceKey === undefined ? undefined : [deviceKey, deviceKey]],
    ['final = ?', active === undefined ? undefined : [active ? 0 : 1]],
    ['requested_at_ms < ?', beforeMs === undefined ? undefined : [beforeMs]],
  ]);
  return db
    .prepare(`SELECT body FROM command ${where} ORDER BY requested_at_ms DESC, id DESC LIMIT ?`)
    .all(...values, limit);
}

function tagTable(
  db: DatabaseSync,
  recorded: Recorded,
  appendAudit: AppendAudit,
): Pick<OperationsStore, 'tags' | 'setTag' | 'liftTag' | 'tagRemovals' | 'forgetTagRemoval'> {
  const all = db.prepare('SELECT * FROM tag ORDER BY device_key');
  const set = db.prepare(
    'INSERT INTO tag (device_key, owner, cause, since_ms) VALUES (?, ?, ?, ?) ON CONFLICT (device_key) DO UPDATE SET cause = excluded.cause WHERE owner = excluded.owner',
  );
  const lift = db.prepare('DELETE FROM tag WHERE device_key = ?');
  const removals = db.prepare('SELECT body FROM tag_removal ORDER BY at_ms, id');
  const keep = db.prepare('INSERT INTO tag_removal (id, at_ms, body) VALUES (?, ?, ?)');
  const forget = db.prepare('DELETE FROM tag_removal WHERE id = ?');
  return {
    tags: () =>
      all.all().map((row): Tag => ({
        deviceKey: String(row['device_key']),
        owner: String(row['owner']),
        cause: String(row['cause']),
        sinceMs: Number(row['since_ms']),
      })),
    setTag: ({ deviceKey, owner, cause, sinceMs }, audit) =>
      recorded(() => {
        set.run(deviceKey, owner, cause, sinceMs);
        appendAudit(audit);
      }),
    liftTag: (deviceKey, audit, removal) =>
      recorded(() => {
        lift.run(deviceKey);
        if (removal !== undefined) keep.run(removal.id, removal.approvedAtMs, JSON.stringify(removal));
        appendAudit(audit);
      }),
    tagRemovals: () => removals.all().map((row) => fromJson<TagRemoval>(row['body'])),
    forgetTagRemoval: (id, audit) =>
      recorded(() => {
        forget.run(id);
        appendAudit(audit);
      }),
  };
}

/** So many orders that are over are kept to be shown; the audit has all. */
const shownModes = 200;

function fleetModeTable(
  db: DatabaseSync,
  recorded: Recorded,
  appendAudit: AppendAudit,
): Pick<OperationsStore, 'fleetModes' | 'putFleetMode'> {
  const all = db.prepare('SELECT body FROM fleet_mode ORDER BY from_ms DESC, id LIMIT ?');
  const put = db.prepare('INSERT OR REPLACE INTO fleet_mode (id, from_ms, body) VALUES (?, ?, ?)');
  return {
    fleetModes: () => all.all(shownModes).map((row) => fromJson<FleetModeOrder>(row['body'])),
    putFleetMode: (order, audit) =>
      recorded(() => {
        put.run(order.id, order.fromMs, JSON.stringify(order));
        appendAudit(audit);
      }),
  };
}

function configurationTable(
  db: DatabaseSync,
  recorded: Recorded,
  appendAudit: AppendAudit,
): Pick<OperationsStore, 'configurations' | 'setConfiguration'> {
  const all = db.prepare('SELECT * FROM configuration ORDER BY gateway_id');
  const set = db.prepare(
    'INSERT OR REPLACE INTO configuration (gateway_id, revision, devices, set_at_ms, set_by) VALUES (?, ?, ?, ?, ?)',
  );
  return {
    configurations: () =>
      all.all().map((row): WantedConfiguration => ({
        gatewayId: String(row['gateway_id']),
        revision: Number(row['revision']),
        devices: fromJson<WantedConfiguration['devices']>(row['devices']),
        setAtMs: Number(row['set_at_ms']),
        setBy: String(row['set_by']),
      })),
    setConfiguration: ({ gatewayId, revision, devices, setAtMs, setBy }, audit) =>
      recorded(() => {
        set.run(gatewayId, revision, JSON.stringify(devices), setAtMs, setBy);
        appendAudit(audit);
      }),
  };
}

import type { DatabaseSync } from 'node:sqlite';
import { decodeStatus, encodeStatus } from '@tiepoint/protocol';
import type { DeviceBirth } from '@tiepoint/protocol';
import { inTransaction, notRecorded } from './database.ts';
import { deviceNumbers } from './device-numbers.ts';
import type { DeviceNumbers } from './device-numbers.ts';
import { isDamage } from './disk-fault.ts';
import type { Retention } from './retention.ts';
import { bytesOf, conditions, fromJson } from './sqlite-rows.ts';
import { statusHistory } from './status-history.ts';
import type {
  DeviceRecord,
  EventEntry,
  EventQuery,
  EventRecord,
  GatewayRecord,
  TelemetryBatch,
  TelemetryStore,
} from './store.ts';

/** The telemetry of the store over one open database. `path` is for what people are told. */
export function telemetryTables(
  db: DatabaseSync,
  path: string,
  retention: Retention,
  onFault: (error: unknown) => void = () => undefined,
): TelemetryStore {
  const numbers = deviceNumbers(db);
  const history = statusHistory(db, numbers, retention);
  const writeRegistry = registryWriter(db, numbers);
  const writeEvent = eventWriter(db);
  return {
    write: (batch) => {
      try {
        return inTransaction(db, () => {
          writeRegistry(batch);
          const events = batch.events.flatMap((entry) => writeEvent(entry) ?? []);
          return { ok: true as const, value: { ...history.insert(batch.samples), events } };
        });
      } catch (error) {
        numbers.forget();
        if (isDamage(error)) throw error;
        onFault(error);
        return notRecorded(path, error);
      }
    },
    gateways: () =>
      db
        .prepare('SELECT body FROM gateway ORDER BY id')
        .all()
        .map((row) => fromJson<GatewayRecord>(row['body'])),
    devices: () => deviceRecords(db),
    events: (query) => eventRecords(db, query),
    history: (query) => history.read(query),
    rollUp: (nowMs, maxDevices) => {
      const more = inTransaction(db, () => history.rollUp(nowMs, maxDevices));
      pruneEvents(db, nowMs - retention.eventsMs, retention.maxEvents);
      return more;
    },
  };
}

function registryWriter(db: DatabaseSync, numbers: DeviceNumbers): (batch: TelemetryBatch) => void {
  const gateway = db.prepare('INSERT OR REPLACE INTO gateway (id, body) VALUES (?, ?)');
  const birth = db.prepare('UPDATE device SET birth = ?, born_at_ms = ?, removed = 0 WHERE number = ?');
  const removed = db.prepare('UPDATE device SET removed = 1 WHERE number = ?');
  const status = db.prepare('INSERT OR REPLACE INTO last_status (device, received_at_ms, status) VALUES (?, ?, ?)');
  return (batch) => {
    for (const each of batch.gateways) gateway.run(each.gatewayId, JSON.stringify(each));
    for (const each of batch.devices) birth.run(JSON.stringify(each.birth), each.bornAtMs, numbers.of(each.deviceKey));
    for (const key of batch.removedDevices) removed.run(numbers.of(key));
    for (const each of batch.lastStatuses)
      status.run(numbers.of(each.deviceKey), each.receivedAtMs, encodeStatus(each.status).bytes);
  };
}

function deviceRecords(db: DatabaseSync): readonly DeviceRecord[] {
  const rows = db
    .prepare(
      `SELECT device_key, birth, born_at_ms, received_at_ms, status FROM device LEFT JOIN last_status ON device = number
       WHERE birth IS NOT NULL AND removed = 0 ORDER BY number`,
    )
    .all();
  return rows.map((row) => {
    const status = row['status'] === null ? undefined : decodeStatus(bytesOf(row['status']));
    return {
      deviceKey: String(row['device_key']),
      birth: fromJson<DeviceBirth>(row['birth']),
      bornAtMs: Number(row['born_at_ms']),
      ...(status?.ok ? { lastStatus: { status: status.value, receivedAtMs: Number(row['received_at_ms']) } } : {}),
    };
  });
}

function eventWriter(db: DatabaseSync): (entry: EventEntry) => EventRecord | undefined {
  const insert = db.prepare(
    `INSERT INTO event (at_ms, gateway_id, device_key, session, message_seq, body) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT DO NOTHING RETURNING seq`,
  );
  return (entry) => {
    const { atMs, gatewayId, deviceKey, detail } = entry;
    const row = insert.get(
      atMs,
      gatewayId ?? '',
      deviceKey ?? null,
      detail?.session ?? null,
      detail?.seq ?? null,
      JSON.stringify(entry),
    );
    return row === undefined ? undefined : { ...entry, seq: Number(row['seq']) };
  };
}

function eventRecords(db: DatabaseSync, { deviceKey, beforeSeq, limit }: EventQuery): readonly EventRecord[] {
  const { where, values } = conditions([
    ['device_key = ?', deviceKey === undefined ? undefined : [deviceKey]],
    ['seq < ?', beforeSeq === undefined ? undefined : [beforeSeq]],
  ]);
  const rows = db.prepare(`SELECT seq, body FROM event ${where} ORDER BY seq DESC LIMIT ?`).all(...values, limit);
  return rows.map((row) => ({ ...fromJson<EventEntry>(row['body']), seq: Number(row['seq']) }));
}

/** At most 1,000 a call, so that it never holds up the rest. */
function pruneEvents(db: DatabaseSync, beforeMs: number, maxEvents: number): void {
  const first = db.prepare('SELECT seq, at_ms FROM event ORDER BY seq LIMIT 1').get();
  const last = db.prepare('SELECT seq FROM event ORDER BY seq DESC LIMIT 1').get();
  if (first === undefined || last === undefined) return;
  const keepFrom = Number(last['seq']) - maxEvents;
  if (Number(first['at_ms']) >= beforeMs && Number(first['seq']) > keepFrom) return;
  db.prepare(
    'DELETE FROM event WHERE seq IN (SELECT seq FROM event WHERE at_ms < ? OR seq <= ? ORDER BY seq LIMIT 1000)',
  ).run(beforeMs, keepFrom);
}

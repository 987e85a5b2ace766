import type { DatabaseSync } from 'node:sqlite';
import { chainAudit } from './audit-tables.ts';

/** One step of a schema. Steps are never edited once released: a change is a new step at the end. `work` is of the same transaction. */
export type Migration = { readonly version: number; readonly sql: string; readonly work?: (db: DatabaseSync) => void };

export const operationsMigrations: readonly Migration[] = [
  {
    version: 1,
    sql: `
      CREATE TABLE command (
        id TEXT PRIMARY KEY, target_key TEXT NOT NULL, route_key TEXT NOT NULL, operator TEXT NOT NULL,
        idempotency_key TEXT, state TEXT NOT NULL, final INTEGER NOT NULL, requested_at_ms INTEGER NOT NULL,
        body TEXT NOT NULL
      ) STRICT;
      CREATE INDEX command_unfinished ON command (requested_at_ms) WHERE final = 0;
      CREATE INDEX command_by_time ON command (requested_at_ms);
      CREATE INDEX command_by_target ON command (target_key, requested_at_ms);
      CREATE INDEX command_by_route ON command (route_key, requested_at_ms);
      CREATE UNIQUE INDEX command_idempotency ON command (operator, idempotency_key) WHERE idempotency_key IS NOT NULL;

      CREATE TABLE command_transition (
        command_id TEXT NOT NULL REFERENCES command (id), ordinal INTEGER NOT NULL, state TEXT NOT NULL,
        at_ms INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (command_id, ordinal)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE command_sequence (device_key TEXT PRIMARY KEY, last_seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;

      CREATE TABLE audit (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, who TEXT NOT NULL, identity TEXT NOT NULL,
        action TEXT NOT NULL, subject TEXT, command_id TEXT, why TEXT, say TEXT NOT NULL
      ) STRICT;
      CREATE INDEX audit_by_subject ON audit (subject, seq);
      CREATE INDEX audit_by_who ON audit (who, seq);
      CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is only appended to'); END;
      CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is only appended to'); END;

      CREATE TABLE tag (
        device_key TEXT PRIMARY KEY, owner TEXT NOT NULL, cause TEXT NOT NULL, since_ms INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    version: 2,
    sql: `
      CREATE TABLE configuration (
        gateway_id TEXT PRIMARY KEY, revision INTEGER NOT NULL, devices TEXT NOT NULL, set_at_ms INTEGER NOT NULL,
        set_by TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    version: 3,
    sql: `
      -- Sites, ordered devices, contracts, identities of gateways, acceptances, enrolment tokens, profile files.
      CREATE TABLE provisioning (
        kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, id)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE report (
        id TEXT PRIMARY KEY, site_id TEXT NOT NULL, received_at_ms INTEGER NOT NULL, body TEXT NOT NULL
      ) STRICT;
      CREATE INDEX report_by_site ON report (site_id, received_at_ms);
    `,
  },
  {
    version: 4,
    sql: `
      DROP TRIGGER audit_stays;
      ALTER TABLE audit ADD COLUMN hash BLOB NOT NULL DEFAULT x'';
    `,
    work: (db) => {
      chainAudit(db);
      db.exec(
        "CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is only appended to'); END;",
      );
    },
  },
  {
    version: 5,
    sql: `
      -- Accounts, sessions, bearer tokens.
      CREATE TABLE people (
        kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, id)
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    version: 6,
    sql: `
      -- The network through time: edits with the elements that they wrote or removed (no body), and operations of switches.
      CREATE TABLE network_change (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, recorded_at_ms INTEGER NOT NULL, who TEXT NOT NULL,
        cause TEXT NOT NULL, switched TEXT
      ) STRICT;
      CREATE TABLE network_element (
        change_seq INTEGER NOT NULL REFERENCES network_change (seq), part TEXT NOT NULL, id TEXT NOT NULL, body TEXT,
        PRIMARY KEY (change_seq, part, id)
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    version: 7,
    sql: `
      CREATE TABLE fleet_mode (id TEXT PRIMARY KEY, from_ms INTEGER NOT NULL, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
    `,
  },
  {
    version: 8,
    sql: `
      -- Until the owners of these tags know.
      CREATE TABLE tag_removal (id TEXT PRIMARY KEY, at_ms INTEGER NOT NULL, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
    `,
  },
];

export const telemetryMigrations: readonly Migration[] = [
  {
    version: 1,
    sql: `
      CREATE TABLE gateway (id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
      CREATE TABLE device (
        number INTEGER PRIMARY KEY, device_key TEXT NOT NULL UNIQUE, birth TEXT, born_at_ms INTEGER, removed INTEGER NOT NULL DEFAULT 0
      ) STRICT;
      CREATE TABLE last_status (
        device INTEGER PRIMARY KEY REFERENCES device (number), received_at_ms INTEGER NOT NULL, status BLOB NOT NULL
      ) STRICT;
      CREATE TABLE event (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, gateway_id TEXT NOT NULL, device_key TEXT,
        session INTEGER, message_seq INTEGER, body TEXT NOT NULL
      ) STRICT;
      CREATE INDEX event_by_device ON event (device_key, seq);
      CREATE UNIQUE INDEX event_once ON event (device_key, session, message_seq) WHERE session IS NOT NULL;
    `,
  },
  {
    version: 2,
    sql: `
      CREATE TABLE sample (
        device INTEGER NOT NULL, session INTEGER NOT NULL, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL, status BLOB NOT NULL,
        PRIMARY KEY (device, session, seq)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX sample_by_time ON sample (device, at_ms);
      CREATE TABLE minute (
        device INTEGER NOT NULL, at_ms INTEGER NOT NULL, bucket BLOB NOT NULL, PRIMARY KEY (device, at_ms)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE quarter (
        device INTEGER NOT NULL, at_ms INTEGER NOT NULL, bucket BLOB NOT NULL, PRIMARY KEY (device, at_ms)
      ) STRICT, WITHOUT ROWID;
      -- What was a sample once: so that history told again is not counted again after its raw sample is gone.
      CREATE TABLE past_sample (
        device INTEGER NOT NULL, session INTEGER NOT NULL, ranges TEXT NOT NULL, pruned_at_ms INTEGER NOT NULL,
        PRIMARY KEY (device, session)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE roll_up (one INTEGER PRIMARY KEY CHECK (one = 1), done_to_ms INTEGER NOT NULL) STRICT;
    `,
  },
];

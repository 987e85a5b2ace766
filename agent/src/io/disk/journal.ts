import { acknowledgement, command } from '@tiepoint/protocol';
import type { Acknowledgement, Command, CommandState } from '@tiepoint/protocol';
import type { Database, Statement } from './gateway-database.ts';
import { inTransaction } from './transaction.ts';

export type JournalEntry = {
  /** The device that it came to. */
  readonly deviceId: string;
  readonly command: Command;
  readonly state: CommandState;
  readonly ordinal: number;
};

const keptPerGateway = 5_000;

/**
 * What became of each command, written before the device is. It is the gateway's memory over crashes: a command in it is never
 * executed again, and its acknowledgements are sent until the broker has them. Every method throws where the disk fails;
 * callers then refuse to write to the device.
 */
export class Journal {
  readonly #database: Database;
  readonly #statements: { readonly [K in keyof typeof sql]: Statement };

  constructor(database: Database) {
    this.#database = database;
    this.#statements = Object.fromEntries(
      Object.entries(sql).map(([name, text]) => [name, database.prepare(text)]),
    ) as {
      [K in keyof typeof sql]: Statement;
    };
  }

  find(commandId: string): JournalEntry | undefined {
    return entryOf(this.#statements.find.get(commandId));
  }

  /** Highest sequence ever taken from the head-end for this device; survives the pruning of entries. */
  lastSequence(deviceId: string): number | undefined {
    const row = this.#statements.lastSequence.get(deviceId);
    return row === undefined ? undefined : Number(row['seq']);
  }

  /**
   * Takes a command in under the device that it came to: from here on its id is spent, and its sequence too where it is
   * accepted. One that is refused spends none, so that a stray command with a huge sequence shuts nobody out; nor does one whose
   * sequence is not the head-end's.
   */
  open(deviceId: string, entry: Command, ack: Acknowledgement, { spends = true }: { spends?: boolean } = {}): void {
    inTransaction(this.#database, () => {
      this.#statements.insert.run(
        entry.id,
        deviceId,
        entry.seq,
        command.toBytes(entry),
        ack.state,
        ack.ordinal,
        ack.timeMs,
      );
      if (spends && ack.state === 'accepted') this.#statements.spend.run(deviceId, entry.seq);
      this.#statements.acknowledge.run(ack.commandId, ack.ordinal, deviceId, acknowledgement.toBytes(ack));
    });
  }

  /** Moves a command to its next state together with the acknowledgement that tells it. */
  move(deviceId: string, ack: Acknowledgement): void {
    inTransaction(this.#database, () => {
      const { changes } = this.#statements.move.run(ack.state, ack.ordinal, ack.timeMs, ack.commandId);
      // After this the device is written: a journal that was exchanged meanwhile and has no such command is none for it.
      if (ack.state === 'executing' && Number(changes) === 0)
        throw new Error('it was begun anew and does not hold the command');
      this.#statements.acknowledge.run(ack.commandId, ack.ordinal, deviceId, acknowledgement.toBytes(ack));
    });
  }

  /** The broker has these and all earlier acknowledgements of their commands. */
  markSent(sent: readonly { readonly commandId: string; readonly ordinal: number }[]): void {
    inTransaction(this.#database, () => {
      for (const { commandId, ordinal } of sent) this.#statements.markSent.run(commandId, ordinal);
    });
  }

  /** Acknowledgements the broker has not taken, oldest first, 256 at most. */
  unsent(): readonly { deviceId: string; commandId: string; ordinal: number; bytes: Uint8Array }[] {
    return this.#statements.unsent.all().map((row) => ({
      deviceId: String(row['device_id']),
      commandId: String(row['command_id']),
      ordinal: Number(row['ordinal']),
      bytes: row['bytes'] as Uint8Array,
    }));
  }

  lastAcknowledgement(commandId: string): Uint8Array | undefined {
    return this.#statements.lastAcknowledgement.get(commandId)?.['bytes'] as Uint8Array | undefined;
  }

  /** What a crash left open. */
  unfinished(): readonly JournalEntry[] {
    return this.#statements.unfinished.all().flatMap((row) => entryOf(row) ?? []);
  }

  /** What a crash left open at devices that this gateway no longer carries: nobody can measure it any more. */
  settleOrphans(carries: (deviceId: string) => boolean, timeMs: number): void {
    for (const { deviceId, command: left, state, ordinal } of this.unfinished()) {
      if (carries(deviceId)) continue;
      this.move(deviceId, {
        commandId: left.id,
        state: state === 'executing' ? 'unconfirmed' : 'refused',
        reason: 'interrupted',
        say: `The gateway does not carry ${deviceId} any more.`,
        timeMs,
        ordinal: ordinal + 1,
      });
    }
  }

  /** Forgets the oldest finished commands beyond the bound; their sequences stay spent. */
  prune(): void {
    this.#statements.prune.run(keptPerGateway);
    this.#statements.pruneAcknowledgements.run();
  }
}

const final = `('confirmed', 'refused', 'expired', 'failed', 'unconfirmed')`;

const sql = {
  find: 'SELECT device_id, bytes, state, ordinal FROM command WHERE id = ?',
  lastSequence: 'SELECT seq FROM last_sequence WHERE device_id = ?',
  insert: 'INSERT INTO command (id, device_id, seq, bytes, state, ordinal, updated_ms) VALUES (?, ?, ?, ?, ?, ?, ?)',
  spend: 'INSERT INTO last_sequence VALUES (?, ?) ON CONFLICT (device_id) DO UPDATE SET seq = max(seq, excluded.seq)',
  acknowledge: 'INSERT INTO acknowledgement (command_id, ordinal, device_id, bytes) VALUES (?, ?, ?, ?)',
  move: 'UPDATE command SET state = ?, ordinal = ?, updated_ms = ? WHERE id = ?',
  markSent: 'UPDATE acknowledgement SET sent = 1 WHERE command_id = ? AND ordinal <= ?',
  unsent: `SELECT device_id, command_id, ordinal, bytes FROM acknowledgement WHERE sent = 0 ORDER BY rowid LIMIT 256`,
  lastAcknowledgement: 'SELECT bytes FROM acknowledgement WHERE command_id = ? ORDER BY ordinal DESC LIMIT 1',
  unfinished: `SELECT device_id, bytes, state, ordinal FROM command WHERE state NOT IN ${final} ORDER BY updated_ms`,
  prune: `DELETE FROM command WHERE state IN ${final} AND id IN (SELECT id FROM command ORDER BY updated_ms DESC LIMIT -1 OFFSET ?)`,
  pruneAcknowledgements: 'DELETE FROM acknowledgement WHERE command_id NOT IN (SELECT id FROM command)',
} as const;

function entryOf(row: Record<string, unknown> | undefined): JournalEntry | undefined {
  if (row === undefined) return undefined;
  const decoded = command.fromBytes(row['bytes'] as Uint8Array);
  return decoded.ok
    ? {
        deviceId: String(row['device_id']),
        command: decoded.value,
        state: row['state'] as CommandState,
        ordinal: Number(row['ordinal']),
      }
    : undefined;
}

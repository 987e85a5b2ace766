import type { OperationsStore } from '@tiepoint/headend/store/store.ts';
import type { SQLInputValue } from 'node:sqlite';
import type { Disk } from './disk.ts';
import type { Invariant, Witness } from './witness.ts';

/** A deliberate breakage of the product, put in through a seam of the simulation, and what must find it. */
export type Mutant = {
  readonly breaks?: readonly Invariant[];
  /** False: this row never reaches the gateway's disk. */
  readonly agentRow?: (sql: string, values: readonly SQLInputValue[]) => boolean;
  /** Before a gateway opens its disk again. */
  readonly gatewayStarts?: (disk: Disk, witness: Witness) => void;
  /** Devices tell what was ordered instead of what is so: what a proof by set-points would see. */
  readonly devicesEcho?: boolean;
  readonly busRepeats?: boolean;
  readonly ignoresTags?: boolean;
  readonly operations?: (store: OperationsStore) => OperationsStore;
};

const done = { ok: true, value: undefined } as const;

export const mutants = {
  'a journal that does not keep what was begun': {
    breaks: ['notJournalled', 'repeated'],
    agentRow: (sql, [state]) => !(sql.startsWith('UPDATE command') && state === 'executing'),
  },
  'a journal that is empty after a crash': {
    breaks: ['repeated', 'endsDisagree'],
    gatewayStarts: ({ database }) =>
      database.exec('DELETE FROM command; DELETE FROM acknowledgement; DELETE FROM last_sequence'),
  },
  'an executor that begins again after a crash': {
    breaks: ['repeated', 'endsDisagree'],
    gatewayStarts: ({ database }) =>
      database.exec(
        `DELETE FROM acknowledgement WHERE command_id IN (SELECT id FROM command WHERE state = 'executing');
         DELETE FROM command WHERE state = 'executing'; DELETE FROM last_sequence`,
      ),
  },
  'a driver that writes again what was not answered': { breaks: ['repeated'], busRepeats: true },
  'a proof by what was ordered instead of what is': {
    breaks: ['falseConfirmed'],
    devicesEcho: true,
  },
  'an outbox that is empty after a crash': {
    breaks: ['lost'],
    gatewayStarts: ({ database }) => database.exec('DELETE FROM outbox'),
  },
  'a router that does not ask for tags': { breaks: ['despiteTag'], ignoresTags: true },
  'a head-end that sends before it has written down': {
    breaks: ['notRecorded'],
    operations: (store) => ({
      ...store,
      recordStep: (command, ...rest) => (command.state === 'requested' ? done : store.recordStep(command, ...rest)),
    }),
  },
} as const satisfies Readonly<Record<string, Mutant>>;

import type { Failure } from '@tiepoint/protocol';
import type { Acting, AuditEntry, CommandRecord, OperationsStore, TransitionRecord } from '../store/store.ts';
import type { JudgeParts } from './command-judge.ts';
import type { CommandTimes } from './command-step.ts';
import type { AskedCommand } from './inquirer.ts';
import type { Published } from './link/link.ts';
import type { TwoOperatorLimits } from './two-operators.ts';
import type { Twin } from './twins.ts';

export type CommandRouterParts = {
  store: OperationsStore;
  twin: (deviceKey: string) => Twin | undefined;
  switchedBy: (meterKey: string) => readonly Twin[];
  tagOf: (deviceKey: string) => { owner: string; cause: string } | undefined;
  /** Where a device stands with the utility; undefined: nobody entered it. */
  standing: JudgeParts['standing'];
  obeys: JudgeParts['obeys'];
  /** Why nothing at all may be commanded now; absent: nothing is in the way. */
  held?: JudgeParts['held'];
  mode?: JudgeParts['mode'];
  rights: JudgeParts['rights'];
  gatewayOnline: (gatewayId: string) => boolean;
  publish: (topic: string, payload: Uint8Array) => Promise<Published>;
  /** Asks a gateway what became of commands. */
  inquire: (gatewayId: string, commands: readonly AskedCommand[]) => void;
  /** The words of the audit. */
  auditTransition: (command: CommandRecord, transition: TransitionRecord) => AuditEntry;
  onTransition: (command: CommandRecord, transition: TransitionRecord) => void;
  /** A selection or an active command came or went at this device. */
  onDevice: (deviceKey: string) => void;
  now: () => number;
  newId: () => string;
  twoOperators?: TwoOperatorLimits;
  times?: CommandTimes & { expiryMs: number; inquiryEveryMs: number };
};

/** `conflict`: the idempotency key belongs to another selection. `approval-needed`: it takes two operators. */
export type Operated =
  | { ok: true; value: CommandRecord }
  | Failure
  | NeedsApproval
  | { ok: false; reason: 'conflict'; say: string };
export type NeedsApproval = { ok: false; reason: 'approval-needed'; say: string };
/** `approver`: the second operator. `together`: with what it is given at once, weighed as one. */
export type OperateRequest = Acting & {
  selectionId: string;
  cause?: string;
  idempotencyKey?: string;
  approver?: string;
  together?: { need: string | undefined };
};

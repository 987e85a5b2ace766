import { type Fault, type FaultKind, type FaultPlan } from './faults.ts';
import { answerPdu, exceptionPdu } from './modbus-slave.ts';
import { type RegisterImage } from './register-image.ts';
import { type SeededRandom } from './seeded-random.ts';

/**
 * Lets a device answer one request and does to the reply what the fault plan says. Says what leaves the port and when; the
 * server does the sending.
 */
export function replyTo(
  { unit, pdu: request }: { unit: number; pdu: Uint8Array },
  image: RegisterImage,
  framing: Framing,
  plan?: FaultPlan,
): ReplyPlan {
  const drawn = plan?.faultsFor(unit, request) ?? [];
  const faults = drawn.filter((fault) => isApplicable(fault.kind, framing));
  for (const fault of drawn) plan?.record(fault.kind, faults.includes(fault));

  const has = (kind: FaultKind): boolean => faults.some((fault) => fault.kind === kind);
  const refusal = faults.find((fault) => fault.kind === 'exception');
  const pdu = has('unheard')
    ? undefined
    : refusal !== undefined
      ? exceptionPdu(request[0] ?? 0, refusal.code)
      : answerPdu(image, request);
  const silent = has('lost') || has('drop-connection');
  return {
    deliveries: pdu === undefined || silent ? [] : deliver(unit, pdu, faults, framing, plan?.random),
    busyMs: has('unheard') ? 0 : sumOf(faults, 'slow'),
    drop: has('drop-connection'),
    faults: faults.map(({ kind }) => kind),
    pdu,
  };
}

/** How a kind of line wraps a PDU, and which faults it can have. */
export type Framing = {
  frame(unit: number, pdu: Uint8Array, options: { wrongTransaction: boolean }): Uint8Array;
  hasCrc: boolean;
  hasTransaction: boolean;
  hasConnection: boolean;
};

/** `afterMs` counts from the moment the reply would have begun. */
export type Delivery = { afterMs: number; bytes: Uint8Array };

export type ReplyPlan = {
  deliveries: readonly Delivery[];
  /** How long the device works on the request, beyond the line's own turnaround, before it answers or takes another. */
  busyMs: number;
  drop: boolean;
  faults: readonly FaultKind[];
  /** What the device answered, before anything was done to it; `undefined` where it never heard the request. */
  pdu: Uint8Array | undefined;
};

function isApplicable(kind: FaultKind, framing: Framing): boolean {
  if (kind === 'bad-crc') return framing.hasCrc;
  if (kind === 'wrong-transaction') return framing.hasTransaction;
  if (kind === 'drop-connection') return framing.hasConnection;
  return true;
}

function deliver(
  unit: number,
  pdu: Uint8Array,
  faults: readonly Fault[],
  framing: Framing,
  random: SeededRandom | undefined,
): Delivery[] {
  const kinds = new Set(faults.map(({ kind }) => kind));
  const wrongPdu = Uint8Array.from(pdu);
  if (kinds.has('wrong-function')) wrongPdu[0] = otherFunction[pdu[0] ?? 0] ?? (pdu[0] ?? 0) ^ 0x01;
  const wrongUnit = kinds.has('wrong-unit') ? (unit % 247) + 1 : unit;
  let bytes = framing.frame(wrongUnit, wrongPdu, { wrongTransaction: kinds.has('wrong-transaction') });
  if (random !== undefined) for (const fault of faults) bytes = mangle(bytes, fault, random);

  const lateMs = sumOf(faults, 'late');
  const deliveries = [{ afterMs: lateMs, bytes }];
  for (const fault of faults) {
    if (fault.kind === 'duplicate') deliveries.push({ afterMs: lateMs + (fault.gapMs ?? 0), bytes });
  }
  return deliveries;
}

// The reply of the twin function has the same form, so that only the code betrays it.
const otherFunction: Readonly<Record<number, number>> = { 1: 2, 2: 1, 3: 4, 4: 3, 5: 6, 6: 5, 15: 16, 16: 15 };

/** What a fault does to the bytes of a frame; a fault that is not about bytes leaves them. */
function mangle(frame: Uint8Array, fault: Fault, random: SeededRandom): Uint8Array {
  switch (fault.kind) {
    case 'bad-crc': {
      const broken = Uint8Array.from(frame);
      broken[frame.length - 1] = (frame.at(-1) ?? 0) ^ (1 + random.below(255));
      return broken;
    }
    case 'truncated':
      return frame.subarray(0, Math.min(fault.keepBytes ?? 1 + random.below(frame.length - 1), frame.length));
    case 'noise': {
      const at = { before: 0, inside: 1 + random.below(Math.max(frame.length - 1, 1)), after: frame.length }[
        fault.where
      ];
      return Uint8Array.of(...frame.subarray(0, at), ...random.bytes(fault.byteCount), ...frame.subarray(at));
    }
    case 'late':
    case 'slow':
    case 'lost':
    case 'unheard':
    case 'duplicate':
    case 'wrong-unit':
    case 'wrong-function':
    case 'wrong-transaction':
    case 'exception':
    case 'drop-connection':
      return frame;
    default:
      return fault satisfies never;
  }
}

function sumOf(faults: readonly Fault[], kind: 'late' | 'slow'): number {
  return faults.reduce((sum, fault) => (fault.kind === kind && 'delayMs' in fault ? sum + fault.delayMs : sum), 0);
}

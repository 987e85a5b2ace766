import { type Fault, type FaultKind, type FaultPlan } from './faults.ts';
import { answerPdu, exceptionPdu } from './modbus-slave.ts';
import { type RegisterImage } from './register-image.ts';

/**
 * Lets a device answer one request and does to the reply what the faults say. Says what leaves the port and when; the
 * server does the sending. `image` is `undefined` where no device has the unit: `absent` is then the PDU of the answer, if any.
 */
export function replyTo(request: Asked, framing: Framing, plan: FaultPlan | undefined): ReplyPlan {
  const faults = plan?.faultsFor(request.unit, request.pdu) ?? [];
  const reply: Draft = { unit: request.unit, pdu: undefined, afterMs: 0, busyMs: 0, drop: false };
  const rest = faults.filter((fault) => !answering(fault, reply, request, plan));
  if (reply.pdu === undefined && !faults.some(({ kind }) => kind === 'unheard')) reply.pdu = answer(request);
  if (faults.some(({ kind }) => kind === 'lost' || kind === 'drop-connection')) reply.pdu = undefined;

  let deliveries: Delivery[] = [];
  if (reply.pdu !== undefined) {
    const mangled = mangle(rest, reply.unit, reply.pdu, framing, plan);
    deliveries = mangled.map(({ afterMs, bytes }) => ({ afterMs: afterMs + reply.afterMs, bytes }));
  }
  return { deliveries, busyMs: reply.busyMs, drop: reply.drop, faults: faults.map(({ kind }) => kind), pdu: reply.pdu };
}

export type Asked = {
  unit: number;
  pdu: Uint8Array;
  image: RegisterImage | undefined;
  absent?: Uint8Array | undefined;
};

/** How a kind of line wraps a PDU, and which faults it knows. */
export type Framing = {
  frame(unit: number, pdu: Uint8Array, wrongTransaction: boolean): Uint8Array;
  hasCrc: boolean;
  hasTransaction: boolean;
  hasConnection: boolean;
};

/** `afterMs` counts from the moment the reply would have begun; `busyMs` is how long the device works before that moment. */
export type Delivery = { afterMs: number; bytes: Uint8Array };
export type ReplyPlan = {
  deliveries: readonly Delivery[];
  busyMs: number;
  drop: boolean;
  faults: readonly FaultKind[];
  /** What the device answered, before anything was done to it; `undefined` where nothing was to leave. */
  pdu: Uint8Array | undefined;
};

type Draft = { unit: number; pdu: Uint8Array | undefined; afterMs: number; busyMs: number; drop: boolean };

function answer({ image, pdu, absent }: Asked): Uint8Array | undefined {
  return image === undefined ? absent : answerPdu(image, pdu);
}

/** Faults of the device and of the connection. Returns false for a fault of the bytes, which `mangle` carries out. */
function answering(fault: Fault, draft: Draft, { pdu }: Asked, plan: FaultPlan | undefined): boolean {
  switch (fault.kind) {
    case 'late':
      draft.afterMs += fault.delayMs;
      break;
    case 'slow':
      draft.busyMs += fault.delayMs;
      break;
    case 'exception':
      draft.pdu = exceptionPdu(pdu[0] ?? 0, fault.code);
      break;
    case 'drop-connection':
      draft.drop = true;
      break;
    case 'lost':
    case 'unheard':
      break;
    default:
      return false;
  }
  plan?.record(fault.kind, true);
  return true;
}

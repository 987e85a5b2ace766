import { learn, planReads } from '@tiepoint/hardware-profiles';
import type {
  DeviceModel,
  Holes,
  ReadOutcome,
  ReadRequest,
  Span,
  WireCost,
  WordImage,
} from '@tiepoint/hardware-profiles';
import type { BusFailure, BusResult, Priority, ReadBus } from './bus/bus.ts';

/** A device on its bus, with what was learned of its unreadable registers. */
export type ReadTarget = {
  readonly reader: ReadBus;
  readonly unit: number;
  readonly model: DeviceModel;
  readonly wireCost: WireCost;
  /** Shared and grown by every read of this device. `plan`: the last one, for the same spans again, made while there were no holes. */
  readonly learned: {
    holes: Holes;
    plan?: { readonly spans: readonly Span[]; readonly requests: readonly ReadRequest[] };
  };
};

/**
 * Reads spans with the fewest transactions into the image. Splits a block that the device refuses and remembers what cannot be
 * read. A unit that does not answer is not asked further this time. `answered`: at least one read was. `failure`: the last
 * one, in words. What was not read is simply not in the image.
 */
export async function readSpans(
  target: ReadTarget,
  spans: readonly Span[],
  image: WordImage,
  { priority, nowMs }: { priority: Priority; nowMs: () => number },
): Promise<{ readonly answered: boolean; readonly failure: string | undefined }> {
  const { model, learned } = target;
  const pending = [...plan(target, spans, nowMs())];
  let failure: string | undefined;
  let answered = false;
  for (let request = pending.shift(); request !== undefined; request = pending.shift()) {
    const result = await target.reader.read(
      {
        unit: target.unit,
        maxQuantity: maxQuantity(request, model),
        pointWords: widestPoint(request, spans),
        ...request,
      },
      priority,
    );
    if (result.ok) {
      answered = true;
      image.set(request.table, request.address, result.value, nowMs());
      continue;
    }
    failure = result.say;
    if (result.reason !== 'exception' && result.reason !== 'garbled' && result.reason !== 'held-back')
      return { answered, failure };
    const { holes, retry } = learn(learned.holes, request, outcomeOf(result), { spans, nowMs: nowMs() });
    learned.holes = holes;
    pending.unshift(...retry);
  }
  return { answered, failure };
}

/** A device is read the same way every cycle, so the plan is made once; holes open again with time, so then it is made anew. */
function plan({ model, wireCost, learned }: ReadTarget, spans: readonly Span[], nowMs: number): readonly ReadRequest[] {
  const { holes } = learned;
  if (learned.plan?.spans === spans && holes.entries.length === 0) return learned.plan.requests;
  const requests = planReads(spans, { maxRegisters: model.maxRegisters, wireCost, holes, nowMs });
  if (holes.entries.length === 0) learned.plan = { spans, requests };
  return requests;
}

/** What `identify` and `learn` are told of a read. */
export function outcomeOf(result: BusResult<readonly number[]>): ReadOutcome {
  if (result.ok) return { ok: true, words: result.value };
  const { say } = result;
  return result.reason === 'exception'
    ? { ok: false, reason: 'exception', code: result.code, say }
    : { ok: false, reason: isSilence(result) ? 'timeout' : 'failure', say };
}

function isSilence({ reason }: BusFailure): boolean {
  return reason === 'timeout' || reason === 'backed-off' || reason === 'disconnected' || reason === 'stopped';
}

function maxQuantity({ table }: ReadRequest, model: DeviceModel): number {
  return table === 'holding' || table === 'input' ? model.maxRegisters : 2000;
}

/** Registers of the widest value in a block, texts aside: by so many it may be widened, for some devices give no half values. */
function widestPoint({ table, address, quantity }: ReadRequest, spans: readonly Span[]): number {
  let widest = 1;
  for (const span of spans) {
    const isIn = span.table === table && span.address >= address && span.address < address + quantity;
    if (isIn && span.words <= widestNumber) widest = Math.max(widest, span.words);
  }
  return widest;
}

/** Registers of a 64-bit number. */
const widestNumber = 4;

import { learn, noHoles, planReads, WordImage } from '@tiepoint/hardware-profiles';
import type { Holes, ReadOutcome, ReadRequest, Span } from '@tiepoint/hardware-profiles';
import type { BusSettings, ReadBus } from '../io/bus/bus.ts';
import { outcomeOf } from '../io/device-reader.ts';
import { wireCost } from '../io/wire-cost.ts';

/**
 * Runs a generator of reads (`identify`, `recognise`) against one unit. A person waits, so a unit that was silent is not left alone
 * for a while, as the gateway would. Asks for each block as it is: a wider one costs a second question wherever it is refused, and an
 * unknown device refuses most. `undefined`: interrupted.
 */
export async function askDevice<T>(
  steps: Generator<ReadRequest, T, ReadOutcome>,
  { bus, unit, signal }: { bus: ReadBus; unit: number; signal: AbortSignal },
): Promise<T | undefined> {
  let step = steps.next();
  while (step.done !== true) {
    if (signal.aborted) return undefined;
    step = steps.next(outcomeOf(await bus.read({ unit, ...step.value, maxQuantity: step.value.quantity }, 'command')));
  }
  return step.value;
}

/** Reads spans of one unit once: what could be read, and the last thing that went wrong. */
export async function readOnce(
  spans: readonly Span[],
  {
    bus,
    unit,
    signal,
    settings,
    maxRegisters,
  }: {
    bus: ReadBus;
    unit: number;
    signal: AbortSignal;
    settings: BusSettings;
    maxRegisters: number;
  },
): Promise<{ image: WordImage; failure: string | undefined; reads: number }> {
  const image = new WordImage();
  let holes: Holes = noHoles;
  let failure: string | undefined;
  let reads = 0;
  const queue = [...planReads(spans, { maxRegisters, wireCost: wireCost(settings), holes, nowMs: 0 })];
  for (let request = queue.shift(); request !== undefined && !signal.aborted; request = queue.shift()) {
    const isRegister = request.table === 'holding' || request.table === 'input';
    const result = await bus.read(
      { unit, ...(isRegister ? { maxQuantity: maxRegisters } : {}), ...request },
      'command',
    );
    reads++;
    if (result.ok) image.set(request.table, request.address, result.value, 0);
    else {
      failure = result.say;
      // A unit that is silent would be silent for every further block, and a person would wait for each.
      if (result.reason !== 'exception' && result.reason !== 'garbled') break;
    }
    const lesson = learn(holes, request, outcomeOf(result), { spans, nowMs: 0 });
    holes = lesson.holes;
    queue.unshift(...lesson.retry);
  }
  return { image, failure, reads };
}

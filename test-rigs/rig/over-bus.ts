import { type ReadOutcome, type ReadRequest } from '@tiepoint/hardware-profiles';
import type { ReadBus } from '@tiepoint/agent/io/bus/bus.ts';
import { outcomeOf } from '@tiepoint/agent/io/device-reader.ts';

/** Runs a generator of reads, such as `identify`, to its end over a bus. */
export async function driveOverBus<T>(
  steps: Generator<ReadRequest, T, ReadOutcome>,
  bus: ReadBus,
  unit: number,
): Promise<T> {
  let step = steps.next();
  while (step.done !== true) step = steps.next(outcomeOf(await bus.read({ unit, ...step.value }, 'command')));
  return step.value;
}

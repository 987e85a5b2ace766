import { done, no } from '@tiepoint/protocol';
import type { Failure, Result } from '@tiepoint/protocol';
import type { FoundModel, ReadOutcome, ReadRequest } from '../device-model.ts';

/** Where SunSpec places its marker, the most common first. */
export const sunspecBases = [40_000, 0, 50_000] as const;
export const endOfChain = 0xffff;
const marker = [0x5375, 0x6e53] as const;
const maxModels = 100;
/** Fewer than lie behind the last base: no address runs over 65535. */
const maxRegisters = 10_000;

/**
 * Finds the marker and walks the model blocks behind it. The chain ends with id 0xFFFF, with id 0, which no model has, or where the
 * device refuses to be read further. At most 100 models and 10,000 registers: a device that claims more is refused.
 */
export function* walkChain(): Generator<ReadRequest, Result<readonly FoundModel[]>, ReadOutcome> {
  for (const base of sunspecBases) {
    const outcome = yield { table: 'holding', address: base, quantity: 2 };
    if (outcome.ok && outcome.words[0] === marker[0] && outcome.words[1] === marker[1])
      return yield* walkFrom(base + 2);
    // A dead unit costs its neighbours one time-out, not three.
    if (!outcome.ok && outcome.reason !== 'exception') return failedRead(outcome);
  }
  return no(
    'device-unsupported',
    'No SunSpec marker at holding register 40000, 0 or 50000: not a SunSpec device, or another unit number.',
  );
}

function* walkFrom(first: number): Generator<ReadRequest, Result<readonly FoundModel[]>, ReadOutcome> {
  const found: FoundModel[] = [];
  let address = first;
  while (found.length < maxModels) {
    const outcome = yield { table: 'holding', address, quantity: 2 };
    // Some devices lack the end mark and refuse the registers behind their last model.
    if (!outcome.ok && outcome.reason === 'exception') return done(found);
    if (!outcome.ok) return failedRead(outcome);
    const [id, length] = outcome.words;
    if (id === undefined || id === endOfChain || id === 0) return done(found);
    if (length === undefined) return no('device-unsupported', `SunSpec: model ${id} at ${address} gives no length.`);
    found.push({ id, address, length });
    address += 2 + length;
    if (address - first > maxRegisters) return tooLong(address);
  }
  return no('device-unsupported', `SunSpec: more than ${maxModels} models: the chain of this device is broken.`);
}

function tooLong(address: number): Failure {
  return no(
    'device-unsupported',
    `SunSpec: the chain runs on to register ${address}, beyond ${maxRegisters} registers: it is broken.`,
  );
}

/** A read that failed, as a reason of ours. */
export function failedRead(outcome: Exclude<ReadOutcome, { ok: true }>): Failure {
  if (outcome.reason === 'exception') return no('device-refused', outcome.say);
  return no(outcome.reason === 'timeout' ? 'bus-timeout' : 'bus-failure', outcome.say);
}

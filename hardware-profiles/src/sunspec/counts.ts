import { done } from '@tiepoint/protocol';
import type { Result } from '@tiepoint/protocol';
import type { FoundModel, ReadOutcome, ReadRequest } from '../device-model.ts';
import { failedRead } from './chain.ts';
import { findModel } from './models.ts';
import type { SunSpecModel } from './notation.ts';
import { countsNeeded } from './placement.ts';

/**
 * The chain with the counts of those of its models whose groups repeat within groups, as far as `wanted` names them: one read a model.
 * A count that the device refuses or does not implement is left out, and with it the model's groups. Fails on a time-out.
 */
export function* readCounts(
  chain: readonly FoundModel[],
  wanted: ReadonlySet<number>,
): Generator<ReadRequest, Result<readonly FoundModel[]>, ReadOutcome> {
  const counted: FoundModel[] = [];
  for (const found of chain) {
    const definition = wanted.has(found.id) ? findModel(found.id) : undefined;
    const request = definition === undefined ? undefined : readOfCounts(definition, found);
    if (definition === undefined || request === undefined) {
      counted.push(found);
      continue;
    }
    const outcome = yield request;
    if (!outcome.ok && outcome.reason !== 'exception') return failedRead(outcome);
    counted.push(outcome.ok ? { ...found, counts: countsIn(definition, found, request, outcome.words) } : found);
  }
  return done(counted);
}

/** All count points in one read; `undefined` where none is needed, or the model is too short to have them. */
function readOfCounts(definition: SunSpecModel, { address, length }: FoundModel): ReadRequest | undefined {
  const offsets = countsNeeded(definition).flatMap((name) => definition.points.get(name)?.offset ?? []);
  if (offsets.length === 0 || Math.max(...offsets) >= length + 2) return undefined;
  const first = Math.min(...offsets);
  return { table: 'holding', address: address + first, quantity: Math.max(...offsets) - first + 1 };
}

function countsIn(
  definition: SunSpecModel,
  { address }: FoundModel,
  request: ReadRequest,
  words: readonly number[],
): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of countsNeeded(definition)) {
    const offset = definition.points.get(name)?.offset ?? 0;
    const word = words[address + offset - request.address];
    if (word !== undefined && word !== 0xffff) counts[name] = word;
  }
  return counts;
}

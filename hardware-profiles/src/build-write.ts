import { done, no } from '@tiepoint/protocol';
import type { CommandParameters, Failure, Result } from '@tiepoint/protocol';
import { thresholdOf } from './decode.ts';
import type { Freshness } from './decode.ts';
import type { DeviceModel, ResolvedPoint, ResolvedSource } from './device-model.ts';
import type { Step, WriteValue } from './profile.ts';
import { readSource, wordsForSource } from './source-value.ts';
import type { Unwritable } from './source-value.ts';
import type { WordImage } from './word-image.ts';

/** One write transaction. `single`: true is function 5 or 6, false 15 or 16; absent is 5 for one coil, else 15 or 16. */
export type RegisterWrite = {
  readonly table: 'coil' | 'holding';
  readonly address: number;
  readonly words: readonly number[];
  readonly single?: boolean;
};
export type WriteStep = Extract<Step, { do: 'write' }>;

/**
 * The words to write for a step. The image must hold what `readsForStep` names, read no earlier than `freshness` says: scale
 * factors, and the word whose bit changes. `undefined`: an optional point that this device lacks; go on without it.
 */
export function buildWrite(
  model: DeviceModel,
  step: WriteStep,
  parameters: CommandParameters,
  image: WordImage,
  freshness: Freshness = {},
): Result<RegisterWrite | undefined> {
  const point = model.points.find(({ name }) => name === step.point);
  const source = point?.sources[0];
  const lacks =
    step.optional === true
      ? done(undefined)
      : no('not-capable', `${model.profile.model} has no ${step.point} to write.`);
  if (point === undefined || source === undefined) return lacks;
  const newerThanMs = thresholdOf(point.every, freshness);
  if (saysNotImplemented(source, image, newerThanMs)) return lacks;
  const value = valueOf(step.value, parameters);
  return typeof value === 'object' ? value : encode(point, source, value, image, newerThanMs);
}

function encode(
  point: ResolvedPoint,
  source: ResolvedSource,
  value: number | string,
  image: WordImage,
  newerThanMs: number | undefined,
): Result<RegisterWrite> {
  const { table, address } = source;
  if (table !== 'coil' && table !== 'holding')
    return no('invalid', `${point.name} lies in the ${table} table, which cannot be written.`);
  const words = wordsForSource(source, value, image, newerThanMs);
  if (typeof words === 'string') return unwritable(point, value, words);
  return done({ table, address, words, ...(source.singleWrite === undefined ? {} : { single: source.singleWrite }) });
}

/** Was the point read, and read as not implemented? A point that could not be read may still take a write. */
function saysNotImplemented(source: ResolvedSource, image: WordImage, newerThanMs: number | undefined): boolean {
  if (source.notImplemented.length === 0 || image.words(source, newerThanMs) === undefined) return false;
  // Of a register of bits, the whole.
  const { scaleFactorAddress: _scaleFactor, plausible: _plausible, bit: _bit, bitCount: _bits, ...bare } = source;
  return readSource(bare, image, newerThanMs) === undefined;
}

/** A number, or the name of an order. */
function valueOf(value: WriteValue, parameters: CommandParameters): number | string | Failure {
  if (typeof value === 'number') return value;
  if ('order' in value) return value.order;
  const given = parameters[value.parameter];
  const meant = value.codes === undefined ? given : value.codes[String(given)];
  return typeof meant === 'number'
    ? meant
    : no('invalid', `Parameter ${value.parameter} is ${String(given)}: no value that can be written.`);
}

function unwritable({ name }: ResolvedPoint, value: number | string, why: Unwritable): Failure {
  switch (why) {
    case 'scale-factor-unknown':
      return no('measurement-failed', `The scale factor of ${name} could not be read: nothing was written.`);
    case 'word-unknown':
      return no(
        'measurement-failed',
        `The register of ${name} could not be read before changing its bit: nothing was written.`,
      );
    case 'out-of-range':
      return no('out-of-limits', `${value} does not fit into ${name}: nothing was written.`);
  }
}

import {
  buildWrite,
  decodePoints,
  drive,
  identify,
  planFor,
  readsEvery,
  readsForStep,
  WordImage,
  type Decoded,
  type DeviceModel,
  type ReadOutcome,
  type ReadRequest,
} from '@tiepoint/hardware-profiles';
import type { CommandKind, CommandParameters } from '@tiepoint/protocol';
import type { WriteResult } from '../register-image.ts';
import type { BehavingDevice } from './behaving-device.ts';

/** Identifies a device by the reads that the agent would make, without a wire, every unconfirmed point taken as checked. Throws what identification says. */
export function identified({ image, model: { profile } }: BehavingDevice): DeviceModel {
  const found = drive(identify(profile, {}, 'all'), (request) => readFrom(image, request));
  if (!found.ok) throw new Error(found.say);
  return found.value;
}

/** Everything that the device's registers say now, by the profile read forwards. */
export function seen(device: BehavingDevice): Decoded {
  const words = new WordImage();
  const model = identified(device);
  readInto(words, device, readsEvery(model, ['cycle', 'minute', 'start']));
  return decodePoints(model, words);
}

/** Makes the writes of a command as its plan has them, without its conditions; the answer to each. */
export function commanded(
  device: BehavingDevice,
  kind: CommandKind,
  parameters: CommandParameters = {},
): WriteResult[] {
  const model = identified(device);
  const plan = planFor(model, kind, parameters);
  if (!plan.ok) throw new Error(plan.say);
  return plan.value.steps.flatMap((step) => {
    if (step.do !== 'write') return [];
    const words = new WordImage();
    readInto(words, device, readsForStep(model, step));
    const write = buildWrite(model, step, parameters, words);
    if (!write.ok) throw new Error(write.say);
    return write.value === undefined
      ? []
      : [device.image.write(write.value.table, write.value.address, write.value.words)];
  });
}

function readInto(
  words: WordImage,
  { image }: BehavingDevice,
  spans: readonly { table: ReadRequest['table']; address: number; words: number }[],
): void {
  for (const span of spans) {
    const read = image.read(span.table, span.address, span.words);
    if (read.ok) words.set(span.table, span.address, read.words, 0);
  }
}

function readFrom(image: BehavingDevice['image'], { table, address, quantity }: ReadRequest): ReadOutcome {
  const read = image.read(table, address, quantity);
  if (read.ok) return read;
  return {
    ok: false,
    reason: 'exception',
    code: read.exception,
    say: `${table} ${address}: exception ${read.exception}`,
  };
}

import { done, no } from '@tiepoint/protocol';
import type { DeviceLimits, Failure, Result } from '@tiepoint/protocol';
import type { DeviceModel, FoundModel, ReadOutcome, ReadRequest, Span } from './device-model.ts';
import { isLasting, learn, noHoles } from './holes.ts';
import { planReads } from './plan-reads.ts';
import type { Probe, Profile } from './profile.ts';
import { decodeText, rawNumber, unsigned, wordsOf } from './raw-words.ts';
import { deviceModel, layoutOf } from './resolve-device.ts';
import type { Confirmed } from './resolve-device.ts';
import { failedRead, walkChain } from './sunspec/chain.ts';
import { WordImage } from './word-image.ts';

/**
 * Finds out whether this is a device of the profile, and what this very one has. Yields the reads it needs, one at a time, and is
 * fed their outcomes. `configured` limits win over read ones: not every device knows its own rating. `confirmed` names the points
 * of the profile's `unconfirmed` that were checked at this device; commands that need others are withheld.
 *
 * Fails with `device-unsupported` for another device, `bus-timeout` or `bus-failure` where nothing could be read. A part of the
 * nameplate that cannot be read stays unknown.
 */
export function* identify(
  profile: Profile,
  configured: DeviceLimits = {},
  confirmed: Confirmed = [],
): Generator<ReadRequest, Result<DeviceModel>, ReadOutcome> {
  const recognised = yield* recognise(profile);
  if (!recognised.ok) return recognised;
  const layout = layoutOf(profile, recognised.value);
  const image = new WordImage();
  const nameplate = layout.nameplate.flatMap(({ reads }) => reads);
  const failure = yield* readAll(nameplate, profile.maxRegisters ?? 125, image);
  if (failure !== undefined) return failure;
  return done(deviceModel(profile, { chain: recognised.value, layout, image }, configured, confirmed));
}

function* recognise(profile: Profile): Generator<ReadRequest, Result<readonly FoundModel[]>, ReadOutcome> {
  if (!('sunspec' in profile.identify)) return yield* probeAll(profile.identify.probes, profile);
  const { anyModel } = profile.identify;
  const chain = yield* walkChain();
  if (!chain.ok || chain.value.some(({ id }) => anyModel.includes(id))) return chain;
  const found = chain.value.map(({ id }) => id).join(', ');
  return no(
    'device-unsupported',
    `A SunSpec device, but with none of the models ${anyModel.join(', ')} of profile ${profile.name}. It has ${found || 'none'}.`,
  );
}

function* probeAll(
  probes: readonly Probe[],
  profile: Profile,
): Generator<ReadRequest, Result<readonly FoundModel[]>, ReadOutcome> {
  for (const probe of probes) {
    const { table, address } = probe.source;
    const outcome = yield { table, address, quantity: wordsOf(probe.type, probe.length) };
    if (!outcome.ok && outcome.reason !== 'exception') return failedRead(outcome);
    const seen = outcome.ok ? probed(probe, outcome.words) : undefined;
    if (!satisfies(probe, seen)) {
      const what = seen === undefined ? 'nothing that can be read' : String(seen);
      return no(
        'device-unsupported',
        `No ${profile.make} ${profile.model}: ${table} ${address} holds ${what}, expected ${expectation(probe)}.`,
      );
    }
  }
  return done([]);
}

function probed(probe: Probe, words: readonly number[]): number | string | undefined {
  return probe.type === 'text' ? decodeText(words) : rawNumber(probe.type, unsigned(words, 'big'));
}

function satisfies(probe: Probe, seen: number | string | undefined): boolean {
  if (seen === undefined) return false;
  if ('equals' in probe) return seen === probe.equals;
  if ('startsWith' in probe) return typeof seen === 'string' && seen.startsWith(probe.startsWith);
  return typeof seen === 'number' && seen >= probe.within[0] && seen <= probe.within[1];
}

function expectation(probe: Probe): string {
  if ('equals' in probe) return String(probe.equals);
  return 'startsWith' in probe ? `${probe.startsWith}…` : `${probe.within[0]} to ${probe.within[1]}`;
}

/**
 * Reads what can be read of these spans into the image. Ends: each exception halves the read that it answered. A time-out, or a
 * device that is busy, fails it: a nameplate half read would stay so.
 */
function* readAll(
  spans: readonly Span[],
  maxRegisters: number,
  image: WordImage,
): Generator<ReadRequest, Failure | undefined, ReadOutcome> {
  let holes = noHoles;
  const wireCost = { perTransactionMs: 20, perRegisterMs: 2 };
  const queue: ReadRequest[] = [...planReads(spans, { maxRegisters, wireCost, holes, nowMs: 0 })];
  for (let request = queue.shift(); request !== undefined; request = queue.shift()) {
    const outcome = yield request;
    if (!outcome.ok && !isLasting(outcome)) return failedRead(outcome);
    if (outcome.ok) image.set(request.table, request.address, outcome.words.slice(0, request.quantity), 0);
    const lesson = learn(holes, request, outcome, { spans, nowMs: 0 });
    holes = lesson.holes;
    queue.unshift(...lesson.retry);
  }
  return undefined;
}

import { done, no } from '@tiepoint/protocol';
import type { DeviceLimits, Failure, Result } from '@tiepoint/protocol';
import { readPoint } from './decode.ts';
import type { DeviceModel, FoundModel, ReadOutcome, ReadRequest, ResolvedSource, Span } from './device-model.ts';
import { isLasting, learn, noHoles } from './holes.ts';
import { planReads } from './plan-reads.ts';
import { judgeProbe, readOfProbe, wantOfProbe } from './probe.ts';
import type { Probe, Profile } from './profile.ts';
import { deviceModel, layoutOf, sunspecModelsOf } from './resolve-device.ts';
import type { Confirmed } from './resolve-device.ts';
import { resolveSources, spansOf } from './resolve-point.ts';
import { failedRead, walkChain } from './sunspec/chain.ts';
import { readCounts } from './sunspec/counts.ts';
import { findModel } from './sunspec/models.ts';
import { modelsFor, sectionsOf } from './sunspec/instances.ts';
import { isKnownLayout } from './sunspec/placement.ts';
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
  const own = modelsFor(profile, recognised.value) ?? [];
  const layout = layoutOf(profile, own);
  const image = new WordImage();
  const nameplate = layout.nameplate.flatMap(({ reads }) => reads);
  const demands = demandsOf(profile, own);
  const spans = [...nameplate, ...demands.flatMap(({ sources }) => sources.flatMap(spansOf))];
  const failure = yield* readAll(spans, profile.maxRegisters ?? 125, image);
  if (failure !== undefined) return failure;
  const missing = demands.find((demand) => readPoint(demand, image) === undefined);
  if (missing !== undefined)
    return no(
      'device-unsupported',
      `A SunSpec device, but ${missing.name} is not implemented, which profile ${profile.name} needs: choose another profile.`,
    );
  return done(deviceModel(profile, { chain: recognised.value, layout, image }, configured, confirmed));
}

/** What the profile wants to be implemented, and where it lies in this device. */
function demandsOf(
  { identify: demanded, kind }: Profile,
  chain: readonly FoundModel[],
): readonly { readonly name: string; readonly sources: readonly ResolvedSource[] }[] {
  if (!('sunspec' in demanded)) return [];
  return (demanded.implements ?? []).map((source) => ({
    name: `${source.models.join('/')}.${source.point}`,
    sources: resolveSources(kind, { source }, chain, false),
  }));
}

function* recognise(profile: Profile): Generator<ReadRequest, Result<readonly FoundModel[]>, ReadOutcome> {
  if (!('sunspec' in profile.identify)) return yield* probeAll(profile.identify.probes, profile);
  const { anyModel, instance = 1 } = profile.identify;
  const chain = yield* walkChain();
  if (!chain.ok) return chain;
  const sections = sectionsOf(chain.value, anyModel);
  if (sections.length > 0 && sections.length < instance)
    return no(
      'device-unsupported',
      `A SunSpec device with ${sections.length} of these in its chain, of which profile ${profile.name} would be number ${instance}.`,
    );
  const wanted = (sections[instance - 1] ?? []).filter(({ id }) => anyModel.includes(id));
  if (wanted.some(isReadable)) return yield* readCounts(chain.value, sunspecModelsOf(profile));
  const [draft] = wanted;
  if (draft !== undefined)
    return no(
      'device-unsupported',
      `A SunSpec device whose model ${draft.id} has ${draft.length} registers: no published layout, so nothing of it is believed. Newer firmware may have it.`,
    );
  const found = chain.value.map(({ id }) => id).join(', ');
  return no(
    'device-unsupported',
    `A SunSpec device, but with none of the models ${anyModel.join(', ')} of profile ${profile.name}. It has ${found || 'none'}.`,
  );
}

function isReadable(found: FoundModel): boolean {
  const definition = findModel(found.id);
  return definition !== undefined && isKnownLayout(definition, found);
}

function* probeAll(
  probes: readonly Probe[],
  profile: Profile,
): Generator<ReadRequest, Result<readonly FoundModel[]>, ReadOutcome> {
  for (const probe of probes) {
    const { table, address } = probe.source;
    const outcome = yield readOfProbe(probe);
    if (!outcome.ok && outcome.reason !== 'exception') return failedRead(outcome);
    const { met, seen = 'nothing that can be read' } = judgeProbe(probe, outcome);
    if (!met) {
      return no(
        'device-unsupported',
        `No ${profile.make} ${profile.model}: ${table} ${address} holds ${seen}, expected ${wantOfProbe(probe)}.`,
      );
    }
  }
  return done([]);
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

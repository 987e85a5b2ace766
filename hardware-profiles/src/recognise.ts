import { done, no } from '@tiepoint/protocol';
import type { Result } from '@tiepoint/protocol';
import { decodePoints } from './decode.ts';
import type { DeviceModel, FoundModel, Identity, ReadOutcome, ReadRequest, Span } from './device-model.ts';
import { learn, noHoles } from './holes.ts';
import { identify } from './identify.ts';
import { planReads } from './plan-reads.ts';
import type { Profile, Table } from './profile.ts';
import { readsEvery, readsFor } from './reads-for.ts';
import { judgePlausibility } from './recognise-plausibility.ts';
import { judgeProbes } from './recognise-probes.ts';
import type { ProbeEvidence } from './recognise-probes.ts';
import { endOfChain, walkChain } from './sunspec/chain.ts';
import { WordImage } from './word-image.ts';

/**
 * `certain`: registers that only this device has say so, nothing speaks against it, and no other profile fits as well. `likely`: what
 * it measures makes sense as this device, or a weaker mark fits. `possible`: it cannot be excluded; no name.
 */
export type Sureness = 'certain' | 'likely' | 'possible';

export type Candidate = {
  readonly profile: Profile;
  readonly sureness: Sureness;
  /** Sentences for people: what speaks for it, and what against. */
  readonly why: readonly string[];
  readonly against: readonly string[];
  readonly identity: Identity;
};

export type Recognition = {
  /** The surest first. */
  readonly candidates: readonly Candidate[];
  /** The one that may be called by its name: certain or likely, and no other is as sure. */
  readonly named: Candidate | undefined;
  /** The result in one sentence. */
  readonly say: string;
  readonly reads: number;
};

/**
 * Which of many profiles is this device? Yields reads, one at a time, and is fed their outcomes; never the same read twice but for
 * energies, which must not run backwards. A wrong name is worse than none: where two profiles fit equally, both are candidates and
 * none is named. Only profiles of `port` are tried: Modbus where absent, or a port that pushes telegrams. Fails with `bus-timeout` or
 * `bus-failure` where nothing was answered at all.
 */
export function* recognise(
  known: readonly Profile[],
  { port }: { readonly port?: Profile['port'] } = {},
): Generator<ReadRequest, Result<Recognition>, ReadOutcome> {
  const profiles = known.filter((profile) => profile.port === port);
  const asked = new AskedReads();
  const isSunSpec = profiles.some((profile) => 'sunspec' in profile.identify);
  const chain = isSunSpec ? yield* asked.through(walkChain()) : done([]);
  const isCut = chain.ok && !(yield* endsWithMark(chain.value, asked));
  const judged: Judged[] = [];
  for (const profile of profiles) {
    const evidence =
      'sunspec' in profile.identify
        ? sunspecEvidence(profile.identify.anyModel, chain.ok ? chain.value.map(({ id }) => id) : [])
        : telegramMark(profile, yield* asked.through(judgeProbes(profile.identify.probes)));
    if (asked.isDead()) return asked.failure();
    if (evidence.verdict !== 'contradicted') judged.push({ profile, evidence });
  }
  if (!asked.answered) return asked.failure();
  const candidates: Weighed[] = [];
  for (const one of judged.toSorted(byMarks).slice(0, mostCandidates))
    candidates.push(...(yield* weigh(one, { asked, isCut })));
  const ranked = rank(candidates);
  const named = nameOf(ranked);
  return done({ candidates: ranked, named, say: sentence(ranked, named), reads: asked.count });
}

type Judged = { readonly profile: Profile; readonly evidence: ProbeEvidence };
/** `live`: what it measures is that of a live supply. */
type Weighed = Candidate & { readonly evidence: ProbeEvidence; readonly live: boolean };

function byMarks(a: Judged, b: Judged): number {
  const open = (one: Judged): number => (one.evidence.verdict === 'open' ? 1 : 0);
  return open(a) - open(b) || b.evidence.fitBits - a.evidence.fitBits;
}

/** More profiles than this never fit one device; the weakest are left out. */
const mostCandidates = 8;

function sunspecEvidence(anyModel: readonly number[], chain: readonly number[]): ProbeEvidence {
  const fitting = anyModel.filter((id) => chain.includes(id));
  if (fitting.length === 0)
    return { verdict: 'contradicted', identityBits: 0, fitBits: 0, met: 0, why: [], against: [] };
  const why = [`SunSpec marker, and model ${fitting.join(', ')} in its chain (${chain.join(', ')})`];
  return { verdict: 'met', identityBits: markerBits, fitBits: markerBits, met: 1, why, against: [] };
}

const markerBits = 32;

/** A telegram is a mark of its own: it was checked by its CRC, and holds the codes that the profile looks for. */
function telegramMark(profile: Profile, evidence: ProbeEvidence): ProbeEvidence {
  if (profile.port !== 'p1' || evidence.verdict !== 'met') return evidence;
  const why = ['it pushes P1 telegrams', ...evidence.why];
  return { ...evidence, why, identityBits: markerBits, fitBits: markerBits };
}

/** Reads what the device measures as this profile has it, and weighs whether it makes sense. Empty: it is another device after all. */
function* weigh(
  { profile, evidence }: Judged,
  { asked, isCut }: { asked: AskedReads; isCut: boolean },
): Generator<ReadRequest, readonly Weighed[], ReadOutcome> {
  const { why, against } = evidence;
  const open = (say: readonly string[]): Weighed => ({
    profile,
    evidence: { ...evidence, verdict: 'open' },
    sureness: 'possible',
    why,
    against: [...against, ...say],
    identity: {},
    live: false,
  });
  // What little was met would be met by chance.
  if (evidence.verdict === 'open') return evidence.fitBits < leastFitBits ? [] : [open([])];
  const refusedBefore = asked.refused;
  const identified = yield* asked.through(identify(profile, {}, 'all'));
  if (!identified.ok) {
    // What it needs may be there where it could not be read, or lie behind the end of a chain that was cut.
    const unread = asked.refused > refusedBefore || (isCut && 'sunspec' in profile.identify);
    return identified.reason !== 'device-unsupported' || unread ? [open([identified.say])] : [];
  }
  const model = identified.value;
  const plausibility = judgePlausibility(model, yield* lookTwice(model, asked));
  return [
    {
      profile,
      evidence,
      identity: model.identity,
      live: plausibility.live,
      sureness: surenessOf(profile, evidence, plausibility),
      why: [...why, ...namePlate(model.identity, profile), ...besides(model), ...plausibility.why],
      against: [...against, ...plausibility.against],
    },
  ];
}

function surenessOf(
  { identify: how }: Profile,
  { identityBits, fitBits }: ProbeEvidence,
  { live, against }: { live: boolean; against: readonly string[] },
): Sureness {
  if ('anonymous' in how && how.anonymous === true) return 'possible';
  const isCertain = identityBits >= certainBits || (live && identityBits >= certainBitsLive);
  const isLikely = identityBits >= likelyBits || (live && fitBits >= likelyBits);
  const first = isCertain ? 0 : isLikely ? 1 : 2;
  const steps: readonly Sureness[] = ['certain', 'likely', 'possible'];
  return steps[Math.min(2, first + (against.length === 0 ? 0 : against.length < 3 ? 1 : 2))] ?? 'possible';
}

// A mark of one number in a register, and a supply that is live where the profile looks for it, make a device certain; three characters do.
const certainBits = 16;
const certainBitsLive = 12;
const likelyBits = 8;
const leastFitBits = 4;

function namePlate({ manufacturer, model }: Identity, profile: Profile): string[] {
  if (!('sunspec' in profile.identify) || (manufacturer === undefined && model === undefined)) return [];
  return [`it calls itself ${[manufacturer, model].filter((part) => part !== undefined).join(' ')}`];
}

/** What of the chain is not read by this profile. */
function besides({ sunspecUnread: unread }: DeviceModel): string[] {
  if (unread === undefined) return [];
  const { profiles, models } = unread;
  return [
    ...(profiles.length === 0
      ? []
      : [`there are more of them in its chain, each with its own profile: ${profiles.join(', ')}`]),
    ...models.map((id) => `model ${id} is there more than once, and the first is read`),
  ];
}

const level = { certain: 0, likely: 1, possible: 2 } as const;

/**
 * Takes away what may not be said. A profile gives way to one that it yields to. Of several that are equally sure, none stays certain. A
 * name falls while a relative that could not be read to the end fits about as well, or while one with the same marks was only put back
 * because its readings make no sense and this one has none that do.
 */
function rank(all: readonly Weighed[]): readonly Weighed[] {
  const candidates = all.map((one) =>
    givesWay(one, all) ? lowered(one, 'possible', 'another fits as well and tells more of it') : one,
  );
  const best = candidates.reduce((least, { sureness }) => Math.min(least, level[sureness]), 2);
  return candidates
    .map((one) => {
      if (one.sureness === 'possible') return one;
      if (level[one.sureness] !== best) return lowered(one, 'possible');
      const others = candidates.filter(({ profile }) => profile !== one.profile);
      const twins = others.filter(({ sureness }) => level[sureness] === best);
      if (twins.length > 0)
        return lowered(
          one,
          best === 0 ? 'likely' : 'possible',
          `${names(twins)} fits as well: these registers do not tell them apart`,
        );
      const unread = others.filter(
        (other) => other.evidence.verdict === 'open' && 2 * other.evidence.fitBits >= one.evidence.fitBits,
      );
      if (unread.length > 0)
        return lowered(one, 'possible', `${names(unread)} could not be excluded: what tells them apart is unreadable`);
      const rivals = others.filter(
        (other) => other.evidence.identityBits >= one.evidence.identityBits && !givesWay(other, all),
      );
      if (rivals.length === 0) return one;
      return lowered(
        one,
        one.live ? 'likely' : 'possible',
        `${names(rivals)} has the same marks, but readings that make no sense`,
      );
    })
    .toSorted((a, b) => level[a.sureness] - level[b.sureness] || b.evidence.fitBits - a.evidence.fitBits);
}

/** Is there one that tells the device better and fits as surely? */
function givesWay({ profile, sureness }: Weighed, all: readonly Weighed[]): boolean {
  return all.some(
    (other) => profile.yieldsTo?.includes(other.profile.name) === true && level[other.sureness] <= level[sureness],
  );
}

function lowered(one: Weighed, sureness: Sureness, say?: string): Weighed {
  return { ...one, sureness, against: say === undefined ? one.against : [...one.against, say] };
}

const names = (some: readonly Candidate[]): string => some.map(({ profile }) => profile.name).join(', ');

function nameOf(ranked: readonly Candidate[]): Candidate | undefined {
  const sure = ranked.filter(({ sureness }) => sureness !== 'possible');
  return sure.length === 1 ? sure[0] : undefined;
}

function sentence(ranked: readonly Candidate[], named: Candidate | undefined): string {
  if (named !== undefined) {
    const { sureness, profile } = named;
    return `${sureness === 'certain' ? 'Certainly' : 'Likely'} ${profile.make} ${profile.model} (profile ${profile.name}).`;
  }
  if (ranked.length === 0)
    return 'No profile fits: a device that is not known here. A profile file of your own can teach it.';
  if (ranked.length === 1)
    return `Unknown; it could be ${names(ranked)}, but nothing says so that other devices do not say too.`;
  return `Not told apart by its registers: ${names(ranked)}. Look at the nameplate.`;
}

/** What the points hold, and a moment later what the energies hold. */
function* lookTwice(
  model: DeviceModel,
  asked: AskedReads,
): Generator<ReadRequest, Parameters<typeof judgePlausibility>[1], ReadOutcome> {
  const spans = readsEvery(model, ['cycle', 'minute']);
  const first = yield* readSpans(spans, model.maxRegisters, asked, 'once');
  const energies = readsFor(model, ['importedEnergyWh', 'exportedEnergyWh']);
  const readable = energies.filter((span) => first.image.words(span) !== undefined);
  const second = yield* readSpans(readable, model.maxRegisters, asked, 'again');
  return {
    decoded: decodePoints(model, first.image),
    image: first.image,
    later: decodePoints(model, second.image),
    refusedShare: spans.length === 0 ? 0 : first.refused / spans.length,
  };
}

function* readSpans(
  spans: readonly Span[],
  maxRegisters: number,
  asked: AskedReads,
  how: 'once' | 'again',
): Generator<ReadRequest, { image: WordImage; refused: number }, ReadOutcome> {
  const image = new WordImage();
  const wireCost = { perTransactionMs: 20, perRegisterMs: 2 };
  const queue = [...planReads(spans, { maxRegisters, wireCost, holes: noHoles, nowMs: 0 })];
  let holes = noHoles;
  for (let request = queue.shift(); request !== undefined; request = queue.shift()) {
    const outcome = yield* asked.ask(request, how);
    if (outcome.ok) image.set(request.table, request.address, outcome.words.slice(0, request.quantity), 0);
    const lesson = learn(holes, request, outcome, { spans, nowMs: 0 });
    holes = lesson.holes;
    queue.unshift(...lesson.retry);
  }
  return { image, refused: spans.filter((span) => image.words(span) === undefined).length };
}

/** Does the chain end with its mark, rather than where the device refuses to be read further? The read was made when it was walked. */
function* endsWithMark(chain: readonly FoundModel[], asked: AskedReads): Generator<ReadRequest, boolean, ReadOutcome> {
  const last = chain.at(-1);
  if (last === undefined) return false;
  const outcome = yield* asked.ask({ table: 'holding', address: last.address + 2 + last.length, quantity: 2 }, 'once');
  return outcome.ok && outcome.words[0] === endOfChain;
}

/** Every read once. A table in which nothing but silence was heard is not asked again and again: each silence is a time-out. */
class AskedReads {
  count = 0;
  /** Reads that an exception answered. */
  refused = 0;
  answered = false;
  readonly #outcomes = new Map<string, ReadOutcome>();
  readonly #silent = new Map<Table, number>();
  readonly #speaking = new Set<Table>();
  /** Tables whose function the device does not have, by its first answer there. */
  readonly #unsupported = new Map<Table, ReadOutcome>();
  #last: Exclude<ReadOutcome, { ok: true }> | undefined;

  *through<T>(steps: Generator<ReadRequest, T, ReadOutcome>): Generator<ReadRequest, T, ReadOutcome> {
    let step = steps.next();
    while (step.done !== true) step = steps.next(yield* this.ask(step.value, 'once'));
    return step.value;
  }

  *ask(request: ReadRequest, how: 'once' | 'again'): Generator<ReadRequest, ReadOutcome, ReadOutcome> {
    const key = `${request.table} ${request.address} ${request.quantity}`;
    const known = this.#outcomes.get(key);
    if (known !== undefined && how === 'once') {
      if (!known.ok && known.reason === 'exception') this.refused++;
      return known;
    }
    if (!this.#speaking.has(request.table) && (this.#silent.get(request.table) ?? 0) >= silencesOfTable)
      return { ok: false, reason: 'timeout', say: `the ${request.table} table does not answer` };
    const unsupported = this.#unsupported.get(request.table);
    if (unsupported !== undefined) {
      this.refused++;
      return unsupported;
    }
    this.count++;
    const outcome = yield request;
    this.#outcomes.set(key, outcome);
    if (outcome.ok || outcome.reason === 'exception') {
      this.answered = true;
      if (!outcome.ok) this.refused++;
      if (!outcome.ok && outcome.code === illegalFunction && !this.#speaking.has(request.table))
        this.#unsupported.set(request.table, outcome);
      this.#speaking.add(request.table);
    } else {
      this.#last = outcome;
      this.#silent.set(request.table, (this.#silent.get(request.table) ?? 0) + 1);
    }
    return outcome;
  }

  /** Nothing was answered, and enough was asked. */
  isDead(): boolean {
    return !this.answered && this.count >= readsBeforeDead;
  }

  failure(): Result<never> {
    const { reason = 'timeout', say = 'Nothing was asked: there is no profile.' } = this.#last ?? {};
    return no(reason === 'timeout' ? 'bus-timeout' : 'bus-failure', say);
  }
}

const illegalFunction = 1;
const silencesOfTable = 2;
const readsBeforeDead = 4;

import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { drive, identify, profiles, readImage, recognise } from '@tiepoint/hardware-profiles';
import type { Profile, Recognition, WordImage } from '@tiepoint/hardware-profiles';
import type { Bench, BenchContext } from './bench.ts';
import { imageOf, mutate, mutations, wordsOfFile } from './identify-images.ts';

const dump = join(import.meta.dirname, '../../../shared/data/devices/sma-sunnyboy-3.6-day.hex');
const seedsEach = 4;

type Verdict = 'right' | 'undecided' | 'unknown' | 'wrong';
type Tally = Record<Verdict, number>;

/**
 * Share of images that are named right: every profile's own image, and each of them mutated in six ways with several seeds; the dump of
 * a real inverter where it is at hand. `wrong` counts names (certain or likely) of another device; among them those that a device gets
 * whose profile was taken away, for a technician meets devices that nobody has described. `undecided`: no name, the right one among
 * the candidates. Profiles that say of themselves that no register tells what they are (`anonymous`) must not be named at all. `unknown`: no name, and the right one not among them.
 */
const bench: Bench = async (context) => {
  const nameable = profiles.filter((profile) => !('anonymous' in profile.identify));
  const anonymous = profiles.filter((profile) => 'anonymous' in profile.identify);
  const seed = randomInt(0x7fff_0000);
  context.log(`mutations at random: seed ${seed}`);
  const own = tally(
    nameable.flatMap((profile) => [0, 1].map((at) => judge(profile, imageOf(profile, seed + at), profiles))),
  );
  const mutated: Record<string, Tally> = {};
  for (const mutation of mutations) {
    const verdicts = nameable.flatMap((profile) =>
      Array.from({ length: seedsEach }, (_, at) =>
        judge(profile, mutate(mutation, profile, imageOf(profile, seed + at), seed + at), profiles, context, mutation),
      ),
    );
    mutated[mutation] = tally(verdicts);
  }
  // SunSpec profiles are of models, not of makers: one that is taken away leaves others that are right as well.
  const strangers = profiles
    .filter((profile) => 'probes' in profile.identify)
    .map((profile) => {
      const others = profiles.filter((other) => other !== profile);
      return stranger(profile, imageOf(profile, seed), others, context);
    });
  const named = strangers.filter((each) => each !== undefined).length;
  const nameless = tally(anonymous.map((profile) => judge(profile, imageOf(profile, seed), profiles, context)));
  const real = existsSync(dump) ? await realInverter() : undefined;
  const recognisable = verdictsOfAccepted(nameable, seed);
  const all = [own, ...Object.values(mutated)];
  const sum = (verdict: Verdict): number => all.reduce((total, each) => total + each[verdict], 0);
  const images = sum('right') + sum('undecided') + sum('unknown') + sum('wrong');
  const wrong = sum('wrong') + named + nameless.wrong + nameless.right + (real === 'wrong' ? 1 : 0);
  for (const [name, each] of Object.entries({ own, ...mutated })) context.log(`${name}: ${JSON.stringify(each)}`);
  return {
    name: 'identify',
    value: Number((sum('right') / images).toFixed(4)),
    unit: 'share of images named right',
    wrong,
    limit: 0,
    kept: wrong === 0,
    images,
    undecided: sum('undecided'),
    unknown: sum('unknown'),
    whereMarksRemain: share(recognisable),
    own: share(own),
    ...Object.fromEntries(Object.entries(mutated).map(([name, each]) => [name, share(each)])),
    profiles: nameable.length,
    anonymous: anonymous.length,
    anonymousNamed: nameless.right + nameless.wrong,
    strangers: strangers.length,
    strangersNamed: named,
    ...(real === undefined ? {} : { realInverter: real }),
    seed,
  };
};

export default bench;

function recognised(image: WordImage, known: readonly Profile[], port: Profile['port']): Recognition | undefined {
  const result = drive(recognise(known, port === undefined ? {} : { port }), (request) => readImage(image, request));
  return result.ok ? result.value : undefined;
}

function judge(
  truth: Profile,
  image: WordImage,
  known: readonly Profile[],
  context?: BenchContext,
  what = 'own',
): Verdict {
  const result = recognised(image, known, truth.port);
  if (result?.named !== undefined) {
    if (result.named.profile === truth) return 'right';
    context?.log(
      `WRONG (${what}): ${truth.name} was named ${result.named.profile.name}: ${result.named.why.join('; ')}`,
    );
    return 'wrong';
  }
  return result?.candidates.some(({ profile }) => profile === truth) === true ? 'undecided' : 'unknown';
}

/** Of images with holes, cuts and garbage, those that the profile itself still accepts as its device: what struck no mark. */
function verdictsOfAccepted(nameable: readonly Profile[], seed: number): Tally {
  const spoiling = mutations.filter((mutation) => ['holes', 'cut', 'garbage'].includes(mutation));
  const images = nameable.flatMap((profile) =>
    spoiling.map((mutation, at) => ({ profile, image: mutate(mutation, profile, imageOf(profile, seed), seed + at) })),
  );
  const accepted = images.filter(({ profile, image }) => drive(identify(profile), (read) => readImage(image, read)).ok);
  return tally(accepted.map(({ profile, image }) => judge(profile, image, profiles)));
}

function stranger(
  truth: Profile,
  image: WordImage,
  others: readonly Profile[],
  { log }: BenchContext,
): string | undefined {
  const named = recognised(image, others, truth.port)?.named;
  if (named !== undefined)
    log(`WRONG (stranger): ${truth.name} was named ${named.profile.name}, ${named.sureness}: ${named.why.join('; ')}`);
  return named?.profile.name;
}

async function realInverter(): Promise<Verdict> {
  const truth = profiles.find(({ name }) => name === 'sunspec-inverter');
  if (truth === undefined) throw new Error('there is no profile sunspec-inverter');
  return judge(truth, await wordsOfFile(dump), profiles);
}

function tally(verdicts: readonly Verdict[]): Tally {
  const counts: Tally = { right: 0, undecided: 0, unknown: 0, wrong: 0 };
  for (const verdict of verdicts) counts[verdict]++;
  return counts;
}

function share({ right, undecided, unknown, wrong }: Tally): number {
  return Number((right / Math.max(1, right + undecided + unknown + wrong)).toFixed(3));
}

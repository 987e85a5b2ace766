import type { FoundModel } from '../device-model.ts';
import type { Profile } from '../profile.ts';

/**
 * Several devices in one chain, as of an inverter with its meters: each begins with a common model of its own, or with a model that the
 * one before has already; models before that are shared. A section holds one model at least of `anyModel`.
 */
export function sectionsOf(
  chain: readonly FoundModel[],
  anyModel: readonly number[],
): readonly (readonly FoundModel[])[] {
  const sections: FoundModel[][] = [];
  let shared: FoundModel[] = [];
  let current: FoundModel[] | undefined;
  for (const model of chain) {
    if (model.id === commonModel) {
      shared = [];
      current = undefined;
    }
    const isNext = current === undefined || current.some(({ id }) => id === model.id);
    if (anyModel.includes(model.id) && isNext) sections.push((current = [...shared, model]));
    else (current ?? shared).push(model);
  }
  return sections;
}

const commonModel = 1;

/**
 * The models in which the points of this profile lie. Of the first device of a chain those behind it, too, for the models that it lacks
 * itself: not every maker keeps what belongs together in one place. `undefined`: there are not so many devices.
 */
export function modelsFor({ identify }: Profile, chain: readonly FoundModel[]): readonly FoundModel[] | undefined {
  if (!('sunspec' in identify)) return chain;
  const { anyModel, instance = 1 } = identify;
  const section = sectionsOf(chain, anyModel)[instance - 1];
  if (instance > 1 || section === undefined) return section;
  return [...section, ...chain.filter((model) => !section.includes(model) && !anyModel.includes(model.id))];
}

/** A profile for another of several such devices in one chain: `sunspec-meter@2`. */
export function atInstance(profile: Profile, instance: number): Profile | undefined {
  const { identify, name } = profile;
  if (!('sunspec' in identify) || identify.instance !== undefined) return undefined;
  return { ...profile, name: nameAt(name, instance), identify: { ...identify, instance } };
}

const nameAt = (name: string, instance: number): string => (instance === 1 ? name : `${name}@${instance}`);

/** What the chain has and this profile does not read. */
export type UnreadModels = {
  /** Profiles that read other devices of the same chain. */
  readonly profiles: readonly string[];
  /** Models of this device that are there more than once: the first is read. */
  readonly models: readonly number[];
};

export function unreadIn(
  profile: Profile,
  chain: readonly FoundModel[],
  wanted: ReadonlySet<number>,
): UnreadModels | undefined {
  if (!('sunspec' in profile.identify)) return undefined;
  const { anyModel, instance = 1 } = profile.identify;
  const sections = sectionsOf(chain, anyModel);
  const base = profile.name.split('@')[0] ?? profile.name;
  const profiles = sections.flatMap((_, index) => (index + 1 === instance ? [] : [nameAt(base, index + 1)]));
  const ids = (sections[instance - 1] ?? []).map(({ id }) => id);
  const models = [...new Set(ids.filter((id, index) => wanted.has(id) && ids.indexOf(id) !== index))];
  return profiles.length + models.length === 0 ? undefined : { profiles, models };
}

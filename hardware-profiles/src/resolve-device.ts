import { capabilities, commandKinds } from '@tiepoint/protocol';
import type { Capability, CommandKind, DeviceLimits } from '@tiepoint/protocol';
import { readPoint } from './decode.ts';
import type { DeviceModel, FoundModel, Identity, NameplatePoint, ResolvedPoint, Span } from './device-model.ts';
import { profileHash } from './profile-hash.ts';
import type { CommandPlan, Condition, NameplateName, Point, Profile, SetpointName, Step } from './profile.ts';
import { asList, isSunSpec, resolveSources, spansOf } from './resolve-point.ts';
import { unreadIn } from './sunspec/instances.ts';
import type { WordImage } from './word-image.ts';

/** The points of a profile as they lie in one device. */
export type Layout = { readonly points: readonly ResolvedPoint[]; readonly nameplate: readonly NameplatePoint[] };

/** Of capabilities, which points must be there; each entry is a choice. */
export const pointsOfCapability: Record<Capability, readonly (readonly (keyof Profile['points'])[])[]> = {
  generation: [['activePowerW']],
  storage: [['stateOfChargePct', 'storedEnergyWh']],
  'service-switch': [['switchState'], ['loadSideVoltage', 'loadSideVoltageV']],
  breaker: [['breakerState']],
  synchroniser: [['synchroniser'], ['breakerState']],
  'load-control': [['relay1']],
  meter: [['activePowerW'], ['importedEnergyWh']],
};

const sunspecIdentity: { readonly [N in NameplateName]?: Point } = {
  'identity:manufacturer': { source: { models: [1], point: 'Mn' } },
  'identity:model': { source: { models: [1], point: 'Md' } },
  'identity:serialNumber': { source: { models: [1], point: 'SN' } },
  'identity:firmware': { source: { models: [1], point: 'Vr' } },
};

export const isNameplate = (name: string): name is NameplateName =>
  name.startsWith('identity:') || name.startsWith('limit:');

/** Places every point of the profile; one that the device lacks is left out. */
export function layoutOf(profile: Profile, chain: readonly FoundModel[]): Layout {
  const written = writtenPoints(profile);
  const points: ResolvedPoint[] = [];
  const nameplate: NameplatePoint[] = [];
  const all = 'sunspec' in profile.identify ? { ...sunspecIdentity, ...profile.points } : profile.points;
  for (const [name, given] of Object.entries(all) as [
    ResolvedPoint['name'] | NameplateName,
    Point | readonly Point[],
  ][]) {
    const found = asList(given).flatMap((point) =>
      resolveSources(profile.kind, point, chain, written.has(name as SetpointName)).map((source) => ({
        point,
        source,
      })),
    );
    if (found.length === 0) continue;
    const sources = found.map(({ source }) => source);
    const reads: Span[] = sources.flatMap(spansOf);
    if (isNameplate(name)) nameplate.push({ name, every: 'start', sources, reads });
    else
      points.push({
        name,
        every: found[0]?.point.every ?? (name.startsWith('set:') ? 'start' : 'cycle'),
        sources,
        reads,
      });
  }
  return { points, nameplate };
}

/** Every SunSpec model that some point of the profile may lie in. */
export function sunspecModelsOf(profile: Profile): ReadonlySet<number> {
  const points = Object.values(profile.points).flatMap((given) => asList(given));
  return new Set(points.flatMap(({ source }) => (isSunSpec(source) ? source.models : [])));
}

export function writtenPoints(profile: Profile): ReadonlySet<SetpointName> {
  const steps = Object.values(profile.commands).flatMap((plan) => plan.steps);
  return new Set(steps.flatMap((step) => (step.do === 'write' ? [step.point] : [])));
}

/** Points of the profile's `unconfirmed` that were checked at this device. */
export type Confirmed = 'all' | readonly string[];

/** What the device answered: its chain, the points in it, and the words of its nameplate. */
export type Answered = { readonly chain: readonly FoundModel[]; readonly layout: Layout; readonly image: WordImage };

/** The device as it is. `configured` limits win over read ones. */
export function deviceModel(
  profile: Profile,
  { chain, layout, image }: Answered,
  configured: DeviceLimits,
  confirmed: Confirmed,
): DeviceModel {
  const nameplate: Record<string, number | string | undefined> = {};
  const unread = unreadIn(profile, chain, sunspecModelsOf(profile));
  for (const point of layout.nameplate) nameplate[point.name] = nameplateValue(point, image);
  const has = new Set<string>(layout.points.map(({ name }) => name));
  if (profile.control === 'none') has.add('control');
  if (has.has('loadSideVoltageV')) has.add('loadSideVoltage');
  const possible = commandKinds.filter((kind) => isPossible(profile.commands[kind], has));
  const withheld = possible
    .map((kind) => ({ kind, unconfirmed: unconfirmedOf(profile, kind, confirmed) }))
    .filter(({ unconfirmed }) => unconfirmed.length > 0);
  const commands = possible.filter((kind) => !withheld.some((one) => one.kind === kind));
  const toldLimits = { ...profile.limits, ...limitsOf(nameplate) };
  return {
    profile,
    profileHash: profileHash(profile),
    identity: identityOf(profile, nameplate),
    limits: { ...toldLimits, ...definedOnly(configured) },
    toldLimits,
    maxRegisters: Math.min(profile.maxRegisters ?? 125, 125),
    points: layout.points,
    nameplate: layout.nameplate,
    capabilities: capabilities.filter(
      (capability) =>
        profile.capabilities.includes(capability) &&
        pointsOfCapability[capability].every((choice) => choice.some((name) => has.has(name))),
    ),
    commands,
    withheld,
    plans: Object.fromEntries(commands.map((kind) => [kind, profile.commands[kind]])),
    ...('sunspec' in profile.identify ? { sunspecModels: chain } : {}),
    ...(unread === undefined ? {} : { sunspecUnread: unread }),
  };
}

// A serial number may be a number; everything of the identity is told as text.
function nameplateValue(point: NameplatePoint, image: WordImage): number | string | undefined {
  const value = readPoint(point, image);
  if (point.name.startsWith('identity:')) return value === undefined ? undefined : String(value);
  return typeof value === 'number' ? value : undefined;
}

function isPossible(plan: CommandPlan | undefined, has: ReadonlySet<string>): boolean {
  return plan !== undefined && [...neededPoints(plan)].every((name) => has.has(name));
}

function unconfirmedOf(
  { unconfirmed = [], commands }: Profile,
  kind: CommandKind,
  confirmed: Confirmed,
): readonly string[] {
  const plan = commands[kind];
  if (confirmed === 'all' || plan === undefined) return [];
  const named = neededPoints(plan);
  // Presence on the load side may be told by its voltage alone, and is as good as that.
  const needed = named.has('loadSideVoltage') ? new Set([...named, 'loadSideVoltageV']) : named;
  return unconfirmed.filter((name) => needed.has(name) && !confirmed.includes(name));
}

/** Points without which a plan cannot be carried out or proven. */
export function neededPoints(plan: CommandPlan): ReadonlySet<string> {
  const needed = new Set(plan.proof.flatMap(pointsOfCondition));
  for (const step of plan.steps) for (const name of pointsOfStep(step)) needed.add(name);
  return needed;
}

const pointsOfCondition = (condition: Condition): readonly string[] =>
  'belowPct' in condition ? [condition.point, condition.of] : [condition.point];

function pointsOfStep(step: Step): readonly string[] {
  switch (step.do) {
    case 'write':
      return step.optional === true ? [] : [step.point];
    case 'await':
      return step.until.flatMap(pointsOfCondition);
    case 'require':
      return step.that.flatMap(pointsOfCondition);
  }
}

function identityOf(profile: Profile, nameplate: Record<string, number | string | undefined>): Identity {
  const read = definedOnly({
    manufacturer: nameplate['identity:manufacturer'],
    model: nameplate['identity:model'],
    serialNumber: nameplate['identity:serialNumber'],
    firmware: nameplate['identity:firmware'],
  }) as Identity;
  return 'sunspec' in profile.identify ? read : { manufacturer: profile.make, model: profile.model, ...read };
}

function limitsOf(nameplate: Record<string, number | string | undefined>): DeviceLimits {
  const read = Object.entries(nameplate).filter(
    ([name, value]) => name.startsWith('limit:') && typeof value === 'number' && value > 0,
  );
  return Object.fromEntries(read.map(([name, value]) => [name.slice('limit:'.length), value]));
}

function definedOnly<T extends object>(values: T): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}

import { commandKinds, commandRules, numberPoints, wordPoints } from '@tiepoint/protocol';
import type { CommandKind } from '@tiepoint/protocol';
import type { Mistake, Path, SoundParts } from './profile-shape.ts';
import type { CommandPlan, Condition, Point, Profile, Step, WriteValue } from './profile.ts';
import { neededPoints } from './resolve-device.ts';
import { asList, isSunSpec } from './resolve-point.ts';

type Say = (path: Path, what: string) => void;
type Command = { readonly kind: CommandKind; readonly plan: CommandPlan };

const longestMs = 900_000;

/** What commands would do that they must not, or could not; above all what they would close, or call done, without measuring. */
export function commandMistakes(sound: SoundParts): readonly Mistake[] {
  const mistakes: Mistake[] = [];
  for (const kind of commandKinds) {
    const plan = sound.profile.commands[kind];
    if (plan === undefined) continue;
    const say: Say = (path, what) => mistakes.push({ path: ['commands', kind, ...path], say: what });
    checkPlan(sound, { kind, plan }, say);
    checkSafety(sound.profile, { kind, plan }, say);
    checkOnlyClosing(sound.profile, { kind, plan }, say);
  }
  return mistakes;
}

function checkPlan({ profile, names }: SoundParts, { kind, plan }: Command, say: Say): void {
  if (plan.proof.length === 0) say(['proof'], 'has no proof: nothing would tell whether it was done');
  else if (plan.proof.every(({ point }) => point.startsWith('set:')))
    say(['proof'], 'is proven by set-points only: what was written is not what is');
  if (!plan.steps.some((step) => step.do === 'write')) say(['steps'], 'writes nothing');
  if (!(plan.withinMs > 0 && plan.withinMs <= longestMs))
    say(['withinMs'], `is ${plan.withinMs}, which is not within 15 minutes`);
  for (const name of neededPoints(plan))
    if (!names.has(name) && !isDerived(name, profile, names)) say([], `needs the point ${name}, which is not there`);
  plan.steps.forEach((step, index) =>
    checkStep(profile, kind, step, (path, what) => say(['steps', index, ...path], what)),
  );
  plan.proof.forEach((condition, index) =>
    checkCondition(profile, kind, condition, (path, what) => say(['proof', index, ...path], what)),
  );
}

/** Points that are told without a register of their own. */
function isDerived(name: string, { control }: Profile, names: ReadonlySet<string>): boolean {
  return (name === 'loadSideVoltage' && names.has('loadSideVoltageV')) || (name === 'control' && control === 'none');
}

function checkStep(profile: Profile, kind: CommandKind, step: Step, say: Say): void {
  if (step.do === 'write') {
    checkWrite(profile, kind, step, say);
    return;
  }
  const conditions = step.do === 'await' ? step.until : step.that;
  if (conditions.length === 0) say([], 'has a step without conditions');
  const key = step.do === 'await' ? 'until' : 'that';
  conditions.forEach((condition, index) =>
    checkCondition(profile, kind, condition, (path, what) => say([key, index, ...path], what)),
  );
  if (step.do === 'await' && !(step.withinMs > 0 && step.withinMs <= longestMs))
    say(['withinMs'], `is ${step.withinMs}, which is not within 15 minutes`);
  if (step.say.trim() === '') say(['say'], 'is empty: the operator would not learn why');
}

function checkWrite(profile: Profile, kind: CommandKind, step: Extract<Step, { do: 'write' }>, say: Say): void {
  if (!step.point.startsWith('set:')) say(['point'], `is ${step.point}: only a set-point is written`);
  checkParameter(kind, step.when, ['when'], say);
  checkParameter(kind, step.value, ['value'], say);
  const [point] = pointsNamed(profile, step.point);
  const order = orderOf(step.value);
  if (point === undefined) return;
  if (point.orders === undefined) {
    if (order !== undefined) say(['value'], `${step.point} takes no orders`);
  } else if (order === undefined)
    say(['value'], `${step.point} takes an order: ${Object.keys(point.orders).join(', ')}`);
  else if (!Object.hasOwn(point.orders, order))
    say(['value'], `${step.point} has no order ${order}; there are ${Object.keys(point.orders).join(', ')}`);
}

const orderOf = (value: WriteValue): string | undefined =>
  typeof value === 'object' && 'order' in value ? value.order : undefined;

function checkParameter(kind: CommandKind, given: unknown, path: Path, say: Say): void {
  if (typeof given !== 'object' || given === null || !('parameter' in given)) return;
  if (!(commandRules[kind].parameters as readonly unknown[]).includes(given.parameter))
    say(path, `uses the parameter ${String(given.parameter)}, which ${kind} does not take`);
}

function pointsNamed(profile: Profile, name: string): readonly Point[] {
  const points = profile.points as Readonly<Record<string, Point | readonly Point[] | undefined>>;
  return Object.hasOwn(points, name) ? asList<Point>(points[name]) : [];
}

function checkCondition(profile: Profile, kind: CommandKind, condition: Condition, say: Say): void {
  const { point: name, when } = condition;
  const points = pointsNamed(profile, name);
  checkParameter(kind, when, ['when'], say);
  if (points.some(({ orders }) => orders !== undefined)) say(['point'], `${name} takes orders, and is never read`);
  if ('is' in condition) {
    checkParameter(kind, condition.is, ['is'], say);
    if (typeof condition.is === 'object' && 'parameter' in condition.is) return;
    const wanted = typeof condition.is === 'string' ? [condition.is] : condition.is;
    const words = wordsOfNamed(name, points);
    const possible = wanted.filter((word) => words === undefined || words.includes(word));
    if (possible.length === 0 && wanted.length > 0)
      say(['is'], `${name} is never ${wanted.join(' or ')}; it is ${words?.join(', ') ?? 'unknown'}`);
    for (const word of wanted) if (!isWordOf(name, word)) say(['is'], `${word} is no word that ${name} ever has`);
    if (wanted.length === 0) say(['is'], 'is to be one of no words');
    return;
  }
  if ('near' in condition) checkParameter(kind, condition.near, ['near'], say);
  if ('belowPct' in condition) {
    checkParameter(kind, condition.belowPct, ['belowPct'], say);
    if (condition.of === undefined) say(['of'], 'is missing: percent of what?');
  }
  if (('near' in condition || 'belowPct' in condition) && condition.tolerance === undefined)
    say(['tolerance'], 'is missing: nothing measured is exact');
  if (Object.hasOwn(wordPoints, name) || points.some(({ codes }) => codes !== undefined))
    say(['point'], `${name} is a word, and is compared with a number`);
}

/** Of points whose words are fixed for all devices; a condition may name more of them than this device has. */
const isWordOf = (name: string, word: string): boolean =>
  !Object.hasOwn(wordPoints, name) || (wordPoints[name as keyof typeof wordPoints] as readonly string[]).includes(word);

/** The words that a point can read as; `undefined` where it tells numbers, or is not of this profile. */
function wordsOfNamed(name: string, points: readonly Point[]): readonly string[] | undefined {
  if (name === 'control') return ['local', 'remote', 'none'];
  if (name === 'loadSideVoltage') return wordPoints.loadSideVoltage;
  if (Object.hasOwn(numberPoints, name)) return [];
  if (points.length === 0 || points.some(({ codes, source }) => codes === undefined && isSunSpec(source)))
    return undefined;
  return [...new Set(points.flatMap(({ codes }) => Object.values(codes ?? {})))];
}

/** What is measured before a command's first write. */
function requiredFirst(plan: CommandPlan): readonly Condition[] {
  const firstWrite = plan.steps.findIndex((step) => step.do === 'write');
  return plan.steps.slice(0, Math.max(firstWrite, 0)).flatMap((step) => (step.do === 'require' ? step.that : []));
}

const demands = (conditions: readonly Condition[], name: string, word: string): boolean =>
  conditions.some((condition) => condition.point === name && 'is' in condition && condition.is === word);

function checkSafety(profile: Profile, { kind, plan }: Command, say: Say): void {
  const first = requiredFirst(plan);
  const { capabilities } = profile;
  if (profile.control === 'point' && !demands(first, 'control', 'remote'))
    say(['steps'], 'must require control to be remote before it writes: somebody may be working in LOCAL');
  if (kind === 'connect' && capabilities.includes('service-switch') && !demands(first, 'loadSideVoltage', 'absent'))
    say(['steps'], 'must require a dead load side before it writes');
  const loadSide = pointsNamed(profile, 'loadSideVoltage').flatMap(({ codes }) => (codes === undefined ? [] : [codes]));
  if (kind === 'connect' && loadSide.some((codes) => !Object.values(codes).includes('present')))
    say([], 'requires a dead load side, and loadSideVoltage could never read as present');
  const isClosing = kind === 'connect' || kind === 'activate-synchronization';
  if (isClosing && capabilities.includes('synchroniser') && !demands(first, 'breakerState', 'open'))
    say(['steps'], 'must require an open breaker before it lets the synchroniser close');
  if (isClosing && capabilities.includes('breaker') && !capabilities.includes('synchroniser') && !hasDeadSide(first))
    say(['steps'], 'must require a dead side before it writes: nothing synchronises this breaker');
  if (
    kind === 'connect' &&
    profile.kind !== 'aas' &&
    !capabilities.some((each) => each === 'service-switch' || each === 'breaker')
  )
    say(
      [],
      'closes something that no capability tells of: name service-switch or breaker, whose preconditions then hold',
    );
  if (kind === 'disconnect' && measuresFlow(profile) && !plan.proof.some(({ point }) => isFlow(point)))
    say(['proof'], 'must prove by current or power that nothing flows any more: a contact may be welded');
}

/** Commands that close, each with its own preconditions. */
const closing: readonly CommandKind[] = ['connect', 'activate-synchronization', 'enable-synchronization'];

/** What `connect` alone may write, no other command writes by another name: its preconditions would be passed by. */
function checkOnlyClosing(profile: Profile, { kind, plan }: Command, say: Say): void {
  const { connect, disconnect } = profile.commands;
  if (connect === undefined || closing.includes(kind)) return;
  const isIn = (writes: readonly WriteStep[], write: WriteStep): boolean =>
    writes.some((other) => mayBeSame(profile, other, write));
  if (kind === 'disconnect') {
    if (writesOf(connect).every((write) => isIn(writesOf(plan), write)))
      say(['steps'], 'writes all that connect writes, so that it would close as well as open');
    return;
  }
  const opens = disconnect === undefined ? [] : writesOf(disconnect);
  const closes = writesOf(connect).filter((write) => !isIn(opens, write));
  plan.steps.forEach((step, index) => {
    if (step.do === 'write' && isIn(closes, step))
      say(['steps', index], 'writes what connect writes, without what connect must measure before');
  });
}

type WriteStep = Extract<Step, { do: 'write' }>;
const writesOf = ({ steps }: CommandPlan): readonly WriteStep[] => steps.filter((step) => step.do === 'write');

/** The same value, or one that is a parameter's, into the same register. */
function mayBeSame(profile: Profile, one: WriteStep, other: WriteStep): boolean {
  const place = ({ point }: WriteStep): string => {
    const [written] = pointsNamed(profile, point);
    return written === undefined ? point : JSON.stringify([written.source, written.type === 'bit' ? point : '']);
  };
  if (place(one) !== place(other)) return false;
  const isParameter = ({ value }: WriteStep): boolean => typeof value === 'object' && 'parameter' in value;
  return isParameter(one) || isParameter(other) || JSON.stringify(one.value) === JSON.stringify(other.value);
}

/** No bus at which this much is measured is dead. */
const deadBelowV = 60;

/** One side of a breaker is measured dead: the load side, or the bus. */
function hasDeadSide(conditions: readonly Condition[]): boolean {
  return (
    demands(conditions, 'loadSideVoltage', 'absent') ||
    conditions.some(
      (condition) =>
        condition.point === 'busVoltageV' &&
        'below' in condition &&
        condition.below <= deadBelowV &&
        condition.orBelowRated === undefined,
    )
  );
}

const flows = ['currentA', 'currentAA', 'currentBA', 'currentCA', 'activePowerW'];
const isFlow = (name: string): boolean => flows.includes(name);
const measuresFlow = ({ points }: Profile): boolean => flows.some((name) => Object.hasOwn(points, name));

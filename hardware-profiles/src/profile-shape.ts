import { capabilities, commandKinds, commandParameters, deviceKinds, deviceLimits, reasons } from '@tiepoint/protocol';
import type { DeviceLimits } from '@tiepoint/protocol';
import type {
  CommandPlan,
  Condition,
  FixedSource,
  Point,
  Probe,
  Profile,
  Step,
  SunSpecSource,
  When,
} from './profile.ts';

export type Path = readonly (string | number)[];
/** One thing that is wrong, where it stands, and what it should be. `meant`: the names among which the one that stands there may be. */
export type Mistake = { readonly path: Path; readonly say: string; readonly meant?: readonly string[] };

/** A profile without the points and commands of the wrong shape, and the names of all points that it meant to have. */
export type SoundParts = { readonly profile: Profile; readonly names: ReadonlySet<string> };

/** Looks at a value that may be anything. Never throws, and goes no deeper than the shape of a profile. */
type Shape = (value: unknown, path: Path, say: (path: Path, what: string) => void) => void;

/** Everything in which a value differs from the shape of a profile; its meaning is not looked at. */
export function shapeMistakes(candidate: unknown): readonly Mistake[] {
  const mistakes: Mistake[] = [];
  profileShape(candidate, [], (path, what) => mistakes.push({ path, say: what }));
  return mistakes;
}

/** A map that came from JSON or YAML. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return value === null ? 'empty' : 'a map';
  if (typeof value === 'string') return `'${value.slice(0, 40)}'`;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : typeof value;
}

const text: Shape = (value, path, say) => {
  if (typeof value !== 'string') say(path, `is ${shown(value)}, and must be a text`);
};

const truth: Shape = (value, path, say) => {
  if (typeof value !== 'boolean') say(path, `is ${shown(value)}, and must be true or false`);
};

const number: Shape = (value, path, say) => {
  if (typeof value !== 'number' || !Number.isFinite(value)) say(path, `is ${shown(value)}, and must be a number`);
};

const whole =
  (min: number, max: number): Shape =>
  (value, path, say) => {
    if (!Number.isInteger(value) || (value as number) < min || (value as number) > max)
      say(path, `is ${shown(value)}, and must be a whole number from ${min} to ${max}`);
  };

const oneOf =
  (words: readonly unknown[]): Shape =>
  (value, path, say) => {
    if (!words.includes(value)) say(path, `is ${shown(value)}, and must be one of ${words.join(', ')}`);
  };

const longestList = 1_000;

const list =
  (each: Shape): Shape =>
  (value, path, say) => {
    if (!Array.isArray(value)) return say(path, `is ${shown(value)}, and must be a list`);
    if (value.length > longestList) return say(path, `is longer than ${longestList}, which no list of a profile is`);
    // Not by forEach, which passes over holes.
    for (let index = 0; index < value.length; index++) each(value[index], [...path, index], say);
  };

const pair: Shape = (value, path, say) => {
  if (!Array.isArray(value) || value.length !== 2) return say(path, `is ${shown(value)}, and must be two numbers`);
  for (let index = 0; index < 2; index++) number(value[index], [...path, index], say);
};

const map =
  (each: Shape, keys: 'any' | 'whole' = 'any'): Shape =>
  (value, path, say) => {
    if (!isMap(value)) return say(path, `is ${shown(value)}, and must be a map`);
    for (const [key, member] of Object.entries(value)) {
      if (keys === 'whole' && !/^(?:0|[1-9]\d{0,15})$/.test(key)) say([...path, key], 'must be a whole number');
      each(member, [...path, key], say);
    }
  };

const oneOrList =
  (each: Shape): Shape =>
  (value, path, say) =>
    (Array.isArray(value) ? list(each) : each)(value, path, say);

/** By the kind of value, for what may be one or the other. */
const either =
  (choose: (value: unknown) => Shape): Shape =>
  (value, path, say) =>
    choose(value)(value, path, say);

type KeysOf<T> = T extends unknown ? keyof T : never;
/** Every property of a type (or of any of its alternatives), so that none is forgotten here when the type grows. */
type Fields<T> = Readonly<Record<KeysOf<T> & string, Shape>>;

function object<T>(fields: Fields<T>, needs: readonly (KeysOf<T> & string)[], what: string): Shape {
  return (value, path, say) => {
    if (!isMap(value)) return say(path, `is ${shown(value)}, and must be ${what}: a map`);
    for (const key of needs) if (value[key] === undefined) say([...path, key], `is missing in ${what}`);
    for (const [key, member] of Object.entries(value)) {
      if (!Object.hasOwn(fields, key))
        say([...path, key], `is no property of ${what}; there are ${Object.keys(fields).join(', ')}`);
      else if (member !== undefined) (fields as Readonly<Record<string, Shape>>)[key]?.(member, [...path, key], say);
    }
  };
}

/** Exactly one of some properties. */
const exactlyOne =
  (keys: readonly string[], shape: Shape): Shape =>
  (value, path, say) => {
    shape(value, path, say);
    if (!isMap(value)) return;
    const given = keys.filter((key) => value[key] !== undefined);
    if (given.length !== 1)
      say(path, `has ${given.join(' and ') || 'none'} of ${keys.join(', ')}, and must have exactly one`);
  };

const wordTypes = 'int16 uint16 int32 uint32 int64 uint64 float32 float64 bit text'.split(' ');
const wordType = oneOf(wordTypes);
const wordOrder = oneOf(['big', 'little']);
const address = whole(0, 0xffff);
const parameterName = oneOf(Object.keys(commandParameters.shape));
const textOrNumber = either((value) => (typeof value === 'number' ? number : text));
const numberOrParameter = either((value) =>
  isMap(value) ? object({ parameter: parameterName }, ['parameter'], 'a parameter') : number,
);

const fixedSource = object<FixedSource>(
  { table: oneOf(['coil', 'discrete', 'input', 'holding']), address },
  ['table', 'address'],
  'a source',
);

const sunspecSource = object<SunSpecSource>(
  { models: list(whole(1, 0xffff)), point: text },
  ['models', 'point'],
  'a SunSpec source',
);

const pointShape = object<Point>(
  {
    source: either((value) => (isMap(value) && 'models' in value ? sunspecSource : fixedSource)),
    type: wordType,
    wordOrder,
    length: whole(1, 125),
    scale: number,
    positive: oneOf(['import', 'export']),
    notImplemented: either((value) =>
      value === 'nan' ? text : oneOrList(whole(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)),
    ),
    every: oneOf(['cycle', 'minute', 'start']),
    codes: map(text, 'whole'),
    bit: whole(0, 63),
    bitCount: whole(1, 32),
    alarmBits: map(text, 'whole'),
    alarmCodes: map(text, 'whole'),
    singleWrite: truth,
    orders: map(list(whole(0, 0xffff))),
    plausible: pair,
  },
  ['source'],
  'a point',
);

const whenShape = object<When>({ parameter: parameterName, is: textOrNumber }, ['parameter', 'is'], 'a condition');

const conditionShape = exactlyOne(
  ['is', 'above', 'below', 'near', 'belowPct'],
  object<Condition>(
    {
      point: text,
      when: whenShape,
      is: either((value) =>
        isMap(value) ? object({ parameter: parameterName }, ['parameter'], 'a parameter') : oneOrList(text),
      ),
      above: number,
      below: number,
      orBelowRated: number,
      near: numberOrParameter,
      belowPct: numberOrParameter,
      of: text,
      tolerance: number,
    },
    ['point'],
    'a condition',
  ),
);

const valueShape = either((value) => {
  if (!isMap(value)) return number;
  if ('order' in value) return object({ order: text }, ['order'], 'an order');
  return object<{ parameter: string; codes: object }>(
    { parameter: parameterName, codes: map(number) },
    ['parameter'],
    'a parameter',
  );
});

type StepOf<D> = Extract<Step, { readonly do: D }>;
const reason = oneOf(reasons);
const stepShapes: { readonly [D in Step['do']]: Shape } = {
  write: object<StepOf<'write'>>(
    { do: text, point: text, value: valueShape, optional: truth, when: whenShape },
    ['point', 'value'],
    'a write',
  ),
  await: object<StepOf<'await'>>(
    { do: text, until: list(conditionShape), withinMs: number, say: text, otherwise: reason },
    ['until', 'withinMs', 'say', 'otherwise'],
    'an await',
  ),
  require: object<StepOf<'require'>>(
    { do: text, that: list(conditionShape), reason, say: text },
    ['that', 'reason', 'say'],
    'a require',
  ),
};

const stepShape: Shape = (value, path, say) => {
  const kind: unknown = isMap(value) ? value['do'] : undefined;
  const shape =
    typeof kind === 'string' && Object.hasOwn(stepShapes, kind) ? stepShapes[kind as Step['do']] : undefined;
  if (shape === undefined)
    say([...path, 'do'], `is ${shown(kind)}, and must be one of ${Object.keys(stepShapes).join(', ')}`);
  else shape(value, path, say);
};

const planShape = object<CommandPlan>(
  { steps: list(stepShape), proof: list(conditionShape), withinMs: number },
  ['steps', 'proof', 'withinMs'],
  'a command',
);

const probeShape = exactlyOne(
  ['within', 'equals', 'oneOf', 'startsWith', 'refused'],
  object<Probe>(
    {
      source: fixedSource,
      type: wordType,
      wordOrder,
      length: whole(1, 125),
      block: object({ address, registers: whole(1, 125) }, ['address', 'registers'], 'a block'),
      within: pair,
      equals: textOrNumber,
      oneOf: list(textOrNumber),
      startsWith: text,
      refused: oneOf([true]),
    },
    ['source', 'type'],
    'a probe',
  ),
);

/** So many devices have no chain of at most 100 models. */
const mostInstances = 50;

const identifyShape = either((value) =>
  isMap(value) && 'sunspec' in value
    ? object<{ sunspec: true; anyModel: number[]; implements: SunSpecSource[]; instance: number }>(
        {
          sunspec: oneOf([true]),
          anyModel: list(whole(1, 0xffff)),
          implements: list(sunspecSource),
          instance: whole(1, mostInstances),
        },
        ['anyModel'],
        'SunSpec identification',
      )
    : object<{ probes: Probe[]; anonymous: true }>(
        { probes: list(probeShape), anonymous: oneOf([true]) },
        ['probes'],
        'identification',
      ),
);

const limits = Object.fromEntries(Object.keys(deviceLimits.shape).map((name) => [name, number]));

const profileShape = object<Profile>(
  {
    name: text,
    make: text,
    model: text,
    source: text,
    kind: oneOf(deviceKinds),
    yieldsTo: list(text),
    port: oneOf(['p1']),
    capabilities: list(oneOf(capabilities)),
    maxRegisters: whole(1, 125),
    identify: identifyShape,
    points: map(oneOrList(pointShape)),
    unconfirmed: list(text),
    limits: object<DeviceLimits>(limits as Fields<DeviceLimits>, [], 'limits'),
    control: oneOf(['none', 'point']),
    commands: (value, path, say) => {
      if (!isMap(value))
        return say(path, `is ${shown(value)}, and must be a map, empty for a device that takes no command`);
      for (const [kind, plan] of Object.entries(value)) {
        oneOf(commandKinds)(kind, [...path, kind], say);
        if (plan !== undefined) planShape(plan, [...path, kind], say);
      }
    },
  },
  ['name', 'make', 'model', 'source', 'kind', 'capabilities', 'identify', 'points', 'control', 'commands'],
  'a profile',
);

import { alarmCodes, capabilities, commandKinds, commandRules, numberPoints, wordPoints } from '@tiepoint/protocol';
import type { CommandKind } from '@tiepoint/protocol';
import type { CommandPlan, Condition, Point, Profile, Step } from './profile.ts';
import { wordsOf } from './raw-words.ts';
import { isNameplate, neededPoints, pointsOfCapability, writtenPoints } from './resolve-device.ts';
import { asList, isSunSpec } from './resolve-point.ts';
import { findModel } from './sunspec/models.ts';

type Say = (where: string, what: string) => void;

/** What is wrong with a profile; each line names the file (or the profile) and the point or command. Empty: nothing. */
export function validateProfile(profile: Profile, file = profile.name): readonly string[] {
  const errors: string[] = [];
  const say: Say = (where, what) => errors.push(`${file}: ${where}: ${what}`);
  checkFrame(profile, say);
  for (const [name, given] of Object.entries(profile.points)) {
    const points = asList(given);
    if (points.length === 0) say(name, 'has no source');
    for (const point of points) checkPoint(profile, name, point, say);
  }
  for (const [kind, plan] of Object.entries(profile.commands)) checkCommand(profile, kind as CommandKind, plan, say);
  return errors;
}

function checkFrame(profile: Profile, say: Say): void {
  if (!/^[a-z0-9-]{1,64}$/.test(profile.name)) say('name', 'must be 1 to 64 of a–z, 0–9 and -');
  for (const key of ['make', 'model', 'source'] as const) if (profile[key].trim() === '') say(key, 'is empty');
  if (profile.make.length > 64 || profile.model.length > 64)
    say('model', 'make and model may have 64 characters, the birth carries no more');
  const { maxRegisters = 125 } = profile;
  if (!Number.isInteger(maxRegisters) || maxRegisters < 1 || maxRegisters > 125)
    say('maxRegisters', `${maxRegisters} is not 1 to 125`);
  if (profile.control === 'point' && profile.points.control === undefined)
    say('control', 'is to be a point, but no point `control` is there');
  if (profile.control === 'none' && profile.points.control !== undefined)
    say('control', 'is none, but there is a point `control`');
  if ('probes' in profile.identify && profile.identify.probes.length === 0)
    say('identify', 'has no probe: every device would be taken for this one');
  if ('anyModel' in profile.identify && profile.identify.anyModel.length === 0)
    say('identify', 'names no SunSpec model');
  for (const name of profile.unconfirmed ?? [])
    if (!(name in profile.points)) say('unconfirmed', `names ${name}, which is no point of it`);
  for (const capability of profile.capabilities) {
    if (!capabilities.includes(capability)) say(`capability ${capability}`, 'is not known');
    for (const choice of pointsOfCapability[capability] ?? []) {
      if (!choice.some((name) => name in profile.points))
        say(`capability ${capability}`, `needs the point ${choice.join(' or ')}`);
    }
  }
}

function checkPoint(profile: Profile, name: string, point: Point, say: Say): void {
  checkName(name, point, say);
  if (isSunSpec(point.source)) checkSunSpec(profile, name, point, point.source, say);
  else checkFixed(profile, name, point, say);
  if (point.scale !== undefined && !(Number.isFinite(point.scale) && point.scale !== 0))
    say(name, `scale ${point.scale} is no factor`);
  if (point.bit === undefined && point.bitCount !== undefined) say(name, 'has bitCount without bit');
  for (const alarm of [...Object.values(point.alarmBits ?? {}), ...Object.values(point.alarmCodes ?? {})]) {
    if (!alarmCodes.includes(alarm)) say(name, `alarm ${alarm} is not known`);
  }
}

function checkName(name: string, point: Point, say: Say): void {
  const hasAlarms = point.alarmBits !== undefined || point.alarmCodes !== undefined;
  if (name === 'alarms') {
    if (!hasAlarms) say(name, 'needs alarmBits or alarmCodes');
    return;
  }
  if (hasAlarms) say(name, 'has alarms, which only the point alarms takes');
  const words = (wordPoints as Readonly<Record<string, readonly string[]>>)[name];
  if (words !== undefined) {
    if (point.codes === undefined) say(name, `needs codes for its words ${words.join(', ')}`);
    for (const word of Object.values(point.codes ?? {}))
      if (!words.includes(word)) say(name, `${word} is none of its words ${words.join(', ')}`);
  } else if (name in numberPoints) {
    if (point.codes !== undefined) say(name, 'is a number, and has codes');
    if (point.type === 'text') say(name, 'is a number, and has type text');
  } else if (!name.startsWith('set:') && !isNameplate(name)) {
    say(name, 'is no point that Tiepoint knows');
  }
}

/** SunSpec's words for our units. */
const unitWords: Readonly<Record<string, readonly string[]>> = {
  W: ['W', 'var'],
  var: ['VAR'],
  VA: ['VA'],
  A: ['A'],
  V: ['V'],
  Hz: ['HZ'],
  Wh: ['WH'],
  '%': ['PCT', '%'],
};

function checkSunSpec(
  profile: Profile,
  name: string,
  point: Point,
  source: { models: readonly number[]; point: string },
  say: Say,
): void {
  if (!('sunspec' in profile.identify)) say(name, 'is a SunSpec point of a profile that does not read the chain');
  if (
    point.type !== undefined ||
    point.length !== undefined ||
    point.wordOrder !== undefined ||
    point.notImplemented !== undefined
  ) {
    say(name, 'takes type, length, word order and "not implemented" from the model');
  }
  const found = source.models.map((id) => ({ id, definition: findModel(id) }));
  if (found.length === 0) say(name, 'names no model');
  for (const { id, definition } of found) if (definition === undefined) say(name, `model ${id} is not known`);
  const defined = found.flatMap(({ definition }) => definition?.points.get(source.point) ?? []);
  if (defined.length === 0) say(name, `no model of ${source.models.join(', ')} has a point ${source.point}`);
  for (const { units, type, writable } of defined) {
    const unit = unitOf(name);
    if (unit !== undefined && !unitFits(unit, units))
      say(name, `is in ${unit}, but ${source.point} in ${units ?? 'no unit'}`);
    if (name in numberPoints && (type === 'string' || type.startsWith('enum') || type.startsWith('bitfield')))
      say(name, `is a number, but ${source.point} is ${type}`);
    if (writtenPoints(profile).has(name as `set:${string}`) && !writable)
      say(name, `is written, but ${source.point} is read only`);
  }
}

function unitOf(name: string): string | undefined {
  return (numberPoints as Readonly<Record<string, string>>)[name];
}

function unitFits(unit: string, units: string | undefined): boolean {
  const word = units ?? '';
  // 122.WAval is in var by a slip of the model definition; it is a power.
  return (unitWords[unit] ?? [unit]).some((known) =>
    known === '%' ? word.startsWith('%') : word === known || word.toUpperCase() === known,
  );
}

function checkFixed(profile: Profile, name: string, point: Point, say: Say): void {
  if (isSunSpec(point.source)) return;
  const { table, address } = point.source;
  const isBit = table === 'coil' || table === 'discrete';
  const type = point.type ?? (isBit ? 'bit' : 'uint16');
  if ((type === 'bit') !== isBit) say(name, `type ${type} does not lie in the ${table} table`);
  const words = wordsOf(type, point.length);
  if (words < 1 || words > (profile.maxRegisters ?? 125))
    say(name, `takes ${words} registers: no single read can give them`);
  if (!Number.isInteger(address) || address < 0 || address + words > 0x1_0000)
    say(name, `address ${address} is outside of 0 to 65535`);
  if (point.bit !== undefined && (isBit || point.bit + (point.bitCount ?? 1) > 16 * words))
    say(name, `bit ${point.bit} is outside of its register`);
  if (point.notImplemented === 'nan' && !type.startsWith('float')) say(name, `"nan" is no value of ${type}`);
  const written = writtenPoints(profile).has(name as `set:${string}`);
  if (written && table !== 'coil' && table !== 'holding') say(name, `is written, but the ${table} table cannot be`);
}

function checkCommand(profile: Profile, kind: CommandKind, plan: CommandPlan, say: Say): void {
  const where = `command ${kind}`;
  if (!commandKinds.includes(kind)) return say(where, 'is no command that Tiepoint knows');
  if (plan.proof.length === 0) say(where, 'has no proof: nothing would tell whether it was done');
  else if (plan.proof.every(({ point }) => point.startsWith('set:')))
    say(where, 'is proven by set-points only: what was written is not what is');
  if (!plan.steps.some((step) => step.do === 'write' || step.do === 'write-words')) say(where, 'writes nothing');
  if (!(plan.withinMs > 0 && plan.withinMs <= 900_000))
    say(where, `withinMs ${plan.withinMs} is not within 15 minutes`);
  for (const name of neededPoints(plan)) {
    if (!(name in profile.points) && !(name === 'loadSideVoltage' && 'loadSideVoltageV' in profile.points))
      say(where, `needs the point ${name}, which is not there`);
  }
  const taken = new Set<string>(commandRules[kind].parameters);
  for (const parameter of parametersOf(plan))
    if (!taken.has(parameter)) say(where, `uses the parameter ${parameter}, which it does not take`);
  for (const step of plan.steps) checkStep(where, step, say);
  if (kind === 'connect' && profile.capabilities.includes('service-switch')) checkDeadLoadSide(where, plan, say);
}

function checkStep(where: string, step: Step, say: Say): void {
  if (step.do === 'await' && !(step.withinMs > 0 && step.withinMs <= 900_000))
    say(where, `waits ${step.withinMs} ms, which is not within 15 minutes`);
  if (step.do === 'write-words') {
    const fits =
      step.words.length > 0 && step.words.every((word) => Number.isInteger(word) && word >= 0 && word <= 0xffff);
    if (!fits || step.address < 0 || step.address + step.words.length > 0x1_0000)
      say(where, `cannot write the words at ${step.address}`);
  }
  if ((step.do === 'await' && step.until.length === 0) || (step.do === 'require' && step.that.length === 0))
    say(where, 'has a step without conditions');
}

/** A meter's switch is never closed on a load side that is not measured dead, before anything is written. */
function checkDeadLoadSide(where: string, plan: CommandPlan, say: Say): void {
  const firstWrite = plan.steps.findIndex((step) => step.do === 'write' || step.do === 'write-words');
  const required = plan.steps.slice(0, firstWrite).flatMap((step) => (step.do === 'require' ? step.that : []));
  if (
    !required.some(
      (condition) => condition.point === 'loadSideVoltage' && 'is' in condition && condition.is === 'absent',
    )
  ) {
    say(where, 'must require a dead load side before it writes');
  }
}

function parametersOf(plan: CommandPlan): ReadonlySet<string> {
  const conditions = [
    ...plan.proof,
    ...plan.steps.flatMap((step) => (step.do === 'await' ? step.until : step.do === 'require' ? step.that : [])),
  ];
  const found = conditions.flatMap(parametersOfCondition);
  for (const step of plan.steps) {
    if (step.do !== 'write') continue;
    if (typeof step.value === 'object') found.push(step.value.parameter);
    if (step.when !== undefined) found.push(step.when.parameter);
  }
  return new Set(found);
}

function parametersOfCondition(condition: Condition): string[] {
  const values = [
    'is' in condition ? condition.is : undefined,
    'near' in condition ? condition.near : undefined,
    'belowPct' in condition ? condition.belowPct : undefined,
    condition.when,
  ];
  return values.flatMap((value) => (typeof value === 'object' && 'parameter' in value ? [value.parameter] : []));
}

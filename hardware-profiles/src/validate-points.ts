import { alarmCodes, deviceLimits, numberPoints, wordPoints } from '@tiepoint/protocol';
import type { Mistake, SoundParts } from './profile-shape.ts';
import type { Point, Profile } from './profile.ts';
import { wordsOf } from './raw-words.ts';
import { writtenPoints } from './resolve-device.ts';
import { asList, isSunSpec, wordsOfPoint } from './resolve-point.ts';
import { findModel } from './sunspec/models.ts';
import { definitionAt } from './sunspec/placement.ts';

type Say = (what: string, meant?: readonly string[]) => void;
/** A point of the profile in its own right: its name, and itself. */
type Named = { readonly name: string; readonly point: Point };

/** What points mean that cannot be so: alone, and beside one another. */
export function pointMistakes({ profile }: SoundParts): readonly Mistake[] {
  const mistakes: Mistake[] = [];
  const placed: Placed[] = [];
  for (const [name, given] of Object.entries(profile.points)) {
    const points = asList(given);
    if (points.length === 0) mistakes.push({ path: ['points', name], say: 'has no source' });
    points.forEach((point, index) => {
      const path = Array.isArray(given) ? ['points', name, index] : ['points', name];
      checkPoint(profile, { name, point }, (say, meant) =>
        mistakes.push({ path, say, ...(meant === undefined ? {} : { meant }) }),
      );
      placed.push({ name, point, path });
    });
  }
  return [...mistakes, ...crossings(profile, placed)];
}

function checkPoint(profile: Profile, named: Named, say: Say): void {
  const { point } = named;
  checkName(named, say);
  if (isSunSpec(point.source)) checkSunSpec(profile, named, point.source, say);
  else checkFixed(profile, named, say);
  if (point.scale === 0) say('scale 0 makes every value 0');
  if (point.bit === undefined && point.bitCount !== undefined) say('has bitCount without bit');
  if (point.plausible !== undefined && point.plausible[0] > point.plausible[1])
    say(`is plausible from ${point.plausible.join(' to ')}, which nothing is`);
  for (const alarm of [...Object.values(point.alarmBits ?? {}), ...Object.values(point.alarmCodes ?? {})])
    if (!alarmCodes.includes(alarm)) say(`alarm ${alarm} is not known; there are ${alarmCodes.join(', ')}`);
  if (point.orders !== undefined) checkOrders(profile, named, point.orders, say);
}

const identityNames = ['identity:manufacturer', 'identity:model', 'identity:serialNumber', 'identity:firmware'];
const limitNames = Object.keys(deviceLimits.shape).map((name) => `limit:${name}`);

const pointNames: readonly string[] = [
  ...Object.keys(numberPoints),
  ...Object.keys(wordPoints),
  'alarms',
  ...identityNames,
  ...limitNames,
];

function checkName({ name, point }: Named, say: Say): void {
  const hasAlarms = point.alarmBits !== undefined || point.alarmCodes !== undefined;
  if (name === 'alarms') {
    if (!hasAlarms) say('needs alarmBits or alarmCodes');
    return;
  }
  if (hasAlarms) say('has alarms, which only the point alarms takes');
  const words = Object.hasOwn(wordPoints, name) ? wordPoints[name as keyof typeof wordPoints] : undefined;
  if (words !== undefined) {
    if (point.codes === undefined) say(`needs codes for its words ${words.join(', ')}`);
    for (const word of Object.values(point.codes ?? {}))
      if (!(words as readonly string[]).includes(word)) say(`${word} is none of its words ${words.join(', ')}`);
  } else if (Object.hasOwn(numberPoints, name) || limitNames.includes(name)) {
    if (point.codes !== undefined) say('is a number, and has codes');
    if (point.type === 'text') say('is a number, and has type text');
  } else if (!/^set:[A-Za-z][A-Za-z0-9-]*$/.test(name) && !identityNames.includes(name)) {
    say('is no point that Tiepoint knows', pointNames);
  }
}

/** SunSpec's words for our units. */
const unitWords: Readonly<Record<string, readonly string[]>> = {
  // 122.WAval is in var by a slip of the model definition; it is a power.
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
  { name, point }: Named,
  source: { models: readonly number[]; point: string },
  say: Say,
): void {
  if (!('sunspec' in profile.identify)) say('is a SunSpec point of a profile that does not read the chain');
  for (const key of ['type', 'length', 'wordOrder', 'notImplemented', 'orders'] as const)
    if (point[key] !== undefined) say(`takes ${key} from the model`);
  const found = source.models.map((id) => ({ id, definition: findModel(id) }));
  if (found.length === 0) say('names no model');
  for (const { id, definition } of found) if (definition === undefined) say(`model ${id} is not known`);
  const defined = found.flatMap(({ definition }) =>
    definition === undefined ? [] : (definitionAt(definition, source.point) ?? []),
  );
  if (source.point.includes('[*]') && name !== 'alarms')
    say(`${source.point} is every repetition at once, which only alarms take: give the number of one`);
  if (defined.length === 0) say(`no model of ${source.models.join(', ')} has a point ${source.point}`);
  for (const { units, type, writable } of defined) {
    const unit = unitOf(name);
    if (unit !== undefined && !unitFits(unit, units))
      say(`is in ${unit}, but ${source.point} in ${units ?? 'no unit'}`);
    if (
      Object.hasOwn(numberPoints, name) &&
      (type === 'string' || type.startsWith('enum') || type.startsWith('bitfield'))
    )
      say(`is a number, but ${source.point} is ${type}`);
    if (writtenPoints(profile).has(name as `set:${string}`) && !writable)
      say(`is written, but ${source.point} is read only`);
  }
}

function unitOf(name: string): string | undefined {
  return Object.hasOwn(numberPoints, name) ? numberPoints[name as keyof typeof numberPoints] : undefined;
}

function unitFits(unit: string, units: string | undefined): boolean {
  const word = units ?? '';
  return (unitWords[unit] ?? [unit]).some((known) =>
    known === '%' ? word.startsWith('%') : word === known || word.toUpperCase() === known,
  );
}

function checkFixed(profile: Profile, { name, point }: Named, say: Say): void {
  if (isSunSpec(point.source)) return;
  const { table, address } = point.source;
  const isBit = table === 'coil' || table === 'discrete';
  const type = point.type ?? (isBit ? 'bit' : 'uint16');
  if ((type === 'bit') !== isBit) say(`type ${type} does not lie in the ${table} table`);
  if (type === 'text' && point.length === undefined) say('is a text without length');
  if (type !== 'text' && point.length !== undefined) say(`has a length, which only a text has, not ${type}`);
  const words = wordsOfPoint({ ...point, type });
  if (words > (profile.maxRegisters ?? 125)) say(`takes ${words} registers: no single read can give them`);
  if (address + words > 0x1_0000) say(`address ${address} is outside of the table: it ends beyond 65535`);
  checkBits(point, isBit ? 1 : 16 * words, say);
  if (point.notImplemented === 'nan' && !type.startsWith('float')) say(`"nan" is no value of ${type}`);
  const written = writtenPoints(profile).has(name as `set:${string}`);
  if (written && table !== 'coil' && table !== 'holding') say(`is written, but the ${table} table cannot be`);
}

function checkBits(point: Point, width: number, say: Say): void {
  const { bit, bitCount = 1, codes = {}, alarmBits = {}, alarmCodes: coded = {} } = point;
  if (bit !== undefined && bit + bitCount > width) say(`bit ${bit} is outside of its register of ${width} bits`);
  const alarmBit = Object.keys(alarmBits).find((key) => Number(key) >= (bit === undefined ? width : bitCount));
  if (alarmBit !== undefined) say(`alarm bit ${alarmBit} is outside of its register or field`);
  const codeBits = bit === undefined ? width : bitCount;
  const code = Object.keys({ ...codes, ...coded }).find((key) => Number(key) >= 2 ** codeBits);
  if (code !== undefined) say(`code ${code} does not fit into ${codeBits} bits`);
}

function checkOrders(profile: Profile, { name, point }: Named, orders: NonNullable<Point['orders']>, say: Say): void {
  if (!name.startsWith('set:')) say('has orders, which only a set-point takes: what is ordered is no state');
  for (const key of ['codes', 'bit', 'scale', 'wordOrder', 'positive', 'notImplemented', 'plausible', 'every'] as const)
    if (point[key] !== undefined) say(`has orders, beside which ${key} means nothing`);
  if (!isSunSpec(point.source) && point.source.table !== 'coil' && point.source.table !== 'holding')
    say(`has orders, but the ${point.source.table} table cannot be written`);
  const lengths = new Set(Object.values(orders).map((words) => words.length));
  if (lengths.size === 0) say('has no order');
  if (lengths.has(0)) say('has an order without words');
  if (lengths.size > 1) say('has orders of different lengths');
  const isCoil = !isSunSpec(point.source) && point.source.table === 'coil';
  for (const [order, words] of Object.entries(orders))
    if (isCoil && words.some((word) => word > 1)) say(`order ${order} puts more than 0 or 1 into a coil`);
  if (!writtenPoints(profile).has(name as `set:${string}`)) say('has orders, and no command writes it');
}

type Placed = Named & { readonly path: readonly (string | number)[] };
/** Where in a table a point lies, in bits: whole registers, or the bits of one. */
type Extent = { readonly table: string; readonly from: number; readonly to: number };

function extentOf({ point }: Named): Extent | undefined {
  if (isSunSpec(point.source)) return undefined;
  const { table, address } = point.source;
  const isBit = table === 'coil' || table === 'discrete';
  const words =
    point.orders === undefined ? wordsOf(point.type ?? (isBit ? 'bit' : 'uint16'), point.length) : wordsOfPoint(point);
  const end = 16 * (address + words);
  if (point.bit === undefined) return { table, from: 16 * address, to: end };
  // Bit 0 is the last of the last word, whatever the order of words: what counts is which bits are shared.
  return { table, from: end - point.bit - (point.bitCount ?? 1), to: end - point.bit };
}

/** Points that cut into one another, and set-points that share what one of them writes: a slip of an address, or of a bit. */
function crossings(profile: Profile, placed: readonly Placed[]): readonly Mistake[] {
  const written = writtenPoints(profile);
  const mistakes: Mistake[] = [];
  placed.forEach((one, index) => {
    const a = extentOf(one);
    for (const other of placed.slice(0, index)) {
      const b = extentOf(other);
      if (a === undefined || b === undefined || a.table !== b.table || a.from >= b.to || b.from >= a.to) continue;
      const isSame = a.from === b.from && a.to === b.to;
      const isWithin = (a.from <= b.from && a.to >= b.to) || (b.from <= a.from && b.to >= a.to);
      const bothWritten = one.name !== other.name && isWritten(one, written) && isWritten(other, written);
      if (!isWithin || (bothWritten && !isSame))
        mistakes.push({
          path: one.path,
          say: `shares registers or bits with ${other.name}, and neither is a part of the other`,
        });
    }
  });
  return mistakes;
}

const isWritten = ({ name, point }: Placed, written: ReadonlySet<string>): boolean =>
  written.has(name) && point.orders === undefined;

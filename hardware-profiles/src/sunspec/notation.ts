/** Types of the SunSpec Device Information Model. A string carries its length in registers. */
export type SunSpecType =
  | 'int16'
  | 'uint16'
  | 'count'
  | 'enum16'
  | 'bitfield16'
  | 'sunssf'
  | 'pad'
  | 'int32'
  | 'uint32'
  | 'enum32'
  | 'bitfield32'
  | 'acc32'
  | 'float32'
  | 'int64'
  | 'uint64'
  | 'acc64'
  | 'string';

export type SunSpecPoint = {
  /** Within a group that is there once, by its path: `PFWInj.PF`. */
  readonly name: string;
  readonly type: SunSpecType;
  /** Registers from the model's id, so the first point after id and length is at 2; in a group, from the group's beginning. */
  readonly offset: number;
  readonly size: number;
  /** A point of the model's fixed part. */
  readonly scaleFactor?: string;
  readonly units?: string;
  readonly writable: boolean;
};

/** A group that repeats, or one within it. What repeats in it comes after its points. */
export type SunSpecGroup = {
  readonly name: string;
  /** How often: once, as often as the length of the model has room, or as a point of the model's fixed part tells. */
  readonly count: 'once' | 'fill' | { readonly point: string };
  readonly points: readonly SunSpecPoint[];
  /** Registers of its own points. */
  readonly size: number;
  readonly groups: readonly SunSpecGroup[];
};

export type SunSpecModel = {
  readonly id: number;
  /** Registers after id and length, of the fixed part. */
  readonly length: number;
  /** Of the fixed part. */
  readonly points: ReadonlyMap<string, SunSpecPoint>;
  /** What repeats, after the fixed part. */
  readonly groups: readonly SunSpecGroup[];
  /**
   * Given where drafts of the model lie differently under the same id: the lengths of older layouts whose points are the first of this one.
   * A model of yet another length is not believed at all.
   */
  readonly olderLengths?: readonly number[];
};

const sizes: Record<Exclude<SunSpecType, 'string'>, number> = {
  int16: 1,
  uint16: 1,
  count: 1,
  enum16: 1,
  bitfield16: 1,
  sunssf: 1,
  pad: 1,
  int32: 2,
  uint32: 2,
  enum32: 2,
  bitfield32: 2,
  acc32: 2,
  float32: 2,
  int64: 4,
  uint64: 4,
  acc64: 4,
};

/**
 * Reads our notation of a model: `name:type:scale factor:units`, each ended by `;`, in the order of the registers. An exclamation
 * mark after the type: may be written. `string16`: 16 registers. Id and length are left out. `name{ … }` is a group that is there once,
 * `name[]{ … }` one that fills the rest of the model, `name[NPt]{ … }` one that repeats as often as the point NPt tells.
 */
export function sunspecModel(id: number, notation: string, olderLengths?: readonly number[]): SunSpecModel {
  const words = notation.match(/[^;{}]+\{|[^;{}]+;?|\}/g) ?? [];
  const root = readGroup(
    '',
    'once',
    words
      .map((word) => word.trim().replace(/\s+/g, ' '))
      .filter(Boolean)
      .values(),
    2,
  );
  const points = new Map<string, SunSpecPoint>();
  for (const point of root.points) points.set(point.name, point);
  const found = { id, length: root.size - 2, points, groups: root.groups };
  return olderLengths === undefined ? found : { ...found, olderLengths };
}

/** Up to the closing brace. A group that is there once and holds no repetition is spelt out in its parent. */
function readGroup(name: string, count: SunSpecGroup['count'], words: Iterator<string>, start: number): SunSpecGroup {
  const points: SunSpecPoint[] = [];
  const groups: SunSpecGroup[] = [];
  let offset = start;
  for (let step = words.next(); step.done !== true && step.value !== '}'; step = words.next()) {
    const word = step.value;
    if (word.endsWith('{')) {
      const [, inner = '', counted] = /^(\w+)(\[\w*\])? ?\{$/.exec(word) ?? [];
      const group = readGroup(inner, countOf(counted), words, 0);
      if (group.count !== 'once' || group.groups.length > 0) {
        groups.push(group);
        continue;
      }
      const from = offset;
      for (const point of group.points)
        points.push({ ...point, name: `${inner}.${point.name}`, offset: from + point.offset });
      offset += group.size;
    } else {
      if (groups.length > 0) throw new Error(`SunSpec notation: ${word} comes after a group that repeats`);
      const point = readEntry(word.replace(/;$/, ''), offset);
      points.push(point);
      offset += point.size;
    }
  }
  return { name, count, points, size: offset, groups };
}

function countOf(counted: string | undefined): SunSpecGroup['count'] {
  if (counted === undefined) return 'once';
  return counted === '[]' ? 'fill' : { point: counted.slice(1, -1) };
}

function readEntry(entry: string, offset: number): SunSpecPoint {
  const [name = '', typed = '', scaleFactor, units] = entry.split(':');
  const writable = typed.endsWith('!');
  const { type, size } = typeAndSize(writable ? typed.slice(0, -1) : typed);
  return {
    name,
    type,
    offset,
    size,
    writable,
    ...(scaleFactor ? { scaleFactor } : {}),
    ...(units ? { units } : {}),
  };
}

function typeAndSize(word: string): { type: SunSpecType; size: number } {
  if (word.startsWith('string')) return { type: 'string', size: Number(word.slice('string'.length)) };
  if (!Object.hasOwn(sizes, word)) throw new Error(`SunSpec notation: no type ${word}`);
  const type = word as Exclude<SunSpecType, 'string'>;
  return { type, size: sizes[type] };
}

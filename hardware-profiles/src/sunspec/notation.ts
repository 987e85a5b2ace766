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
  readonly name: string;
  readonly type: SunSpecType;
  /** Registers from the model's id, so the first point after id and length is at 2. */
  readonly offset: number;
  readonly size: number;
  readonly scaleFactor?: string;
  readonly units?: string;
  readonly writable: boolean;
};

export type SunSpecModel = {
  readonly id: number;
  /** Registers after id and length, of the fixed part. */
  readonly length: number;
  readonly points: ReadonlyMap<string, SunSpecPoint>;
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
 * Reads our notation of a model: `name:type:scale factor:units`, separated by `;`, in the order of the registers. An exclamation
 * mark after the type: may be written. `string16`: 16 registers. Id and length are left out.
 */
export function sunspecModel(id: number, notation: string): SunSpecModel {
  const points = new Map<string, SunSpecPoint>();
  let offset = 2;
  for (const entry of notation
    .split(';')
    .map((part) => part.trim().replace(/\s+/g, ' '))
    .filter((part) => part !== '')) {
    const [name = '', typed = '', scaleFactor, units] = entry.split(':');
    const writable = typed.endsWith('!');
    const { type, size } = typeAndSize(writable ? typed.slice(0, -1) : typed);
    points.set(name, {
      name,
      type,
      offset,
      size,
      writable,
      ...(scaleFactor ? { scaleFactor } : {}),
      ...(units ? { units } : {}),
    });
    offset += size;
  }
  return { id, length: offset - 2, points };
}

function typeAndSize(word: string): { type: SunSpecType; size: number } {
  if (word.startsWith('string')) return { type: 'string', size: Number(word.slice('string'.length)) };
  if (!Object.hasOwn(sizes, word)) throw new Error(`SunSpec notation: no type ${word}`);
  const type = word as Exclude<SunSpecType, 'string'>;
  return { type, size: sizes[type] };
}

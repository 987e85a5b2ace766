import { floorTo, lengthFrom } from './intervals-grid.ts';
import { emptyBucket, flagAt } from './intervals-means.ts';
import type { Bucket, BucketFlag } from './intervals-means.ts';

/** What registers counted, in Wh. One that is absent is unknown. */
export type Registers = { readonly importedWh?: number | undefined; readonly exportedWh?: number | undefined };
export type Reading = Registers & { readonly atMs: number };

/** Where the chain of intervals stands: each begins with the very value with which the one before ended. */
export type Chain = {
  readonly lengthS: number;
  /** Of the first interval that is not closed. */
  readonly startMs: number;
  /** The registers there, or where its counting began. */
  readonly start: Registers;
  /** What it had counted when its registers began anew. */
  readonly carried: Registers;
  readonly startIsUnsure: boolean;
  readonly last?: Reading | undefined;
  /** What else is known of the intervals that are not closed, oldest first. */
  readonly buckets: readonly Bucket[];
};

/** The end of an interval, as the registers tell it. */
export type RegisterEnd = Registers & {
  readonly bucket: Bucket;
  readonly lengthS: number;
  readonly startIsUnsure: boolean;
  readonly flags: readonly BucketFlag[];
  readonly importedRegisterWh?: number | undefined;
  readonly exportedRegisterWh?: number | undefined;
};

const names = ['importedWh', 'exportedWh'] as const;
/** So long a silence in which the registers did not move is bridged. */
const stillMs = 7 * 86_400_000;

/** What may come at once where a register is renewed only now and then, or counts in whole kWh. */
const renewedMs = 900_000;
const coarseWh = 2_000;
/** Not a step back: the last digit of a register that is read as a float. */
const jitterWh = 1;

export type CountSettings = {
  /** Another meter answers than before. */
  readonly isOther: boolean;
  readonly wantedS: number;
  readonly bridgedMs: number;
  /** More no meter of this kind can count. */
  readonly highestW: number;
};

/**
 * Takes a reading of the registers in, and closes what ended since the last one. A reading that lacks a register which the last one had
 * is passed over, so that the next whole one closes for both.
 */
export function countReading(
  chain: Chain,
  read: Reading,
  settings: CountSettings,
): { chain: Chain; ends: readonly RegisterEnd[] } {
  const { last } = chain;
  if (last === undefined) return { chain: started({ ...chain, last: read }, read), ends: [] };
  const gapMs = read.atMs - last.atMs;
  const lacks = names.some((name) => last[name] !== undefined && read[name] === undefined);
  if (lacks && gapMs <= settings.bridgedMs) return { chain, ends: [] };
  const reading = { ...read, ...valuesOf((name) => steadied(last[name], read[name])) };
  const isReset = settings.isOther || hasLeapt(last, reading, settings.highestW);
  const isStill = names.every((name) => reading[name] === last[name]);
  const isBridged = !isReset && (gapMs <= settings.bridgedMs || (isStill && gapMs <= stillMs));
  const walk = new Walk(chain, settings.wantedS);
  while (walk.endMs <= reading.atMs) {
    if (walk.endMs <= last.atMs) walk.leap(last);
    else if (isBridged) walk.cross(last, reading);
    else walk.breakOff(last, reading, isReset ? ['register-reset', 'partial'] : ['partial']);
  }
  const counted = isReset && !walk.isBroken ? reset(walk.chain, last, reading) : walk.chain;
  return { chain: started({ ...counted, last: reading }, reading), ends: walk.ends };
}

function steadied(last: number | undefined, now: number | undefined): number | undefined {
  return last !== undefined && now !== undefined && now < last && now >= last - jitterWh ? last : now;
}

/** Back, or farther ahead than anything could have driven it: another register, or a value that was read wrongly. */
function hasLeapt(last: Reading, reading: Reading, highestW: number): boolean {
  const atMostWh = (highestW * (Math.max(0, reading.atMs - last.atMs) + renewedMs)) / 3_600_000 + coarseWh;
  return names.some((name) => {
    const [from, to] = [last[name], reading[name]];
    return from !== undefined && to !== undefined && (to < from || to - from > atMostWh);
  });
}

/** Whose beginning is not known counts from here. */
function started(chain: Chain, reading: Reading): Chain {
  const fresh = names.filter((name) => chain.start[name] === undefined && reading[name] !== undefined);
  if (fresh.length === 0) return chain;
  const start = { ...chain.start, ...Object.fromEntries(fresh.map((name) => [name, reading[name]])) };
  const isWhole = reading.atMs === chain.startMs;
  return { ...chain, start, buckets: flagAt(chain.buckets, endOf(chain), isWhole ? [] : ['partial']) };
}

/** In the midst of an interval: what was counted until then is carried on. */
function reset(chain: Chain, last: Reading, reading: Reading): Chain {
  const { start, carried } = chain;
  const known = names.filter((name) => start[name] !== undefined && last[name] !== undefined);
  return {
    ...chain,
    start: { importedWh: reading.importedWh, exportedWh: reading.exportedWh },
    carried: Object.fromEntries(known.map((name) => [name, (carried[name] ?? 0) + last[name]! - start[name]!])),
    buckets: flagAt(chain.buckets, endOf(chain), ['register-reset', 'partial']),
  };
}

const endOf = ({ startMs, lengthS }: Chain): number => startMs + lengthS * 1_000;

/** From boundary to boundary, up to a reading. */
class Walk {
  chain: Chain;
  readonly ends: RegisterEnd[] = [];
  isBroken = false;
  readonly #wantedS: number;

  constructor(chain: Chain, wantedS: number) {
    this.chain = chain;
    this.#wantedS = wantedS;
  }

  get endMs(): number {
    return endOf(this.chain);
  }

  /** The clock was set over this end and perhaps more: what was counted until then is this interval's, what follows is of where it came to. */
  leap(last: Reading): void {
    const at = valuesOf((name) => (last[name] === undefined ? undefined : Math.round(last[name])));
    this.#close(at, ['clock-set']);
    this.#begin(floorTo(last.atMs, this.chain.lengthS), at, ['clock-set']);
  }

  /** The register at the end lies between its values before and after. */
  cross(last: Reading, reading: Reading): void {
    const share = (this.endMs - last.atMs) / (reading.atMs - last.atMs);
    const isNear = reading.atMs - last.atMs <= this.#nearMs;
    const flags: readonly BucketFlag[] = isNear ? [] : ['interpolated'];
    const at = valuesOf((name) =>
      last[name] === undefined || reading[name] === undefined
        ? undefined
        : Math.round(last[name] + (reading[name] - last[name]) * share),
    );
    this.#close(at, flags);
    this.#begin(this.endMs, at, flags);
  }

  /** What is known goes up to the last reading, and begins again with this one. */
  breakOff(last: Reading, reading: Reading, flags: readonly BucketFlag[]): void {
    this.isBroken = true;
    if (last.atMs - this.chain.startMs > this.#nearMs) this.#close(last, flags);
    const startMs = floorTo(reading.atMs, this.chain.lengthS);
    this.#begin(startMs, reading, reading.atMs === startMs ? [] : flags);
  }

  get #nearMs(): number {
    return (this.chain.lengthS * 1_000) / 20;
  }

  #close(end: Registers, flags: readonly BucketFlag[]): void {
    const { lengthS, start, carried, startIsUnsure, buckets } = this.chain;
    const counted = valuesOf((name) => {
      const [from, to] = [start[name], end[name]];
      const wh = from === undefined || to === undefined ? undefined : Math.round(to - from + (carried[name] ?? 0));
      return wh === undefined || wh < 0 ? undefined : wh;
    });
    if (names.every((name) => counted[name] === undefined)) return;
    const bucket = buckets.find(({ endMs }) => endMs === this.endMs) ?? emptyBucket(this.endMs);
    const registers = {
      importedRegisterWh: end.importedWh === undefined ? undefined : Math.round(end.importedWh),
      exportedRegisterWh: end.exportedWh === undefined ? undefined : Math.round(end.exportedWh),
    };
    this.ends.push({ bucket, lengthS, startIsUnsure, flags, ...counted, ...registers });
  }

  #begin(startMs: number, start: Registers, flags: readonly BucketFlag[]): void {
    const lengthS = lengthFrom(startMs, this.chain.lengthS, this.#wantedS);
    // What was seen of this interval while it was to have another length is given up: some seconds.
    const left = lengthS === this.chain.lengthS ? this.chain.buckets.filter(({ endMs }) => endMs > startMs) : [];
    const endMs = startMs + lengthS * 1_000;
    this.chain = {
      ...this.chain,
      lengthS,
      startMs,
      start: { importedWh: start.importedWh, exportedWh: start.exportedWh },
      carried: {},
      startIsUnsure: false,
      buckets: flagAt(left, endMs, flags),
    };
  }
}

function valuesOf(of: (name: (typeof names)[number]) => number | undefined): Registers {
  return { importedWh: of('importedWh'), exportedWh: of('exportedWh') };
}

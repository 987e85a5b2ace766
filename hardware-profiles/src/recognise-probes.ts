import type { ReadOutcome, ReadRequest } from './device-model.ts';
import { judgeProbe, readOfProbe, wantOfProbe } from './probe.ts';
import type { Probe } from './profile.ts';

/**
 * What the probes of a profile say of a device. `open`: none speaks against it, but not all could be read. As powers of two:
 * `identityBits`, how unlikely it is that another device holds the marks that were met; `fitBits`, the same of all that was met, also
 * of measurements, which relatives keep in the same places.
 */
export type ProbeEvidence = {
  readonly verdict: 'met' | 'open' | 'contradicted';
  readonly identityBits: number;
  readonly fitBits: number;
  readonly met: number;
  readonly why: readonly string[];
  readonly against: readonly string[];
};

/** Asks the probes until one speaks against the profile. */
export function* judgeProbes(probes: readonly Probe[]): Generator<ReadRequest, ProbeEvidence, ReadOutcome> {
  const why: string[] = [];
  const against: string[] = [];
  let identityBits = 0;
  let fitBits = 0;
  let met = 0;
  let open = 0;
  for (const probe of probes) {
    const outcome = yield readOfProbe(probe);
    const judged = judgeProbe(probe, outcome);
    const where = `${probe.source.table} ${probe.source.address}`;
    if (judged.met) {
      identityBits += markBits(probe);
      fitBits += markBits(probe) || readingBits(probe);
      if (tells(probe)) met++;
      why.push(
        judged.seen === undefined ? `${where} is refused, as it should be` : `${where} holds ${plain(judged.seen)}`,
      );
      continue;
    }
    const contradicts = 'refused' in probe ? outcome.ok : judged.seen !== undefined;
    if (contradicts) {
      against.push(`${where} holds ${plain(judged.seen ?? 'something')}, expected ${wantOfProbe(probe)}`);
      return { verdict: 'contradicted', identityBits: 0, fitBits: 0, met, why, against };
    }
    open++;
    against.push(`${where} cannot be read, expected ${wantOfProbe(probe)}`);
  }
  // Who refuses all that a profile looks at is no device of it.
  const verdict = open === 0 ? 'met' : met > 0 ? 'open' : 'contradicted';
  return { verdict, identityBits, fitBits, met, why, against };
}

/** A fraction with the digits that a float32 has; whole numbers and texts as they are. */
function plain(seen: number | string): number | string {
  return typeof seen === 'string' || Number.isInteger(seen) ? seen : Number(seen.toPrecision(7));
}

/** That something is refused is no mark: most devices refuse most registers. And a bit is 0 or 1 everywhere. */
function tells(probe: Probe): boolean {
  return !('refused' in probe) && !('within' in probe && probe.type === 'bit');
}

/** Small numbers stand in many registers, and measurements lie where measurements lie: neither is a mark. */
function markBits(probe: Probe): number {
  if ('refused' in probe) return 0;
  if ('equals' in probe) return bitsOfValue(probe.equals);
  if ('startsWith' in probe) return bitsOfValue(probe.startsWith);
  if ('oneOf' in probe) return Math.max(0, Math.min(...probe.oneOf.map(bitsOfValue)) - Math.log2(probe.oneOf.length));
  const [least, most] = probe.within;
  const isWhole = probe.type.startsWith('int') || probe.type.startsWith('uint');
  if (!isWhole || most - least >= widestMark || least < smallNumbers) return 0;
  return bitsOfValue(least) - Math.log2(most - least + 1);
}

function bitsOfValue(value: number | string): number {
  if (typeof value === 'string') return bitsOfCharacter * value.trim().length;
  const magnitude = Math.abs(value);
  if (magnitude < 2) return 1 + magnitude;
  if (magnitude < 16) return 5;
  return magnitude < smallNumbers ? 9 : bitsOfNumber;
}

/** Of a reading in its range: a float in a narrow range is rare among random words, a small whole number is not. */
function readingBits(probe: Probe): number {
  if (!('within' in probe) || probe.type === 'bit') return 0;
  const [least, most] = probe.within;
  if (probe.type.startsWith('float')) return least > 1 ? 5 : 1;
  return least <= 1 ? 1 : Math.max(1, Math.min(5, bitsOfNumber - Math.log2(most - least + 1)));
}

const bitsOfCharacter = 5;
// Half of all registers hold 0, many another small number; and of the great ones not all are equally frequent.
const bitsOfNumber = 14;
const smallNumbers = 256;
const widestMark = 512;

import type { Result } from '@tiepoint/protocol';

const date = /^\d{4}-\d\d-\d\d$/;
const local = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?$/;
const fixed = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:?\d\d)$/;

/**
 * An instant as people write it, in s: a day (its local midnight), a local time, or one with its offset. A local time that is there twice or not
 * at all, where the clocks change, is refused: either guess would be wrong half of the time.
 */
export function instantOf(timeZone: string, text: string): Result<number> {
  const no = (say: string): Result<number> => ({ ok: false, reason: 'invalid', say });
  try {
    if (date.test(text))
      return { ok: true, value: Temporal.PlainDate.from(text).toZonedDateTime({ timeZone }).epochMilliseconds / 1_000 };
    if (fixed.test(text)) return { ok: true, value: Math.floor(Temporal.Instant.from(text).epochMilliseconds / 1_000) };
    if (!local.test(text))
      return no(`${text.slice(0, 60)} is no time: write 2026-03-31, 2026-03-31T06:30 or 2026-03-31T06:30-07:00`);
    const [earlier, later] = instantsOf(timeZone, text);
    if (earlier === undefined) return no(`${text} is not there in ${timeZone}: the clocks go forward over it`);
    if (later === undefined) return { ok: true, value: earlier };
    return no(
      `${text} is there twice in ${timeZone}, for the clocks go back: write the offset, as 2026-11-01T01:30-07:00`,
    );
  } catch (error) {
    if (error instanceof RangeError) return no(`${text.slice(0, 60)} is no time: there is no such day or hour`);
    throw error;
  }
}

/** All instants at which clocks there show this, in s: none or two where they change. Throws RangeError for what is no time. */
export function instantsOf(timeZone: string, text: string): readonly number[] {
  const plain = Temporal.PlainDateTime.from(text.replace(' ', 'T'), { overflow: 'reject' });
  const found = (['earlier', 'later'] as const)
    .map((disambiguation) => plain.toZonedDateTime(timeZone, { disambiguation }))
    .filter((each) => each.toPlainDateTime().equals(plain))
    .map(({ epochMilliseconds }) => epochMilliseconds / 1_000);
  return [...new Set(found)];
}

/** Local times of the day, as people set them: `startsAt` may be later than `endsAt`, over midnight. */
export type NightSettings = {
  readonly timeZone: string;
  readonly startsAt: string;
  readonly endsAt: string;
};

export type NightWindow = {
  /** The local day whose intervals are read: the one that ended before the window. */
  readonly day: string;
  readonly startMs: number;
  readonly endMs: number;
  /** The day itself, of 23 or 25 hours where the clocks change. */
  readonly dayFromMs: number;
  readonly dayToMs: number;
};

/** The window that is open at an instant, or the next one. Throws RangeError for times and zones that are none. */
export function nightWindow({ timeZone, startsAt, endsAt }: NightSettings, atMs: number): NightWindow {
  const starts = Temporal.PlainTime.from(startsAt);
  const ends = Temporal.PlainTime.from(endsAt);
  const overMidnight = Temporal.PlainTime.compare(ends, starts) <= 0;
  const today = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timeZone).toPlainDate();
  for (let days = -1; ; days += 1) {
    const date = today.add({ days });
    const endDate = overMidnight ? date.add({ days: 1 }) : date;
    const endMs = endDate.toZonedDateTime({ timeZone, plainTime: ends }).epochMilliseconds;
    if (endMs <= atMs) continue;
    // What is read before midnight is the day before, too: that of today is not over.
    const day = date.subtract({ days: 1 });
    return {
      day: day.toString(),
      startMs: date.toZonedDateTime({ timeZone, plainTime: starts }).epochMilliseconds,
      endMs,
      dayFromMs: day.toZonedDateTime({ timeZone }).epochMilliseconds,
      dayToMs: date.toZonedDateTime({ timeZone }).epochMilliseconds,
    };
  }
}

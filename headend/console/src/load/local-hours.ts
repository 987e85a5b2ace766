/** The date and the hour on the clock of an instant, where the network is. */
export type LocalHour = { readonly day: string; readonly hour: number };

const formats = new Map<string, Intl.DateTimeFormat>();

export function localHour(atS: number, timeZone: string): LocalHour {
  const found = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(atS * 1_000)
      .map(({ type, value }) => [type, value]),
  );
  return { day: `${found['year']}-${found['month']}-${found['day']}`, hour: Number(found['hour']) };
}

/** `2026-11-28 18:00 UTC`. */
export function localText(atS: number, timeZone: string): string {
  const { day, hour } = localHour(atS, timeZone);
  const minute = String(Math.floor(atS / 60) % 60).padStart(2, '0');
  return `${day} ${String(hour).padStart(2, '0')}:${minute} ${zoneText(atS, timeZone)}`;
}

/** What the zone is called at that instant: summer time has another name. */
function zoneText(atS: number, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'short' }).formatToParts(atS * 1_000);
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? timeZone;
}

/** The day after, as a date: of the calendar alone, whatever the clocks do. */
export function dayAfter(day: string): string {
  const at = new Date(`${day}T12:00:00Z`);
  at.setUTCDate(at.getUTCDate() + 1);
  return at.toISOString().slice(0, 10);
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    hourCycle: 'h23',
  });
  formats.set(timeZone, made);
  return made;
}

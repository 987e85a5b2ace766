/** A span in the two units that matter: `4 s`, `1 min 20 s`, `2 h 05 min`, `3 d 4 h`. Negative spans (clock difference) read 0 s. */
export function durationText(spanMs: number): string {
  const seconds = Math.max(0, Math.round(spanMs / 1000));
  if (seconds < 60) return `${seconds}\u00a0s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}\u00a0min ${two(seconds % 60)}\u00a0s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours}\u00a0h ${two(minutes % 60)}\u00a0min`;
  return `${Math.floor(hours / 24)}\u00a0d ${hours % 24}\u00a0h`;
}

/** A span in its largest unit alone, for columns: `4 s`, `13 min`, `2 h`, `3 d`. */
export function shortDurationText(spanMs: number): string {
  const [whole = ''] = durationText(spanMs).split(' ');
  return whole;
}

/** A span inside one command: `0.42 s`, `12.3 s`, `2 min 05 s`. */
export function stepText(spanMs: number): string {
  if (spanMs < 0) return '0.00\u00a0s';
  if (spanMs < 10_000) return `${(spanMs / 1000).toFixed(2)}\u00a0s`;
  return spanMs < 60_000 ? `${(spanMs / 1000).toFixed(1)}\u00a0s` : durationText(spanMs);
}

function two(count: number): string {
  return String(count).padStart(2, '0');
}

/** Local time of day with zone, with the date in front where it is not today's. `zone` is for tests; absent: the viewer's. */
export function timeText(timeMs: number, nowMs: number, zone?: string): string {
  const clock = parts(timeMs, zone);
  return clock.date === parts(nowMs, zone).date ? `${clock.time} ${clock.zone}` : instantText(timeMs, zone);
}

/** Local date and time with zone, whatever today is. */
export function instantText(timeMs: number, zone?: string): string {
  const clock = parts(timeMs, zone);
  return `${clock.date} ${clock.time} ${clock.zone}`;
}

export function isoText(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

type Parts = { readonly date: string; readonly time: string; readonly zone: string };
const formats = new Map<string, Intl.DateTimeFormat>();

function parts(timeMs: number, zone: string | undefined): Parts {
  const found = Object.fromEntries(
    formatOf(zone)
      .formatToParts(timeMs)
      .map(({ type, value }) => [type, value]),
  );
  return {
    date: `${found['year']}-${found['month']}-${found['day']}`,
    time: `${found['hour']}:${found['minute']}:${found['second']}`,
    zone: found['timeZoneName'] ?? '',
  };
}

function formatOf(zone: string | undefined): Intl.DateTimeFormat {
  const key = zone ?? '';
  const known = formats.get(key);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
    ...(zone === undefined ? {} : { timeZone: zone }),
  });
  formats.set(key, made);
  return made;
}

import type { Result } from '@tiepoint/protocol';
import { instantOf } from '../../mdw/local-instant.ts';
import type { AmbientHour } from './ageing-results.ts';

/** A table of `time,ambient_c`, one line an hour, times local or with their offset. All of it, or what is wrong by line. */
export function readAmbient(file: string, text: string, timeZone: string): Result<readonly AmbientHour[]> {
  const no = (line: number, say: string): Result<readonly AmbientHour[]> => ({
    ok: false,
    reason: 'invalid',
    say: `${file}:${line}  ${say}`,
  });
  const [head = '', ...lines] = text.trim().split(/\r?\n/);
  if (head.trim().toLowerCase() !== 'time,ambient_c') return no(1, 'the first line is time,ambient_c');
  const hours: AmbientHour[] = [];
  for (const [index, line] of lines.entries()) {
    const [time = '', degrees = '', ...more] = line.split(',').map((each) => each.trim());
    const at = instantOf(timeZone, time);
    if (!at.ok) return no(index + 2, at.say);
    if (at.value % 3_600 !== 0) return no(index + 2, `${time} is not at the full hour, UTC`);
    const ambientC = degrees === '' ? NaN : Number(degrees);
    if (more.length > 0 || !(ambientC >= -60 && ambientC <= 60))
      return no(index + 2, `${degrees} is no temperature in °C, from -60 to 60`);
    hours.push({ hourS: at.value, ambientC });
  }
  return { ok: true, value: hours };
}

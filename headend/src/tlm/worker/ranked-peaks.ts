const latestS = 4_294_967_295;

/** SQL: value and time in one number that orders: by value, of equal ones the earlier is the greater. */
const rank = (value: string, atS: string): string => `${value}::BIGINT * ${latestS + 1} + (${latestS} - ${atS})`;
const valueOf = (ranked: string): string => `(${ranked} >> 32)`;
const timeOf = (ranked: string): string => `(${latestS} - (${ranked} & ${latestS}))::UINTEGER`;

const quantities = ['w', 'a'] as const;

/** Power and its hour, current and its hour, and how much of each was measured. */
export const peakColumns = quantities.flatMap((q) => [`peak_${q}`, `peak_${q}_s`, `peak_${q}_measured`]).join(', ');

/** SQL: of several peaks of one key the highest; of equal ones the first. `more` are further aggregates. */
export function highestPeaks(peaks: string, keys: readonly string[], more = ''): string {
  const ranked = quantities.map(
    (q) => `max(${q}_rank) AS ${q}_rank, arg_max(peak_${q}_measured, ${q}_rank) AS peak_${q}_measured`,
  );
  const and = more === '' ? '' : `, ${more}`;
  const through =
    more === '' ? '' : `, * EXCLUDE (${keys.join(', ')}, w_rank, a_rank, peak_w_measured, peak_a_measured)`;
  return `SELECT ${keys.join(', ')}, ${valueOf('w_rank')}::INTEGER AS peak_w, ${timeOf('w_rank')} AS peak_w_s, peak_w_measured,
      (${valueOf('a_rank')} / 1000)::DECIMAL(9, 3) AS peak_a, ${timeOf('a_rank')} AS peak_a_s, peak_a_measured ${through}
    FROM (SELECT ${keys.join(', ')}, ${ranked.join(', ')} ${and} FROM (SELECT *, ${rank('peak_w', 'peak_w_s')} AS w_rank,
      ${rank('(peak_a * 1000)', 'peak_a_s')} AS a_rank FROM ${peaks}) GROUP BY ${keys.join(', ')})`;
}

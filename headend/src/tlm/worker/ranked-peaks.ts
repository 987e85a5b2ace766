const latestS = 4_294_967_295;

/** SQL: value and time in one number that orders: by value, of equal ones the earlier is the greater. */
const rank = (value: string, atS: string): string => `${value}::BIGINT * ${latestS + 1} + (${latestS} - ${atS})`;
const valueOf = (ranked: string): string => `(${ranked} >> 32)`;
const timeOf = (ranked: string): string => `(${latestS} - (${ranked} & ${latestS}))::UINTEGER`;

/** SQL of each: what orders its values as whole numbers, and the value from that number. */
const quantities = [
  { q: 'w', ordered: 'peak_w', value: (whole: string) => `${whole}::INTEGER` },
  { q: 'va', ordered: 'peak_va', value: (whole: string) => `${whole}::INTEGER` },
  { q: 'a', ordered: '(peak_a * 1000)', value: (whole: string) => `(${whole} / 1000)::DECIMAL(9, 3)` },
] as const;

/** Power, apparent power and current, the hour of each, and how much of it was measured. */
export const peakColumns = quantities.flatMap(({ q }) => [`peak_${q}`, `peak_${q}_s`, `peak_${q}_measured`]).join(', ');

/** SQL: of several peaks of one key the highest; of equal ones the first. `more` are further aggregates. */
export function highestPeaks(peaks: string, keys: readonly string[], more = ''): string {
  const of = (each: (quantity: (typeof quantities)[number]) => string): string => quantities.map(each).join(', ');
  const and = more === '' ? '' : `, ${more}`;
  const own = of(({ q }) => `${q}_rank, peak_${q}_measured`);
  const through = more === '' ? '' : `, * EXCLUDE (${keys.join(', ')}, ${own})`;
  return `SELECT ${keys.join(', ')}, ${of(({ q, value }) => `${value(valueOf(`${q}_rank`))} AS peak_${q}, ${timeOf(`${q}_rank`)} AS peak_${q}_s, peak_${q}_measured`)} ${through}
    FROM (SELECT ${keys.join(', ')}, ${of(({ q }) => `max(${q}_rank) AS ${q}_rank, arg_max(peak_${q}_measured::DOUBLE, ${q}_rank)::FLOAT AS peak_${q}_measured`)} ${and}
      FROM (SELECT *, ${of(({ q, ordered }) => `${rank(ordered, `peak_${q}_s`)} AS ${q}_rank`)} FROM ${peaks}) GROUP BY ${keys.join(', ')})`;
}

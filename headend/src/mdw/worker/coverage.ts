import { flagBit } from '../vee-rules.ts';
import type { GapKind, Span } from '../completeness-requests.ts';
import type { OwnSession } from './sessions.ts';

/** An interval that began before may reach into the time that is asked about. */
const longestIntervalS = 3_600;

const hasEnergy = '(import_wh IS NOT NULL OR export_wh IS NOT NULL)';
const isMeasured = '(source IN (0, 1, 4))';

/** SQL: does this row fill a gap of the kind? */
export const fills: Readonly<Record<GapKind, string>> = {
  unread: `(${isMeasured} OR (flags & ${flagBit('missing')}) > 0)`,
  unmeasured: `(${isMeasured} AND ${hasEnergy})`,
  unknown: hasEnergy,
};
export const isEstimate = `(NOT ${isMeasured} AND ${hasEnergy})`;

/** SQL: rows with the part of them that lies within, as `from_s` and `to_s`. */
export async function rowsWithin(
  session: OwnSession,
  { fromS, toS }: Span,
  meters?: readonly number[],
): Promise<string> {
  const columns = ['meter', 'start_s', 'length_s', 'import_wh', 'export_wh', 'flags', 'source'];
  const relation = await session.relation({ fromS: Math.max(0, fromS - longestIntervalS), toS, columns, meters });
  return `(SELECT *, greatest(start_s, ${fromS})::BIGINT AS from_s, least(start_s + length_s, ${toS})::BIGINT AS to_s FROM ${relation} WHERE start_s + length_s > ${fromS})`;
}

/** What of a time can be there: where it reaches beyond now, until the last full hour, for of an interval that is not over nobody knows anything. Undefined: nothing. */
export function soFar<S extends Span>(asked: S, nowMs: number): S | undefined {
  const nowS = nowMs / 1_000;
  const toS = asked.toS <= nowS ? asked.toS : Math.floor(nowS / longestIntervalS) * longestIntervalS;
  return toS > asked.fromS ? { ...asked, toS } : undefined;
}

/** SQL: meters of which something is expected within, and from when to when. */
export const expectedWithin = ({ fromS, toS }: Span): string =>
  `(SELECT meter, name, greatest(${fromS}, coalesce(since_s, heard_s))::BIGINT AS from_s, least(${toS}, coalesce(until_s, ${toS}))::BIGINT AS to_s
    FROM meter WHERE coalesce(since_s, heard_s) < ${toS} AND coalesce(until_s, ${toS}) > ${fromS})`;

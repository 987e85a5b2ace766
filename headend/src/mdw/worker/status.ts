import type { WarehouseStatus } from '../transfer-requests.ts';
import { oldDays } from './kept-days.ts';
import type { Sessions } from './sessions.ts';

type Counted = Omit<WarehouseStatus, 'firstDay' | 'lastDay' | 'keepDays' | 'oldDays'> & {
  readonly firstDay: string | null;
  readonly lastDay: string | null;
};

export async function statusOf(sessions: Sessions, keepDays: number, nowMs: number): Promise<WarehouseStatus> {
  return await sessions.read(async (session) => {
    const { firstDay, lastDay, ...counted } = await session.row<Counted>(
      `SELECT (SELECT count(*) FROM meter)::DOUBLE AS meters,
         (SELECT min(day)::VARCHAR FROM interval_day) AS "firstDay", (SELECT max(day)::VARCHAR FROM interval_day) AS "lastDay",
         (SELECT count(*) FROM interval_day)::DOUBLE AS days, (SELECT count(*) FROM interval_file)::DOUBLE AS files,
         (SELECT coalesce(sum(bytes), 0) FROM interval_file)::DOUBLE AS bytes, (SELECT coalesce(sum(row_count), 0) FROM interval_file)::DOUBLE AS rows,
         (SELECT count(*) FROM landing)::DOUBLE AS waiting, (SELECT count(*) FROM edit WHERE taken_back_ms IS NULL)::DOUBLE AS edits,
         (SELECT count(*) FROM replaced)::DOUBLE AS replaced, (SELECT count(*) FROM customer_year)::DOUBLE AS years`,
    );
    const old = await oldDays(session, keepDays, nowMs);
    return {
      ...counted,
      ...(firstDay === null ? {} : { firstDay }),
      ...(lastDay === null ? {} : { lastDay }),
      keepDays,
      oldDays: old.days,
    };
  });
}

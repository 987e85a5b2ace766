import type { RegisterRow } from '../requests.ts';
import type { WarehouseSession } from './module.ts';

/** A sum is checked within days; older readings are of no use. */
const keptS = 10 * 86_400;

/** Gives how many were kept. */
export async function keepRegisters(session: WarehouseSession, rows: readonly RegisterRow[]): Promise<number> {
  await session.run(
    `INSERT INTO register SELECT meter, atS, importWh, exportWh FROM
       (SELECT unnest(from_json($1, '[{"meter":"UINTEGER","atS":"UINTEGER","importWh":"UBIGINT","exportWh":"UBIGINT"}]'), recursive := true))`,
    [JSON.stringify(rows)],
  );
  return rows.length;
}

/** Of each meter the newest stays, however old. */
export async function forgetOldRegisters(session: WarehouseSession): Promise<void> {
  await session.run(
    `DELETE FROM register USING (SELECT meter, max(at_s) AS newest FROM register GROUP BY meter) n
     WHERE n.meter = register.meter AND register.at_s + ${keptS} < n.newest`,
  );
}

import { DECIMAL, DuckDBInstance, INTEGER } from '@duckdb/node-api';
import { expect, onTestFinished, test } from 'vitest';
import { readColumns, withColumns } from './columns.ts';

async function connected() {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  onTestFinished(() => {
    connection.closeSync();
    instance.closeSync();
  });
  return connection;
}

test('columns go into a table and come back', async () => {
  const connection = await connected();
  const rows = 5_000;
  const whole = Int32Array.from({ length: rows }, (_, index) => index * 7 - 3);
  const thousandths = Int32Array.from({ length: rows }, (_, index) => index * 500);
  const names = Array.from({ length: rows }, (_, index) => (index % 3 === 0 ? undefined : `näme ${index}`));
  const columns = {
    whole: { type: INTEGER, values: whole },
    part: { type: DECIMAL(9, 3), values: thousandths },
    name: { values: names },
  };
  await withColumns(connection, columns, rows, async (relation) => {
    await connection.run(`CREATE TABLE t AS FROM ${relation}`);
  });
  const read = new Int32Array(rows);
  const parts = new Float64Array(rows);
  let at = 0;
  await readColumns(
    connection,
    'SELECT whole, part::DOUBLE FROM t ORDER BY whole',
    ['i32', 'f64'],
    ([wholes, halves]) => {
      read.set(wholes, at);
      parts.set(halves, at);
      at += wholes.length;
    },
  );
  expect(at).toBe(rows);
  expect(read).toEqual(whole);
  expect(parts[3]).toBe(1.5);
  const told = await connection.runAndReadAll('SELECT count(*)::INTEGER, count(name)::INTEGER, max(name) FROM t');
  expect(told.getRows()).toEqual([[5_000, 3_333, 'näme 998']]);
});

test('no rows are no rows, and columns that were taken back are refused', async () => {
  const connection = await connected();
  const none = { whole: { type: INTEGER, values: new Int32Array(0) } };
  const relation = await withColumns(connection, none, 0, async (name) => {
    expect((await connection.runAndReadAll(`FROM ${name}`)).getRows()).toEqual([]);
    return name;
  });
  await expect(connection.run(`FROM ${relation}`)).rejects.toThrow('not handed over any more');
});

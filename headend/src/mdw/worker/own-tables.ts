/** The columns of an interval, in the order in which files and tables have them. */
export const intervalColumns = [
  'meter',
  'start_s',
  'length_s',
  'import_wh',
  'export_wh',
  'reactive_varh',
  'voltage_dv',
  'flags',
  'source',
  'read_s',
] as const;

const interval = `
  meter UINTEGER NOT NULL, start_s UINTEGER NOT NULL, length_s USMALLINT NOT NULL,
  import_wh INTEGER, export_wh INTEGER, reactive_varh INTEGER, voltage_dv USMALLINT,
  flags UINTEGER NOT NULL, source UTINYINT NOT NULL, read_s UINTEGER NOT NULL`;

/** Tables in the main schema; `day` is the UTC day of an interval's start. */
export const ownMigrations: readonly string[] = [
  `CREATE TABLE meter (meter UINTEGER PRIMARY KEY, name VARCHAR NOT NULL UNIQUE, multiplier DOUBLE NOT NULL DEFAULT 1);
   CREATE SEQUENCE batch START 1;
   -- Facts of this database, one a name.
   CREATE TABLE fact (name VARCHAR PRIMARY KEY, value VARCHAR NOT NULL);
   -- What was landed and stands in no file yet.
   CREATE TABLE landing (${interval}, batch UBIGINT NOT NULL);
   -- The files of a day; all of a day are of one generation.
   CREATE TABLE interval_file (day DATE NOT NULL, file VARCHAR NOT NULL, generation UINTEGER NOT NULL, row_count UBIGINT NOT NULL, bytes UBIGINT NOT NULL);
   CREATE TABLE interval_day (day DATE PRIMARY KEY, first_batch UBIGINT NOT NULL);
   -- Days and meters whose intervals changed since the load engine took them; no meter: all of the day.
   CREATE TABLE changed_day (day DATE NOT NULL, meter UINTEGER, batch UBIGINT NOT NULL);
   -- Rows that gave way to another of their key, or never came to stand.
   CREATE TABLE replaced (${interval}, replaced_s UINTEGER NOT NULL);`,
];

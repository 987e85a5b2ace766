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
  `CREATE TABLE meter (meter UINTEGER PRIMARY KEY, name VARCHAR NOT NULL UNIQUE, multiplier DOUBLE NOT NULL DEFAULT 1,
     -- When it was heard of first, or its first interval began; from when to when its intervals are expected, where that was told; what its
     -- service can carry, and whose profile stands in for it.
     heard_s UINTEGER NOT NULL, since_s UINTEGER, until_s UINTEGER, service_w DOUBLE, class VARCHAR);
   CREATE SEQUENCE batch START 1;
   -- Facts of this database, one a name.
   CREATE TABLE fact (name VARCHAR PRIMARY KEY, value VARCHAR NOT NULL);
   -- What was landed and stands in no file yet.
   CREATE TABLE landing (${interval}, batch UBIGINT NOT NULL);
   -- The files of a day; all of a day are of one generation.
   CREATE TABLE interval_file (day DATE NOT NULL, file VARCHAR NOT NULL, generation UINTEGER NOT NULL,
     row_count UBIGINT NOT NULL, bytes UBIGINT NOT NULL, checked_s UINTEGER NOT NULL);
   CREATE TABLE interval_day (day DATE PRIMARY KEY, first_batch UBIGINT NOT NULL);
   -- Days and meters whose intervals changed since the load engine took them; no meter: all of the day.
   CREATE TABLE changed_day (day DATE NOT NULL, meter UINTEGER, batch UBIGINT NOT NULL);
   -- Rows that gave way to another of their key, or never came to stand.
   CREATE TABLE replaced (${interval}, replaced_s UINTEGER NOT NULL);
   -- What people changed and why; it lies over the files, so that it can be taken back.
   CREATE TABLE edit (edit UINTEGER PRIMARY KEY, meter UINTEGER NOT NULL, at_ms BIGINT NOT NULL, who VARCHAR NOT NULL, reason VARCHAR NOT NULL,
     taken_back_ms BIGINT, taken_back_by VARCHAR, taken_back_reason VARCHAR);
   -- Where a meter's register stood, so that the sum of intervals can be held against it.
   CREATE TABLE register (meter UINTEGER NOT NULL, at_s UINTEGER NOT NULL, import_wh UBIGINT, export_wh UBIGINT);
   -- What validation found, for the intervals where it found anything; which days it went through, and when; what a meter is like.
   CREATE TABLE fault (day DATE NOT NULL, meter UINTEGER NOT NULL, start_s UINTEGER NOT NULL, rule UTINYINT NOT NULL, found DOUBLE, allowed DOUBLE);
   CREATE TABLE judged_day (day DATE PRIMARY KEY, at_ms BIGINT NOT NULL, row_count UBIGINT NOT NULL, limits VARCHAR NOT NULL,
     meters UBIGINT NOT NULL, no_history UBIGINT NOT NULL, no_rating UBIGINT NOT NULL, no_register UBIGINT NOT NULL);
   CREATE TABLE norm (meter UINTEGER PRIMARY KEY, upto DATE NOT NULL, days UINTEGER NOT NULL, high_w DOUBLE NOT NULL, day_wh DOUBLE NOT NULL,
     zero_days UINTEGER NOT NULL, most_zero_days UINTEGER NOT NULL);
   CREATE TABLE edited (${interval}, edit UINTEGER NOT NULL, taken_back BIGINT);`,
  `-- How a class of customers takes power: by kind of day and local hour, relative to each other.
   CREATE TABLE profile (class VARCHAR NOT NULL, day_type UTINYINT NOT NULL, hour UTINYINT NOT NULL, weight DOUBLE NOT NULL, PRIMARY KEY (class, day_type, hour));`,
  `-- What customers whose intervals nobody counts take a year, as somebody told it.
   CREATE TABLE customer_year (meter UINTEGER PRIMARY KEY, year_wh DOUBLE NOT NULL, told_s UINTEGER NOT NULL);`,
  `-- Whose profile they follow, where somebody told it: what the network says of the class changes it not.
   ALTER TABLE customer_year ADD COLUMN profile VARCHAR;`,
];

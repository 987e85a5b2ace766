import { highestPeaks } from './ranked-peaks.ts';

/** Until more is told. */
export const openS = 4_294_967_295;

/** What stands for a number that nobody knows, in lists of whole numbers and of thousandths. */
export const unknown = -0x8000_0000;
export const unknownThousandths = -999_999_999;

const known = (value: string): string => `nullif(${value}, ${unknown})`;
const knownA = (value: string): string => `nullif(${value}, ${unknownThousandths / 1_000}::DECIMAL(9, 3))`;

/**
 * Tables of the schema `tlm`. No types of our own: DuckDB 1.5 cannot replay its log where a schema has one, so that a killed worker would
 * lose everything. Numbers begin at 1; 0 is none. Times are seconds since 1970, an hour goes by its begin. All of it is computed from the
 * network and the intervals, and is made anew where a step says so.
 */
export const tlmMigrations: readonly string[] = [
  ...(['SELECT 1', 'SELECT 1', 'SELECT 1'] as const),
  `DROP SCHEMA tlm CASCADE;
   CREATE SCHEMA tlm;
   -- Kinds are words of elementKinds.
   CREATE TABLE tlm.element (element UINTEGER NOT NULL, kind VARCHAR NOT NULL, id VARCHAR NOT NULL, title VARCHAR NOT NULL,
     circuit UINTEGER NOT NULL, substation VARCHAR, phase_v DOUBLE, secondary_phase_v DOUBLE, rated_a DOUBLE, rated_va DOUBLE,
     no_load_loss_w DOUBLE, load_loss_w DOUBLE);
   -- How power reaches the conductors: re and im of the shares of three of them.
   CREATE TABLE tlm.service (service UINTEGER NOT NULL, primary_shares DOUBLE[6] NOT NULL, secondary_shares DOUBLE[6] NOT NULL, meter_v DOUBLE[2] NOT NULL);
   CREATE TABLE tlm.load_point (point UINTEGER NOT NULL, transformer UINTEGER NOT NULL, segment UINTEGER NOT NULL,
     customer_kind UTINYINT NOT NULL, variant UTINYINT NOT NULL, service UINTEGER NOT NULL);
   CREATE TABLE tlm.customer (meter UINTEGER NOT NULL, size_w FLOAT NOT NULL);
   -- Who hung where from when to when: meters at load points, these at circuits and carriers, carriers at carriers.
   CREATE TABLE tlm.assignment (meter UINTEGER NOT NULL, point UINTEGER NOT NULL, from_s UINTEGER NOT NULL, to_s UINTEGER NOT NULL);
   CREATE TABLE tlm.feed (point UINTEGER NOT NULL, circuit UINTEGER NOT NULL, carrier UINTEGER NOT NULL, from_s UINTEGER NOT NULL, to_s UINTEGER NOT NULL);
   CREATE TABLE tlm.carrier (element UINTEGER NOT NULL, above UINTEGER NOT NULL, from_s UINTEGER NOT NULL, to_s UINTEGER NOT NULL);

   -- The 24 hours of a UTC day, as lists: at a million transformers a row an hour would be most of the work. import_wh and export_wh: the sum of
   -- what is known, measured or estimated by the warehouse. active_w and reactive_var are the means of the hour with those who are missing filled in by
   -- customers like them. Amperes are of the conductors of phase_v, secondary_a of the one between transformer and customers that carries most.
   -- Customers are counted by the hours they were on: 1.5 is one for the whole hour and one for half of it. An empty list is all 0;
   -- where nobody knows stands what load_hour shows as NULL.
   CREATE TABLE tlm.load (element UINTEGER NOT NULL, day_s UINTEGER NOT NULL, import_wh INTEGER[] NOT NULL, export_wh INTEGER[] NOT NULL,
     active_w INTEGER[] NOT NULL, reactive_var INTEGER[] NOT NULL, amps_a DECIMAL(9, 3)[] NOT NULL, amps_b DECIMAL(9, 3)[] NOT NULL, amps_c DECIMAL(9, 3)[] NOT NULL,
     secondary_a DECIMAL(9, 3)[] NOT NULL, measured DECIMAL(9, 3)[] NOT NULL, estimated DECIMAL(9, 3)[] NOT NULL, missing DECIMAL(9, 3)[] NOT NULL);
   CREATE VIEW tlm.load_hour AS SELECT element, day_s, (day_s + 3600 * (slot - 1))::UINTEGER AS hour_s, coalesce(import_wh[slot], 0) AS import_wh,
       coalesce(export_wh[slot], 0) AS export_wh, ${known('coalesce(active_w[slot], 0)')} AS active_w, ${known('coalesce(reactive_var[slot], 0)')} AS reactive_var,
       ${knownA('coalesce(amps_a[slot], 0)')} AS amps_a, ${knownA('coalesce(amps_b[slot], 0)')} AS amps_b, ${knownA('coalesce(amps_c[slot], 0)')} AS amps_c,
       ${knownA('coalesce(secondary_a[slot], 0)')} AS secondary_a, coalesce(measured[slot], 0) AS measured, coalesce(estimated[slot], 0) AS estimated, coalesce(missing[slot], 0) AS missing
     FROM tlm.load, (SELECT unnest(range(1, 25)) AS slot)
     WHERE coalesce(measured[slot], 0) + coalesce(estimated[slot], 0) + coalesce(missing[slot], 0) > 0;
   -- Until when each UTC day was computed.
   CREATE TABLE tlm.known_day (day_s UINTEGER NOT NULL, until_s UINTEGER NOT NULL);
   -- What of an operating day, in local time, lies in a UTC day. A peak is the highest hour of power, of apparent power (whichever way it flows) and of
   -- current, of several equal ones the first; its measured is the share of customers who were measured then.
   CREATE TABLE tlm.load_part (element UINTEGER NOT NULL, day DATE NOT NULL, day_s UINTEGER NOT NULL, import_wh BIGINT NOT NULL, export_wh BIGINT NOT NULL,
     peak_w INTEGER, peak_w_s UINTEGER, peak_w_measured FLOAT, peak_va INTEGER, peak_va_s UINTEGER, peak_va_measured FLOAT,
     peak_a DECIMAL(9, 3), peak_a_s UINTEGER, peak_a_measured FLOAT);
   CREATE VIEW tlm.load_day AS ${highestPeaks('tlm.load_part', ['element', 'day'], 'sum(import_wh)::BIGINT AS import_wh, sum(export_wh)::BIGINT AS export_wh')};
   -- Of the day that was yesterday when it was written, of the five days and of the year that end with it: span is yesterday, five-day or year.
   CREATE TABLE tlm.peak (element UINTEGER NOT NULL, span VARCHAR NOT NULL, yesterday DATE NOT NULL, peak_w INTEGER, peak_w_s UINTEGER, peak_w_measured FLOAT,
     peak_va INTEGER, peak_va_s UINTEGER, peak_va_measured FLOAT, peak_a DECIMAL(9, 3), peak_a_s UINTEGER, peak_a_measured FLOAT);
   -- From when on the topology was told anew, and hours are to be computed again.
   CREATE TABLE tlm.topology_change (change UINTEGER NOT NULL, from_s UINTEGER NOT NULL);
   CREATE TABLE tlm.fact (name VARCHAR NOT NULL, value VARCHAR NOT NULL);
   -- How transformers age (IEEE C57.91), by UTC day; how warm a day begins follows from the day before.
   CREATE TABLE tlm.ageing (element UINTEGER NOT NULL, day_s UINTEGER NOT NULL, known_h UTINYINT NOT NULL, aged_h FLOAT NOT NULL, hottest_c FLOAT NOT NULL,
     hottest_hour UTINYINT NOT NULL);
   -- Whose ageing is to be computed anew; 0: that of all.
   CREATE TABLE tlm.ageing_due (day_s UINTEGER NOT NULL, element UINTEGER NOT NULL);
   CREATE TABLE tlm.ambient (hour_s UINTEGER NOT NULL, ambient_c FLOAT NOT NULL);`,
  // What an element is made for, by time. The network is told anew from its begin, so that all days are computed again.
  `CREATE TABLE tlm.named (element UINTEGER NOT NULL, kind VARCHAR NOT NULL, id VARCHAR NOT NULL, title VARCHAR NOT NULL, circuit UINTEGER NOT NULL, substation VARCHAR);
   INSERT INTO tlm.named SELECT element, kind, id, title, circuit, substation FROM tlm.element;
   DROP TABLE tlm.element;
   ALTER TABLE tlm.named RENAME TO element;
   CREATE TABLE tlm.rating (rating UINTEGER NOT NULL, phase_v DOUBLE, secondary_phase_v DOUBLE, rated_a DOUBLE, rated_va DOUBLE, no_load_loss_w DOUBLE, load_loss_w DOUBLE);
   -- Which of them an element had from when to when; what is no more keeps its last.
   CREATE TABLE tlm.rated (element UINTEGER NOT NULL, rating UINTEGER NOT NULL, from_s UINTEGER NOT NULL, to_s UINTEGER NOT NULL);
   CREATE VIEW tlm.element_rating AS SELECT element, from_s, to_s, phase_v, secondary_phase_v, rated_a, rated_va, no_load_loss_w, load_loss_w
     FROM tlm.rated JOIN tlm.rating USING (rating);
   DELETE FROM tlm.fact WHERE name = 'network_revision';`,
];

/** SQL: of `tlm.rated`, by the name `of`, what holds in an hour by its begin. Within an hour the last counts, so that what comes into it has a rating. */
export const ratedIn = (hourS: number | string, of = 'rated'): string =>
  `${of}.from_s < ${hourS} + 3600 AND ${of}.to_s >= ${hourS} + 3600`;

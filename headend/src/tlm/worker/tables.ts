/** Until more is told. */
export const openS = 4_294_967_295;

/**
 * Tables of the schema `tlm`. No types of our own: DuckDB 1.5 cannot replay its log where a schema has one, so that a killed worker would lose everything. Numbers begin at 1; 0 is none. Times are seconds since 1970, an hour goes by its begin. */
export const tlmMigrations: readonly string[] = [
  `-- Kinds are words of elementKinds.
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

   -- import_wh and export_wh: the sum of what is known, measured or estimated by the warehouse. active_w and reactive_var are the means of the hour
   -- with those who are missing filled in by customers like them; NULL: nobody is like them, so that nobody knows. Amperes are of the
   -- conductors of phase_v, secondary_a of the one between transformer and customers that carries most.
   -- Customers are counted by the hours they were on: 1.5 is one for the whole hour and one for half of it.
   CREATE TABLE tlm.load_hour (element UINTEGER NOT NULL, hour_s UINTEGER NOT NULL, import_wh INTEGER NOT NULL, export_wh INTEGER NOT NULL,
     active_w INTEGER, reactive_var INTEGER, amps_a DECIMAL(9, 3), amps_b DECIMAL(9, 3), amps_c DECIMAL(9, 3), secondary_a DECIMAL(9, 3),
     measured DECIMAL(9, 3) NOT NULL, estimated DECIMAL(9, 3) NOT NULL, missing DECIMAL(9, 3) NOT NULL);
   -- By operating day, in local time. A peak is the highest hour, of several equal ones the first; its measured is the share of customers who were measured then.
   CREATE TABLE tlm.load_day (element UINTEGER NOT NULL, day DATE NOT NULL, import_wh BIGINT NOT NULL, export_wh BIGINT NOT NULL,
     peak_w INTEGER, peak_w_s UINTEGER, peak_w_measured FLOAT, peak_a DECIMAL(9, 3), peak_a_s UINTEGER, peak_a_measured FLOAT);
   -- Of the day that was yesterday when it was written, of the five days and of the year that end with it: span is yesterday, five-day or year.
   CREATE TABLE tlm.peak (element UINTEGER NOT NULL, span VARCHAR NOT NULL, yesterday DATE NOT NULL, peak_w INTEGER, peak_w_s UINTEGER, peak_w_measured FLOAT,
     peak_a DECIMAL(9, 3), peak_a_s UINTEGER, peak_a_measured FLOAT);
   -- From when on the topology was told anew, and hours are to be computed again.
   CREATE TABLE tlm.topology_change (change UINTEGER NOT NULL, from_s UINTEGER NOT NULL);
   CREATE TABLE tlm.fact (name VARCHAR NOT NULL, value VARCHAR NOT NULL);`,
];

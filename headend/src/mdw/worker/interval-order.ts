import { toldBits } from '../vee-rules.ts';

/**
 * Which of several rows of one key stands. An edit stands above what was measured, that above estimates, and any energy above none: a
 * gateway that lost what it kept does not take back what it told, while an estimate can be taken back. Then the later reading. Rows of one second are ordered by their contents, so that
 * neither the order nor the repetition of landings changes what stands.
 */
export const bestFirst = `
  CASE WHEN source = 4 THEN 3 WHEN source >= 2 THEN 1 WHEN import_wh IS NULL AND export_wh IS NULL THEN 0 ELSE 2 END DESC,
  read_s DESC, import_wh DESC NULLS LAST, export_wh DESC NULLS LAST, reactive_varh DESC NULLS LAST,
  voltage_dv DESC NULLS LAST, (flags & ${toldBits}) DESC, length_s DESC, source DESC`;

/** SQL: of the rows of this relation the standing one of each key. */
export const standing = (relation: string): string =>
  `(SELECT * FROM ${relation} QUALIFY row_number() OVER (PARTITION BY meter, start_s ORDER BY ${bestFirst}) = 1)`;

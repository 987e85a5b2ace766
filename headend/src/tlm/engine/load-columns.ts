/** Of the table `load`: what an hour of an element comes to. */
export const loadColumns = [
  'import_wh',
  'export_wh',
  'active_w',
  'reactive_var',
  'amps_a',
  'amps_b',
  'amps_c',
  'secondary_a',
  'measured',
  'estimated',
  'missing',
] as const;
export type LoadColumn = (typeof loadColumns)[number];

/** The others are in thousandths. */
export const wholeColumns: ReadonlySet<LoadColumn> = new Set(['import_wh', 'export_wh', 'active_w', 'reactive_var']);

import type { LoadHours } from './load-results.ts';

const columns = {
  active_w: 'activeW',
  reactive_var: 'reactiveVar',
  amps_a: 'ampsA',
  amps_b: 'ampsB',
  amps_c: 'ampsC',
  measured: 'measured',
  estimated: 'estimated',
  missing: 'missing',
} as const satisfies Record<string, keyof LoadHours>;

/** One line an hour, by the instant at which it begins, UTC. What nobody knows is empty. */
export function hoursCsv(hours: LoadHours): string {
  const lines = hours.hourS.map((atS, index) =>
    [
      new Date(atS * 1_000).toISOString().replace('.000', ''),
      ...Object.values(columns).map((name) => String(hours[name][index] ?? '')),
    ].join(','),
  );
  return `${[`hour_start,${Object.keys(columns).join(',')}`, ...lines].join('\n')}\n`;
}

import type { LoadHoursResponse } from '../../../src/api/load-contract.ts';
import { localText } from './local-hours.ts';

/** One line an hour, as RFC 4180 has it; what is not known is empty. */
export function hoursCsv(hours: LoadHoursResponse, timeZone: string): string {
  const head =
    'hour_begins_utc,hour_begins_local,active_w,reactive_var,amps_a,amps_b,amps_c,customers_measured,customers_estimated,customers_missing';
  const lines = hours.hourS.map((atS, at) =>
    [
      new Date(atS * 1_000).toISOString(),
      localText(atS, timeZone),
      ...[hours.activeW, hours.reactiveVar, hours.ampsA, hours.ampsB, hours.ampsC].map((column) => column[at] ?? ''),
      ...[hours.measured, hours.estimated, hours.missing].map((column) => column[at] ?? ''),
    ].join(','),
  );
  return `${[head, ...lines].join('\r\n')}\r\n`;
}

/** A name for a file from any text. */
export function fileName({ kind, id }: LoadHoursResponse['element']): string {
  return `load-${kind}-${id.replaceAll(/[^\w.-]+/g, '_').slice(0, 80)}.csv`;
}

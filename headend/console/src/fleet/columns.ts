import type { SortKey } from './row-order.ts';

export type Column = {
  readonly key: SortKey;
  readonly head: string;
  readonly unit?: string;
  readonly title?: string;
  readonly right?: true;
};

/** The columns of the fleet table, left to right; `fleet.css` has their widths. */
export const columns: readonly Column[] = [
  { key: 'attention', head: 'Live', title: 'Sorted: what needs attention first' },
  { key: 'device', head: 'Device' },
  { key: 'gateway', head: 'Gateway' },
  { key: 'kind', head: 'Kind' },
  { key: 'health', head: 'Health, alarms' },
  { key: 'state', head: 'State', title: 'Switch or breaker, and whether a source is running' },
  { key: 'connection', head: 'Connection' },
  { key: 'control', head: 'Control', title: 'LOCAL or REMOTE, as switched at the device' },
  {
    key: 'activePowerW',
    head: 'Power',
    unit: 'kW',
    right: true,
    title: 'AAS: generation positive. Meter: import positive. The bar is the share of the rated power',
  },
  { key: 'currentA', head: 'Current', unit: 'A', right: true },
  { key: 'voltageV', head: 'Voltage', unit: 'V', right: true },
  { key: 'frequencyHz', head: 'Freq.', unit: 'Hz', right: true },
  {
    key: 'availableCapacityPct',
    head: 'Available',
    unit: '%',
    right: true,
    title: 'What could be generated beyond what is generated now, of the rated power',
  },
  { key: 'age', head: 'Age', right: true, title: 'Since the head-end received the values shown' },
];

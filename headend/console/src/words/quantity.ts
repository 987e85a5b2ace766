/** What is shown for a value that is not known; never 0. */
export const unknownText = '—';

export type Shown = { readonly text: string; readonly unit: string };

const prefixes: Readonly<Record<string, readonly (readonly [number, string])[]>> = {
  W: [
    [1e6, 'MW'],
    [1e3, 'kW'],
    [1, 'W'],
  ],
  var: [
    [1e6, 'Mvar'],
    [1e3, 'kvar'],
    [1, 'var'],
  ],
  VA: [
    [1e6, 'MVA'],
    [1e3, 'kVA'],
    [1, 'VA'],
  ],
  Wh: [
    [1e9, 'GWh'],
    [1e6, 'MWh'],
    [1e3, 'kWh'],
    [1, 'Wh'],
  ],
  V: [
    [1e4, 'kV'],
    [1, 'V'],
  ],
};

/** Digits after the point where no prefix decides them. */
const decimalsOf: Readonly<Record<string, number>> = {
  Hz: 3,
  A: 1,
  V: 1,
  '%': 1,
  'L/h': 1,
  W: 0,
  var: 0,
  VA: 0,
  Wh: 0,
};

/** `value` in its SI unit, with the prefix that leaves at most four digits before the point. Minus is a real minus sign. */
export function showQuantity(value: number | undefined, unit: string): Shown {
  if (value === undefined || !Number.isFinite(value)) return { text: unknownText, unit: '' };
  const step = prefixes[unit]?.find(([factor]) => Math.abs(value) >= factor);
  if (step === undefined || step[0] === 1) return { text: fixed(value, decimalsOf[unit] ?? 1), unit };
  const [factor, prefixed] = step;
  // kV starts at 10 kV, so that a 480 V and a 2,400 V site both read in volts.
  const scale = prefixed === 'kV' ? 1e3 : factor;
  const scaled = value / scale;
  return { text: fixed(scaled, Math.abs(scaled) >= 100 ? 1 : 2), unit: prefixed };
}

/** Grouped by thousands, `decimals` digits after the point, never "−0". */
export function fixed(value: number, decimals: number): string {
  const size = Math.abs(value).toFixed(decimals);
  const [whole = '0', fraction] = size.split('.');
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',');
  const text = fraction === undefined ? grouped : `${grouped}.${fraction}`;
  return value < 0 && Number(size) !== 0 ? `\u2212${text}` : text;
}

/** A rating is exact: 500 kW, not 500.0 kW. */
export function ratingText(value: number, unit: string): string {
  return quantityText(value, unit).replace(/\.(\d*?)0+(?=\D)/, (_, kept: string) => (kept === '' ? '' : `.${kept}`));
}

export function quantityText(value: number | undefined, unit: string): string {
  const shown = showQuantity(value, unit);
  return shown.unit === '' ? shown.text : `${shown.text}\u00a0${shown.unit}`;
}

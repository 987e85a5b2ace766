import { numberPoints } from '@tiepoint/protocol';

const endings: readonly (readonly [RegExp, string])[] = [
  [/Pct$/, '%'],
  [/Deg$/, '°'],
  [/PerS$/, '/s'],
  [/Hz$/, 'Hz'],
  [/Wh$/, 'Wh'],
  [/Var$/, 'var'],
  [/Va$/, 'VA'],
  [/W$/, 'W'],
  [/V$/, 'V'],
  [/A$/, 'A'],
  [/Ms$/, 'ms'],
  [/S$/, 's'],
];

/** Of measured points as protocol has it; of set-points and limits by the end of their name. */
export function unitOf(name: string): string | undefined {
  if (Object.hasOwn(numberPoints, name)) return numberPoints[name as keyof typeof numberPoints];
  if (!/^(?:set|limit):/.test(name)) return undefined;
  return endings.find(([ending]) => ending.test(name))?.[1];
}

import { numberPoints } from '@tiepoint/protocol';

const suffixes = /(?:Pct|Hz|Var|Wh|Va|[VAWS])$/;

/** A point as people say it: `currentAA` is `current A`, `limit-power: set:limitPct` is `limit-power: setting limit`. Else as it is. */
export function pointWords(text: string): string {
  const [first = '', ...rest] = text.split(': ');
  if (rest.length > 0) return [first, ...rest.map(pointWords)].join(': ');
  if (text.startsWith('set:')) return `setting ${spaced(text.slice(4).replace(suffixes, ''))}`;
  const unit = (numberPoints as Readonly<Record<string, string>>)[text];
  return unit === undefined && !/^[a-z]+(?:[A-Z][a-z]+)+$/.test(text) ? text : spaced(text.replace(suffixes, ''));
}

/** A capital alone is a phase and stays one. */
const spaced = (name: string): string =>
  name.replace(
    /([A-Z])([a-z]*)/g,
    (_whole, head: string, tail: string) => ` ${tail === '' ? head : head.toLowerCase() + tail}`,
  );

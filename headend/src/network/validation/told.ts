import type { Finding } from '../model/finding.ts';
import type { Place } from '../model/place.ts';

type Said = { readonly id: string; readonly name?: string; readonly from?: Place };

const isUuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** What people call it: its id, unless that is for machines alone. */
const called = ({ id, name }: Said): string => (name !== undefined && isUuid.test(id) ? `${name} (${id})` : id);

/** Makes a finding of an element, with the place where it was said. */
export function told(
  severity: Finding['severity'],
  code: string,
  element: Said,
  say: string,
  others: readonly string[] = [],
): Finding {
  return {
    severity,
    code,
    say: `${called(element)}: ${say}`,
    elements: [element.id, ...others],
    ...(element.from === undefined ? {} : { place: element.from }),
  };
}

/** So many names in a sentence; the rest are counted. */
export function listed(names: readonly string[], most = 5): string {
  const rest = names.length - most;
  return rest <= 0 ? names.join(', ') : `${names.slice(0, most).join(', ')} and ${rest} more`;
}

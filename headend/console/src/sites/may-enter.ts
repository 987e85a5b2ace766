import type { Verdict } from '@tiepoint/protocol';
import { useOperator } from '../frame/operator.tsx';
import { mayIn } from '../people/permitted.ts';

/** The one text on a site's page that tells why its buttons are disabled. */
export const whyEnterId = 'why-not-enter';

export function useMayEnter(area: string | undefined): Verdict {
  return mayIn(useOperator(), 'enter-sites', area);
}

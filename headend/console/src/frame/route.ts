/** What the load engine computes for. */
export const loadKindNames = ['transformer', 'segment', 'switch', 'circuit'] as const;
export type LoadKind = (typeof loadKindNames)[number];

/** `at`: as of this instant, as the address has it, whether it can be understood or not; absent: now. */
export type NetworkRoute = ({ page: 'network' } | { page: 'circuit'; id: string }) & { at?: string };

/** Where the operator is, as the part of the address behind `#`. */
export type Route =
  | { page: 'fleet' }
  | { page: 'device'; id: string }
  | { page: 'commands' }
  | { page: 'events' }
  | { page: 'audit'; subject?: string }
  | { page: 'gateways' }
  | NetworkRoute
  | { page: 'loads' }
  | { page: 'load'; kind: LoadKind; id: string }
  | { page: 'meters' }
  | { page: 'meter'; id: string }
  | { page: 'modes' }
  | { page: 'sites' }
  | { page: 'site'; id: string }
  | { page: 'import' }
  | { page: 'account' }
  | { page: 'operators' };

/** Any text; what is no page of ours leads to the fleet. */
export function parseRoute(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?');
  const [page, ...rest] = path.split('/');
  const query = new URLSearchParams(search);
  const at = query.get('at');
  switch (page) {
    case 'devices': {
      const id = decoded(rest[0] ?? '');
      return id === undefined || id === '' ? { page: 'fleet' } : { page: 'device', id };
    }
    case 'sites': {
      const id = decoded(rest[0] ?? '');
      return id === undefined || id === '' ? { page: 'sites' } : { page: 'site', id };
    }
    case 'network': {
      const id = decoded(rest[0] ?? '');
      const asOf = at === null ? {} : { at };
      return id === undefined || id === '' ? { page: 'network', ...asOf } : { page: 'circuit', id, ...asOf };
    }
    case 'loads': {
      const kind = loadKindNames.find((each) => each === rest[0]);
      const id = decoded(rest[1] ?? '');
      return kind === undefined || id === undefined || id === '' ? { page: 'loads' } : { page: 'load', kind, id };
    }
    case 'meters': {
      const id = decoded(rest[0] ?? '');
      return id === undefined || id === '' ? { page: 'meters' } : { page: 'meter', id };
    }
    case 'commands':
    case 'events':
    case 'gateways':
    case 'modes':
    case 'import':
    case 'account':
    case 'operators':
      return { page };
    case 'audit': {
      const subject = query.get('subject');
      return subject === null ? { page } : { page, subject };
    }
    default:
      return { page: 'fleet' };
  }
}

export function formatRoute(route: Route): string {
  switch (route.page) {
    case 'fleet':
      return '#/';
    case 'device':
      return `#/devices/${encodeURIComponent(route.id)}`;
    case 'site':
      return `#/sites/${encodeURIComponent(route.id)}`;
    case 'circuit':
      return `#/network/${encodeURIComponent(route.id)}${asOfText(route)}`;
    case 'network':
      return `#/network${asOfText(route)}`;
    case 'meter':
      return `#/meters/${encodeURIComponent(route.id)}`;
    case 'load':
      return `#/loads/${route.kind}/${encodeURIComponent(route.id)}`;
    case 'audit':
      return route.subject === undefined
        ? '#/audit'
        : `#/audit?${new URLSearchParams({ subject: route.subject }).toString()}`;
    case 'commands':
    case 'events':
    case 'gateways':
    case 'loads':
    case 'meters':
    case 'modes':
    case 'sites':
    case 'import':
    case 'account':
    case 'operators':
      return `#/${route.page}`;
  }
}

// Colons may stand there, and are easier to read.
const asOfText = ({ at }: NetworkRoute): string =>
  at === undefined ? '' : `?at=${encodeURIComponent(at).replaceAll('%3A', ':')}`;

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

import type { GatewayEvent, GatewayEventKind } from '@tiepoint/protocol';
import type { EventEntry } from '../store/store.ts';
import type { GatewayState } from './gateway-state.ts';
import type { Refused } from './ingest.ts';

type Parts = {
  gateway: (gatewayId: string) => GatewayState | undefined;
  note: (entry: EventEntry) => void;
  now: () => number;
};

/** Takes what happens to gateways themselves, for the list of events. */
export function gatewayEvents({ gateway, note, now }: Parts): (gatewayId: string, event: GatewayEvent) => Refused {
  return (gatewayId, { session, kind, say, count }) => {
    const known = gateway(gatewayId);
    if (known?.birth === undefined) return { reason: 'unknown-gateway', say: `${gatewayId} never introduced itself` };
    if (known.session !== session)
      return { reason: 'other-session', say: `is of another session of ${gatewayId} than the present one` };
    const often = count === undefined || count === 1 ? '' : ` (${count} times)`;
    note({
      atMs: now(),
      gatewayId,
      source: 'head-end',
      kind: kind === 'other' ? 'gateway-event' : kind,
      late: false,
      say: `${words[kind]}: ${say}${often}`,
    });
    return undefined;
  };
}

const words: Readonly<Record<GatewayEventKind, string>> = {
  'message-refused': 'It refused a message that no trusted key signed for it',
  'journal-set-aside': 'It had to begin its journal anew',
  'disk-failed': 'Its disk takes nothing, so that it takes no commands',
  'disk-well': 'Its disk takes writes again',
  'certificate-not-renewed': 'It cannot renew its certificate',
  'certificate-renewed': 'It has renewed its certificate',
  'asked-too-often': 'It is asked too often',
  other: 'The gateway tells',
};

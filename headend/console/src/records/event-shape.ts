import type { EventRow } from '../../../src/api/contract.ts';
import type { Shape } from '../design/marks.tsx';

const shapes: { readonly [K in EventRow['kind']]?: Shape } = {
  'device-lost': 'urgent',
  'device-died': 'urgent',
  'disk-failed': 'urgent',
  'gateway-died': 'urgent',
  'gateway-missing': 'urgent',
  'journal-set-aside': 'urgent',
  'head-end-unwell': 'urgent',
  'left-moved': 'urgent',
  'message-refused': 'urgent',
  'asked-too-often': 'urgent',
  'second-agent': 'urgent',
  'revoked-gateway': 'urgent',
  'alarm-raised': 'warn',
  'certificate-not-renewed': 'warn',
  'messages-lost': 'warn',
  'sign-ins-failing': 'warn',
  'tag-removed': 'warn',
  'value-unrepresentable': 'warn',
};
const abnormalStates: Readonly<Record<string, Shape>> = { fault: 'urgent', failed: 'urgent', warning: 'warn' };

/** Colour and shape only for what is not normal; all else stays grey. */
export function eventShape({ kind, detail, say }: Pick<EventRow, 'kind' | 'detail' | 'say'>): Shape {
  if (kind === 'command-finished' && /^[^:]*: (unconfirmed|failed)(:|$)/.test(say)) return 'warn';
  return shapes[kind] ?? abnormalStates[detail?.to ?? ''] ?? 'well';
}

import type { EventRow } from '../../../src/api/contract.ts';
import type { Shape } from '../design/marks.tsx';

/** Colour and shape only for what is not normal; all else stays grey. */
export function eventShape({ kind, detail }: Pick<EventRow, 'kind' | 'detail'>): Shape {
  switch (kind) {
    case 'device-lost':
    case 'device-died':
    case 'gateway-died':
      return 'urgent';
    case 'alarm-raised':
    case 'device-late':
    case 'messages-lost':
    case 'value-unrepresentable':
      return 'warn';
    case 'health-changed':
      return detail?.to === 'fault' ? 'urgent' : detail?.to === 'warning' ? 'warn' : 'well';
    case 'switch-changed':
    case 'breaker-changed':
      return detail?.to === 'failed' ? 'urgent' : 'well';
    case 'operating-state-changed':
      return detail?.to === 'fault' ? 'urgent' : 'well';
    case 'threshold-crossed':
    case 'alarm-cleared':
    case 'control-changed':
    case 'connection-changed':
    case 'load-side-voltage-changed':
    case 'relay-changed':
    case 'gateway-born':
    case 'device-born':
    case 'device-live':
    case 'command-finished':
      return 'well';
  }
}

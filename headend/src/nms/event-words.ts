import type { DeviceEvent } from '@tiepoint/protocol';

/** A device's event as a sentence for the event list. */
export function eventWords(event: DeviceEvent): string {
  const to = event.to ?? 'unknown';
  const from = event.from === undefined ? '' : ` (was ${event.from})`;
  switch (event.kind) {
    case 'threshold-crossed':
      return `Generation ${event.direction === 'down' ? 'fell below' : 'rose above'} ${percent(event.thresholdPct)} of its rating: ${percent(event.valuePct)}`;
    case 'alarm-raised':
      return `Alarm: ${event.alarm ?? 'unnamed'}`;
    case 'alarm-cleared':
      return `Alarm over: ${event.alarm ?? 'unnamed'}`;
    case 'switch-changed':
      return `Switch is ${to}${from}`;
    case 'breaker-changed':
      return `Breaker is ${to}${from}`;
    case 'control-changed':
      return `Control is ${to}${from}`;
    case 'connection-changed':
      return `Connection is ${to}${from}`;
    case 'operating-state-changed':
      return `It is ${to}${from}`;
    case 'health-changed':
      return `Health is ${to}${from}`;
    case 'load-side-voltage-changed':
      return `Voltage on the load side is ${to}${from}`;
    case 'relay-changed':
      return `${event.point ?? 'A relay'} is ${to}${from}`;
    case 'value-unrepresentable':
      return `${event.point ?? 'A value'} is outside of what can be reported, and shown as unknown`;
    case 'left-moved':
      return `A commissioning broke off and left it moved: it was found ${event.from ?? 'otherwise'} before. Somebody must look at it`;
    default:
      return 'Something that this head-end has no word for: update it';
  }
}

function percent(value: number | undefined): string {
  return value === undefined ? 'an unknown share' : `${value} %`;
}

import { statusSchemas, wordPoints } from '@tiepoint/protocol';
import type { DeviceEvent, Status, WordPoint } from '@tiepoint/protocol';

/**
 * The status with what an event told changed in it. A word that is not among the point's known ones, or none, makes the
 * point unknown; an event that tells of nothing in the status leaves it as it is.
 */
export function statusAfter(status: Status, event: DeviceEvent): Status {
  const alarms = status.alarms ?? [];
  switch (event.kind) {
    case 'alarm-raised':
      if (event.alarm === undefined || alarms.includes(event.alarm)) return status;
      return { ...status, alarms: [...alarms, event.alarm] };
    case 'alarm-cleared':
      if (status.alarms === undefined) return status;
      return { ...status, alarms: alarms.filter((alarm) => alarm !== event.alarm) };
    case 'switch-changed':
      return withWord(status, 'switchState', event.to);
    case 'breaker-changed':
      return withWord(status, 'breakerState', event.to);
    case 'control-changed':
      return withWord(status, 'control', event.to);
    case 'connection-changed':
      return withWord(status, 'connection', event.to);
    case 'operating-state-changed':
      return withWord(status, 'operatingState', event.to);
    case 'health-changed':
      return withWord(status, 'health', event.to);
    case 'load-side-voltage-changed':
      return withWord(status, 'loadSideVoltage', event.to);
    case 'relay-changed':
      return event.point !== undefined && isWordPoint(event.point) ? withWord(status, event.point, event.to) : status;
    default:
      return status;
  }
}

function isWordPoint(text: string): text is WordPoint {
  return Object.hasOwn(wordPoints, text);
}

function withWord(status: Status, point: WordPoint, to: string | undefined): Status {
  if (!Object.hasOwn(statusSchemas[status.kind].fields, point)) return status;
  const words: readonly string[] = wordPoints[point];
  return { ...status, [point]: to !== undefined && words.includes(to) ? to : undefined };
}

import type { DeviceEvent, GatewayEventKind } from '@tiepoint/protocol';

/** `late`: it came as history, when the line was back. `source`: the device itself, or what the head-end noticed. */
export type EventRow = {
  seq: number;
  atMs: number;
  deviceTimeMs?: number;
  /** Absent: of the head-end itself. */
  gatewayId?: string;
  deviceId?: string;
  id?: string;
  source: 'device' | 'head-end';
  kind: DeviceEvent['kind'] | HeadendEventKind;
  late: boolean;
  say: string;
  detail?: Partial<DeviceEvent>;
};
export type HeadendEventKind =
  | 'gateway-born'
  | 'gateway-died'
  | 'gateway-missing'
  | 'device-born'
  | 'device-died'
  | 'device-lost'
  | 'device-live'
  | 'messages-lost'
  | 'command-finished'
  | 'tag-removed'
  | 'second-agent'
  | 'revoked-gateway'
  | Exclude<GatewayEventKind, 'other'>
  | 'gateway-event'
  | 'site-changed'
  | 'night-read'
  | 'night-read-incomplete'
  | 'intervals-estimated'
  | 'sign-ins-failing'
  | 'head-end-unwell'
  | 'head-end-well';
/** Newest first. `nextBeforeSeq` pages on; absent at the end. */
export type EventsResponse = { events: readonly EventRow[]; nextBeforeSeq?: number };

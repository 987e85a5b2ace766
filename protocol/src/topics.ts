/**
 * Every topic of Tiepoint. Four levels address a gateway, five a device, so that no device name can be taken for a message:
 *
 *     tiepoint/v1/host
 *     tiepoint/v1/<gateway>/<birth|death|event|inquiry|configuration|trust|tags|reads|mode>
 *     tiepoint/v1/<gateway>/<device>/<birth|death|status|event|ack|history|intervals|reading|command>
 */
export const gatewayUp = ['birth', 'death', 'event'] as const;
export const gatewayDown = ['inquiry', 'configuration', 'trust', 'tags', 'reads', 'mode'] as const;
export const deviceUp = ['birth', 'death', 'status', 'event', 'ack', 'history', 'intervals', 'reading'] as const;
export const deviceDown = ['command'] as const;

export type GatewayUp = (typeof gatewayUp)[number];
export type GatewayDown = (typeof gatewayDown)[number];
export type DeviceUp = (typeof deviceUp)[number];
export type DeviceDown = (typeof deviceDown)[number];

export type Topic =
  | { of: 'host' }
  | { of: 'gateway'; gatewayId: string; message: GatewayUp | GatewayDown }
  | { of: 'device'; gatewayId: string; deviceId: string; message: DeviceUp | DeviceDown };

const root = 'tiepoint/v1';
const name = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** Gateway and device names: 1 to 63 of a–z, 0–9 and -, not starting with -. `host` is taken. */
export function isName(text: string): boolean {
  return name.test(text) && text !== 'host';
}

export function formatTopic(topic: Topic): string {
  if (topic.of === 'host') return `${root}/host`;
  for (const id of topic.of === 'gateway' ? [topic.gatewayId] : [topic.gatewayId, topic.deviceId]) {
    if (!isName(id)) throw new RangeError(`'${id}' is no name: 1 to 63 of a-z, 0-9 and -, not starting with -`);
  }
  return topic.of === 'gateway'
    ? `${root}/${topic.gatewayId}/${topic.message}`
    : `${root}/${topic.gatewayId}/${topic.deviceId}/${topic.message}`;
}

/** Takes any text; what is no topic of ours is `undefined`. */
export function parseTopic(text: string): Topic | undefined {
  if (text.length > 160) return undefined;
  const [first, version, gatewayId, third, fourth, ...rest] = text.split('/');
  if (`${first}/${version}` !== root || gatewayId === undefined || rest.length > 0) return undefined;
  if (gatewayId === 'host') return third === undefined ? { of: 'host' } : undefined;
  if (!isName(gatewayId) || third === undefined) return undefined;
  if (fourth === undefined) {
    const message = [...gatewayUp, ...gatewayDown].find((word) => word === third);
    return message && { of: 'gateway', gatewayId, message };
  }
  const message = [...deviceUp, ...deviceDown].find((word) => word === fourth);
  return message && isName(third) ? { of: 'device', gatewayId, deviceId: third, message } : undefined;
}

/** All that comes down to one gateway: what its agent subscribes. */
export function downFilters(gatewayId: string): readonly string[] {
  const own = gatewayDown.map((message) => formatTopic({ of: 'gateway', gatewayId, message }));
  return [...own, ...deviceDown.map((message) => `${root}/${gatewayId}/+/${message}`), formatTopic({ of: 'host' })];
}

/** The filters that a head-end reads. */
export const upFilters = {
  gateway: (message: GatewayUp): string => `${root}/+/${message}`,
  device: (message: DeviceUp): string => `${root}/+/+/${message}`,
};

export function gatewayClientId(gatewayId: string): string {
  return `gw-${gatewayId}`;
}

/** May this MQTT client say this? A gateway speaks upwards and for itself only; down topics are the head-end's alone. */
export function mayPublish(clientId: string, text: string): boolean {
  const topic = parseTopic(text);
  if (topic === undefined || topic.of === 'host' || clientId !== gatewayClientId(topic.gatewayId)) return false;
  const up: readonly string[] = topic.of === 'gateway' ? gatewayUp : deviceUp;
  return up.includes(topic.message);
}

/** May this gateway listen to this filter? Only below its own name, whole levels or all of it, and to the head-end's state. */
export function maySubscribe(clientId: string, filter: string): boolean {
  if (filter === `${root}/host`) return true;
  if (filter.length > 160) return false;
  const [first, version, gatewayId, ...below] = filter.split('/');
  if (`${first}/${version}` !== root || gatewayId === undefined || !isName(gatewayId)) return false;
  const sound = below.every((level, i) => isName(level) || level === '+' || (level === '#' && i === below.length - 1));
  return sound && clientId === gatewayClientId(gatewayId);
}

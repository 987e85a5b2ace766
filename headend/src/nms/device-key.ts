import { isName } from '@tiepoint/protocol';

/** A device in the whole fleet: `<gateway>.<device>`. Neither name can hold a dot, and it is safe in a URL. */
export type DeviceKey = string;

export function deviceKeyOf(gatewayId: string, deviceId: string): DeviceKey {
  return `${gatewayId}.${deviceId}`;
}

/** Undefined: no key of a device. */
export function splitDeviceKey(key: string): { gatewayId: string; deviceId: string } | undefined {
  const [gatewayId = '', deviceId = '', ...rest] = key.split('.');
  return rest.length === 0 && isName(gatewayId) && isName(deviceId) ? { gatewayId, deviceId } : undefined;
}

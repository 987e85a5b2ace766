import type { SiteState } from '@tiepoint/protocol/field';
import type { Acceptance, DeviceOrder, SiteRecord } from '../../store/provisioning-store.ts';
import type { BornThere } from './acceptance.ts';

export type GatewayAtSite = {
  readonly gatewayId: string;
  /** It was enrolled, and its certificates were not revoked since. */
  readonly hasIdentity: boolean;
  /** Why they were revoked. */
  readonly revokedCause: string | undefined;
  readonly acceptance: Acceptance | undefined;
  readonly orders: readonly DeviceOrder[];
};

export function siteState({ retired }: SiteRecord, gateways: readonly GatewayAtSite[]): SiteState {
  if (retired !== undefined) return 'retired';
  if (gateways.length === 0 || gateways.some(({ hasIdentity }) => !hasIdentity)) return 'planned';
  return gateways.every(({ acceptance }) => acceptance !== undefined && acceptance.fallen === undefined)
    ? 'in-service'
    : 'provisioned';
}

/** Why the site is not in service, and what to do about it, the next thing first. Empty: it is. */
export function missingAt(
  site: SiteRecord,
  gateways: readonly GatewayAtSite[],
  bornAt: (gatewayId: string) => BornThere,
): readonly string[] {
  if (site.retired !== undefined) return [`It was retired: ${site.retired.cause}`];
  if (gateways.length === 0) return ['No device is entered: enter the devices that were ordered, with their gateway.'];
  return gateways.flatMap((gateway) => missingOf(gateway, bornAt(gateway.gatewayId)));
}

function missingOf(
  { gatewayId, hasIdentity, revokedCause, acceptance, orders }: GatewayAtSite,
  born: BornThere,
): readonly string[] {
  if (revokedCause !== undefined)
    return [
      `The certificate of ${gatewayId} was revoked: ${revokedCause}. Issue an enrolment token, and enrol it anew on site.`,
    ];
  if (!hasIdentity) return [`${gatewayId} has no identity yet: issue an enrolment token, and enrol it on site.`];
  if (acceptance !== undefined && acceptance.fallen === undefined) return [];
  const again =
    acceptance?.fallen === undefined
      ? `${gatewayId} has no passed commissioning report yet.`
      : `${gatewayId} fell out of service: ${acceptance.fallen.say} Commission it again.`;
  if (born.gateway === undefined) return [again, `${gatewayId} has not introduced itself yet.`];
  if (!born.online) return [again, `${gatewayId} is off line.`];
  const unborn = orders.filter(({ deviceId }) => born.device(deviceId) === undefined);
  return [again, ...unborn.map(({ deviceId }) => `${deviceId} of ${gatewayId} has not introduced itself yet.`)];
}

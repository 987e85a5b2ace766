import { sees } from '../operators/permissions.ts';
import type { Area } from '../operators/permissions.ts';
import type { Grant } from '../store/people-store.ts';
import type { AuditRecord } from '../store/store.ts';
import { subjectOf as accountSubject } from '../operators/directory.ts';
import { unknownDevice } from './errors.ts';
import type { refuse } from './errors.ts';
import type { ApiParts } from './parts.ts';

/** What the `:id` of a route is. */
export type PlaceKind = 'device' | 'gateway' | 'site' | 'command' | 'report' | 'contract' | 'order' | 'enrolment-token';

type Place = {
  area: Area;
  /** What is said where there is none, or none that the caller sees. */ missing: Parameters<typeof refuse>[1];
};

export function placeOf(parts: ApiParts, of: PlaceKind, id: string): Place {
  const { register, store } = parts;
  const none = (what: string): Place['missing'] => ({
    reason: 'not-found',
    say: `There is no ${what} ${id.slice(0, 130)}.`,
  });
  switch (of) {
    case 'device':
      return { area: deviceArea(parts, id), missing: unknownDevice(id) };
    case 'order':
      return { area: deviceArea(parts, id), missing: none('device') };
    case 'gateway':
      return {
        area: gatewayArea(parts, id),
        missing: { reason: 'unknown-device', say: `No gateway ${id.slice(0, 64)} has introduced itself.` },
      };
    case 'site':
      return { area: register.of('site').get(id)?.area, missing: none('site') };
    case 'command':
      return { area: deviceArea(parts, store.operations.command(id)?.targetKey ?? ''), missing: none('command') };
    case 'report':
      return { area: siteArea(parts, store.provisioning.report(id)?.siteId), missing: none('report') };
    case 'contract':
      return { area: deviceArea(parts, register.of('contract').get(id)?.deviceKey ?? ''), missing: none('contract') };
    case 'enrolment-token':
      return {
        area: gatewayArea(parts, register.of('token').get(id)?.gatewayId ?? ''),
        missing: none('enrolment token'),
      };
  }
}

type AreaParts = Pick<ApiParts, 'register'>;

export function siteArea({ register }: AreaParts, siteId: string | undefined): Area {
  return register.of('site').get(siteId ?? '')?.area;
}

export function deviceArea(parts: AreaParts, deviceKey: string): Area {
  return siteArea(parts, parts.register.of('device').get(deviceKey)?.siteId);
}

/** A gateway stands at one site. */
export function gatewayArea(parts: AreaParts, gatewayId: string): Area {
  return siteArea(parts, parts.register.ordersOf(gatewayId)[0]?.siteId);
}

/** Whose grants reach everything sees what belongs to no area, too. */
export function seesAll(grants: readonly Grant[]): boolean {
  return grants.some(({ areas }) => areas === 'all');
}

export function seesDevice(parts: AreaParts, grants: readonly Grant[], deviceKey: string): boolean {
  return sees(grants, deviceArea(parts, deviceKey));
}

export function seesGateway(parts: AreaParts, grants: readonly Grant[], gatewayId: string): boolean {
  return sees(grants, gatewayArea(parts, gatewayId));
}

/** An event is of a device, of a gateway, or of the head-end itself. */
export function seesEvent(
  parts: AreaParts,
  grants: readonly Grant[],
  { deviceKey, gatewayId }: { deviceKey?: string; gatewayId?: string },
): boolean {
  if (deviceKey !== undefined) return seesDevice(parts, grants, deviceKey);
  return gatewayId === undefined ? seesAll(grants) : seesGateway(parts, grants, gatewayId);
}

/** One's own deeds, and what was done at what one sees. */
export function seesAudit(
  parts: AreaParts,
  { grants, operator }: { grants: readonly Grant[]; operator: string },
  { who, subject }: Pick<AuditRecord, 'who' | 'subject'>,
): boolean {
  if (seesAll(grants) || who === operator || subject === accountSubject(operator)) return true;
  if (subject === undefined) return false;
  if (subject.startsWith('site:')) return sees(grants, siteArea(parts, subject.slice('site:'.length)));
  return subject.includes('.') ? seesDevice(parts, grants, subject) : seesGateway(parts, grants, subject);
}

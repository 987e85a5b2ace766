import type { SiteState } from '@tiepoint/protocol/field';
import type { Twin } from '../nms/twins.ts';
import { differencesOf } from '../nms/provisioning/acceptance.ts';
import { isInForce } from '../nms/provisioning/contract-rule.ts';
import { tokenState } from '../nms/provisioning/enrolments.ts';
import { localDay } from '../nms/provisioning/local-day.ts';
import type { GatewayAtSite } from '../nms/provisioning/site-state.ts';
import type { DeviceOrder, ReportRecord, SiteRecord, TokenRecord } from '../store/provisioning-store.ts';
import { sees } from '../operators/permissions.ts';
import type { Grant } from '../store/people-store.ts';
import type { ApiParts } from './parts.ts';
import type {
  ReportView,
  SiteDetail,
  SiteDevice,
  SiteGateway,
  SiteRow,
  SitesResponse,
  TokenView,
} from './site-contract.ts';
import { certificateOf, revokedOf } from './certificate-view.ts';

const shownReports = 100;

const order: Readonly<Record<SiteState, number>> = { provisioned: 0, planned: 1, 'in-service': 2, retired: 3 };

export function sitesOf(
  parts: ApiParts,
  { search, limit }: { search: string; limit: number },
  grants: readonly Grant[],
): SitesResponse {
  const { register, demonstration } = parts;
  const all = [...register.of('site').values()].filter(({ area }) => sees(grants, area));
  const wanted = search.trim().toLowerCase();
  const found = all.filter(({ id, title, area = '', address = '', feeder = '', transformer = '' }) =>
    `${id} ${title} ${area} ${address} ${feeder} ${transformer}`.toLowerCase().includes(wanted),
  );
  const ranked = found.map((site) => ({ site, rank: order[register.stateOf(site.id) ?? 'planned'] }));
  const sorted = ranked.toSorted((a, b) => a.rank - b.rank || a.site.title.localeCompare(b.site.title));
  const sites = sorted.slice(0, limit).map(({ site }) => siteRow(parts, site));
  return { sites, total: all.length, found: found.length, demonstration };
}

export function siteRow(parts: ApiParts, record: SiteRecord): SiteRow {
  const { retired, ...site } = record;
  const { register, fleet } = parts;
  const gateways = register.gatewaysAt(site.id);
  const orders = gateways.flatMap((each) => each.orders);
  const state = register.stateOf(site.id) ?? 'planned';
  return {
    ...site,
    state,
    missing: register.missingAt(record),
    gateways: gateways.length,
    devices: orders.length,
    devicesBorn: orders.filter(({ key }) => fleet.twin(key) !== undefined).length,
    withoutContract: orders.flatMap(({ key, deviceId }) => {
      const isAas = fleet.twin(key)?.birth.kind === 'aas';
      return isAas && !hasContract(parts, key) ? [deviceId] : [];
    }),
    emulated: gateways.some(({ acceptance }) => acceptance?.emulated === true && acceptance.fallen === undefined),
    ...(retired === undefined ? {} : { retiredCause: retired.cause }),
  };
}

function hasContract({ register, now }: ApiParts, deviceKey: string): boolean {
  const today = localDay(now());
  return register.contractsOf(deviceKey).some((each) => isInForce(each, today));
}

export function siteDetail(parts: ApiParts, record: SiteRecord, enrolUrl: string): SiteDetail {
  const gateways = parts.register.gatewaysAt(record.id);
  return {
    site: siteRow(parts, record),
    gateways: gateways.map((each) => siteGateway(parts, each)),
    devices: gateways.flatMap(({ orders }) => orders.map((order) => siteDevice(parts, order))),
    reports: parts.store.provisioning.reports({ siteId: record.id, limit: shownReports }).map(reportView),
    demonstration: parts.demonstration,
    brokerOutside: parts.brokerOutside,
    enrolUrl,
  };
}

function siteGateway(parts: ApiParts, { gatewayId, acceptance }: GatewayAtSite): SiteGateway {
  const { fleet, register, enrolments, gatewayTitle, now } = parts;
  const state = fleet.gateway(gatewayId);
  const identity = register.of('identity').get(gatewayId);
  return {
    id: gatewayId,
    title: gatewayTitle(gatewayId) ?? gatewayId,
    online: state?.online === true,
    identity: identity === undefined ? 'none' : identity.revoked === undefined ? 'enrolled' : 'revoked',
    ...certificateOf(parts, gatewayId),
    ...revokedOf(parts, gatewayId),
    ...(identity === undefined ? {} : { enrolledAtMs: identity.enrolledAtMs, enrolledBy: identity.enrolledBy }),
    ...(state?.bornAtMs === undefined ? {} : { bornAtMs: state.bornAtMs }),
    ...(state?.birth?.configurationHash === undefined ? {} : { configurationHash: state.birth.configurationHash }),
    ...(acceptance === undefined
      ? {}
      : {
          acceptance: {
            reportId: acceptance.reportId,
            acceptedAtMs: acceptance.acceptedAtMs,
            emulated: acceptance.emulated,
            ...(acceptance.fallen === undefined ? {} : { fallen: acceptance.fallen }),
          },
        }),
    tokens: enrolments.tokensOf(gatewayId).map((each) => tokenView(each, now())),
  };
}

function siteDevice({ fleet, register, now }: ApiParts, order: DeviceOrder): SiteDevice {
  const { key, gatewayId, siteId: _siteId, ...ordered } = order;
  const twin = fleet.twin(key);
  const today = localDay(now());
  return {
    id: key,
    gatewayId,
    ordered,
    ...(twin === undefined ? {} : { born: bornOf(twin) }),
    liveness: twin?.liveness ?? 'never',
    differences: twin === undefined ? [] : differencesOf(order, twin.birth),
    contracts: register
      .contractsOf(key)
      .map(({ deviceKey: _deviceKey, ...contract }) => ({ ...contract, inForce: isInForce(contract, today) })),
  };
}

function bornOf({ birth, bornAtMs }: Twin): NonNullable<SiteDevice['born']> {
  const { kind, profile, profileHash, manufacturer, model, serialNumber, limits } = birth;
  const { ratedPowerW, ratedCurrentA } = limits;
  const told = { manufacturer, model, serialNumber, ratedPowerW, ratedCurrentA };
  const known = Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined));
  return { bornAtMs, kind, profile, profileHash, ...known };
}

export function tokenView(record: TokenRecord, nowMs: number): TokenView {
  const { id, gatewayId, issuedAtMs, issuedBy, expiresAtMs } = record;
  const over = record.used ?? record.revoked;
  return {
    id,
    gatewayId,
    state: tokenState(record, nowMs),
    issuedAtMs,
    issuedBy,
    expiresAtMs,
    ...(over === undefined ? {} : { overAtMs: over.atMs, overBy: over.by }),
  };
}

function reportView({ siteId: _siteId, sha256: _sha256, against: _against, ...view }: ReportRecord): ReportView {
  return view;
}

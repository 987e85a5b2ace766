import type { Status } from '@tiepoint/protocol';
import { deviceKeyOf } from '../nms/device-key.ts';
import type { Twin } from '../nms/twins.ts';
import type { CommandRecord, Tag } from '../store/store.ts';
import type { FleetRow, FleetRowDelta } from './contract.ts';

const shownPoints = [
  'timeQuality',
  'health',
  'alarms',
  'operatingState',
  'activePowerW',
  'currentA',
  'voltageV',
  'frequencyHz',
  'stateOfChargePct',
  'availableCapacityPct',
  'availableCurrentA',
  'holdTimeS',
  'switchState',
  'breakerState',
  'connection',
  'loadSideVoltage',
  'control',
  'synchroniser',
  'relay1',
  'relay2',
  'relay3',
  'relay4',
] as const satisfies readonly (keyof FleetRow)[];

/** One device for the fleet table. What is unknown is left out. */
export function fleetRow(
  twin: Twin,
  { tag, active, unconfirmed }: Record<'active' | 'unconfirmed', CommandRecord | undefined> & { tag: Tag | undefined },
): FleetRow {
  const { key, gatewayId, deviceId, birth, liveness, receivedAtMs, deathCause, status } = twin;
  return {
    id: key,
    gatewayId,
    deviceId,
    title: birth.title ?? deviceId,
    kind: birth.kind,
    capabilities: birth.capabilities,
    profile: birth.profile,
    readOnly: birth.readOnly,
    ...known('ratedPowerW', birth.limits.ratedPowerW),
    ...known('switchedBy', birth.switchedBy === undefined ? undefined : deviceKeyOf(gatewayId, birth.switchedBy)),
    liveness,
    stale: liveness !== 'live',
    ...known('measuredAtMs', receivedAtMs),
    ...known('deathCause', deathCause),
    ...(status === undefined ? {} : shown(status)),
    ...(tag === undefined ? {} : { tagOwner: tag.owner, tagCause: tag.cause }),
    ...(active === undefined
      ? {}
      : { activeCommandId: active.id, activeCommandKind: active.kind, activeCommandState: active.state }),
    ...(unconfirmed === undefined ? {} : { unconfirmedCommandId: unconfirmed.id, unconfirmedKind: unconfirmed.kind }),
  };
}

/** What changed from one row to the next; undefined: nothing. */
export function rowDelta(before: FleetRow, after: FleetRow): FleetRowDelta | undefined {
  const delta: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof FleetRow>) {
    if (!same(before[key], after[key])) delta[key] = after[key] ?? null;
  }
  return Object.keys(delta).length === 0 ? undefined : { ...delta, id: after.id };
}

function shown(status: Status): Partial<FleetRow> {
  const values = status as { readonly [point: string]: unknown };
  return Object.fromEntries(
    shownPoints.flatMap((point) => (values[point] === undefined ? [] : [[point, values[point]]])),
  );
}

function known<K extends keyof FleetRow>(key: K, value: FleetRow[K] | undefined): { [P in K]?: FleetRow[K] } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: FleetRow[K] });
}

function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  return (
    Array.isArray(a) &&
    Array.isArray(b) &&
    a.length === b.length &&
    a.every((value, index) => Object.is(value, b[index]))
  );
}

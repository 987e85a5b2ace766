import { commandRules, isFinal, statusSchemas } from '@tiepoint/protocol';
import type { Route, Status } from '@tiepoint/protocol';
import { configurationState } from '../nms/configuration.ts';
import { deviceKeyOf } from '../nms/device-key.ts';
import type { GatewayState } from '../nms/gateway-state.ts';
import type { Selection } from '../nms/selections.ts';
import { expectedEveryMs } from '../nms/twins.ts';
import type { Twin } from '../nms/twins.ts';
import type { CommandRecord, EventRecord, TransitionRecord, WantedConfiguration } from '../store/store.ts';
import type {
  CommandView,
  EventRow,
  GatewayRow,
  LineView,
  RouteView,
  SelectionView,
  StatusPoint,
  TransitionView,
} from './contract.ts';

export function commandView(command: CommandRecord, titleOf: (deviceKey: string) => string): CommandView {
  const { id, targetKey, routeKey, routeBy, routeSay, kind, parameters, state, operator, measured } = command;
  const { approver, cause, requestedAtMs, sentAtMs, expiresAtMs, updatedAtMs, reason, say, deviceMs } = command;
  return {
    id,
    targetId: targetKey,
    targetTitle: titleOf(targetKey),
    kind,
    title: commandRules[kind].title,
    parameters,
    route: { deviceId: routeKey.slice(routeKey.indexOf('.') + 1), id: routeKey, by: routeBy, say: routeSay },
    state,
    final: isFinal(state),
    operator,
    ...(approver === undefined ? {} : { approver }),
    ...(cause === undefined ? {} : { cause }),
    requestedAtMs,
    ...(sentAtMs === undefined ? {} : { sentAtMs }),
    expiresAtMs,
    updatedAtMs,
    ...(reason === undefined ? {} : { reason }),
    ...(say === undefined ? {} : { say }),
    measured,
    ...(deviceMs === undefined ? {} : { deviceMs }),
  };
}

export function transitionView({ commandId: _commandId, ...view }: TransitionRecord): TransitionView {
  return view;
}

export function routeView(gatewayId: string, { deviceId, by, say }: Route): RouteView {
  return { deviceId, id: deviceKeyOf(gatewayId, deviceId), by, say };
}

/** `need`: why it takes two operators. */
export function selectionView(selection: Selection, need: string | undefined): SelectionView {
  const { id, targetKey, routeKey, route, kind, parameters, operator, selectedAtMs, expiresAtMs } = selection;
  const { impact, verdict } = selection;
  const { title, proof } = commandRules[kind];
  const routed: RouteView = { ...route, id: routeKey };
  return {
    id,
    targetId: targetKey,
    kind,
    title,
    parameters,
    operator,
    selectedAtMs,
    expiresAtMs,
    route: routed,
    impact: { say: impact },
    proof,
    verdict,
    approval: need === undefined ? { needed: false } : { needed: true, say: need },
  };
}

export function eventRow({ deviceKey, kind, detail, ...event }: EventRecord): EventRow {
  const named = deviceKey === undefined ? {} : { id: deviceKey, deviceId: deviceKey.slice(deviceKey.indexOf('.') + 1) };
  return { ...event, ...named, kind: kind as EventRow['kind'], ...(detail === undefined ? {} : { detail }) };
}

export function gatewayRow(
  gateway: GatewayState,
  {
    wanted,
    title,
    area,
    missing,
    tags,
  }: Pick<GatewayRow, 'missing' | 'tags'> & {
    wanted: WantedConfiguration | undefined;
    title: string | undefined;
    area: string | undefined;
  },
): GatewayRow {
  const { gatewayId, online, birth, bornAtMs, diedAtMs, deathCause } = gateway;
  return {
    id: gatewayId,
    title: title ?? gatewayId,
    ...(area === undefined ? {} : { area }),
    state: birth === undefined ? 'never' : online ? 'online' : 'offline',
    ...(birth === undefined ? {} : { birth }),
    ...(bornAtMs === undefined ? {} : { bornAtMs }),
    ...(diedAtMs === undefined ? {} : { diedAtMs }),
    ...(deathCause === undefined ? {} : { deathCause }),
    ...(birth === undefined || bornAtMs === undefined ? {} : { clockOffsetMs: birth.timeMs - bornAtMs }),
    deviceIds: birth?.deviceIds ?? [],
    missing,
    tags,
    configuration: {
      state: configurationState(wanted, birth),
      ...(wanted === undefined ? {} : { wantedRevision: wanted.revision }),
      ...(birth === undefined ? {} : { appliedRevision: birth.configurationRevision }),
      devices: wanted?.devices ?? [],
    },
  };
}

export function lineView({ birth, lastSeq, line, status }: Twin): LineView {
  return {
    session: birth.session,
    ...(lastSeq === undefined || lastSeq < 0 ? {} : { seq: lastSeq }),
    expectedEveryMs: expectedEveryMs(birth),
    ...line,
    ...(status?.missedCycles === undefined ? {} : { missedCycles: status.missedCycles }),
  };
}

const stampFields = new Set(['session', 'seq', 'timeMs', 'timeQuality']);

/** All that a status tells, in the order of its declaration; what is unknown is left out. */
export function statusPoints(status: Status): readonly StatusPoint[] {
  const fields: Record<string, { field: { unit?: string } }> = statusSchemas[status.kind].fields;
  const values = status as unknown as Record<string, unknown>;
  return Object.entries(fields).flatMap(([point, { field }]): StatusPoint[] => {
    const value = values[point];
    if (stampFields.has(point) || value === undefined) return [];
    if (typeof value === 'number') return [{ point, value, ...(field.unit === undefined ? {} : { unit: field.unit }) }];
    if (Array.isArray(value)) return [{ point, words: value.map(String) }];
    return typeof value === 'string' ? [{ point, word: value }] : [];
  });
}

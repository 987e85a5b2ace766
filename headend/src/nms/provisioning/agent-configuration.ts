import { stringify } from 'yaml';
import type { DeviceOrder, ProfileFile } from '../../store/provisioning-store.ts';
import { parseConnection, wireOf } from './connection.ts';
import type { BusPlace } from './connection.ts';

export type ComposedConfiguration = {
  readonly text: string;
  /** What has to be filled in on site, as sentences. */
  readonly open: readonly string[];
};

/**
 * The agent's file for a gateway, by what was ordered for it. Devices whose connection nobody knows yet stand in it as comments, for a
 * guessed port would be read as if somebody had known it.
 */
export function agentConfiguration({
  gatewayId,
  mqttUrl,
  dataDir,
  orders,
  profileFiles,
}: {
  gatewayId: string;
  mqttUrl: string;
  dataDir: string;
  orders: readonly DeviceOrder[];
  profileFiles: readonly ProfileFile[];
}): ComposedConfiguration {
  const placed = orders.flatMap((order) => {
    const place = order.connection === undefined ? undefined : parseConnection(order.connection);
    return place?.ok === true ? [{ order, place: place.value }] : [];
  });
  const wires = [...new Map(placed.map(({ place }) => [wireOf(place), place])).values()];
  const busOf = (place: BusPlace): string => `bus-${wires.findIndex((wire) => wireOf(wire) === wireOf(place)) + 1}`;
  const unplaced = orders.filter((order) => !placed.some((each) => each.order === order));
  const text = stringify({
    gateway: { id: gatewayId, dataDir, readOnly: false },
    mqtt: { url: mqttUrl },
    ...(profileFiles.length === 0 ? {} : { profiles: profileFiles.map(({ fileName }) => `./${fileName}`) }),
    buses: wires.map((place) => ({ name: busOf(place), ...place })),
    devices: placed.map(({ order, place }) => deviceSettings(order, busOf(place))),
  });
  const heading = `# Made by the head-end for ${gatewayId}.\n`;
  return {
    text: `${heading}${text}${unplaced.map(asComment).join('')}`,
    open: unplaced.map(
      ({ deviceId }) =>
        `${deviceId}: its connection is not known at the head-end. Find it by \`tiepoint-agent scan\`, and fill it in.`,
    ),
  };
}

function deviceSettings(order: DeviceOrder, bus: string): Record<string, unknown> {
  const { deviceId, title, unit, profile, readOnly, switchedBy, ratedPowerW, ratedCurrentA, switchRatingA } = order;
  const limits = Object.entries({ ratedPowerW, ratedCurrentA, switchRatingA }).filter(
    ([, value]) => value !== undefined,
  );
  return {
    id: deviceId,
    ...(title === undefined ? {} : { title }),
    bus,
    unit: unit ?? fillIn,
    profile,
    ...(limits.length === 0 ? {} : { limits: Object.fromEntries(limits) }),
    ...(readOnly === undefined ? {} : { readOnly }),
    ...(switchedBy === undefined ? {} : { switchedBy }),
  };
}

const fillIn = 'FILL IN';

function asComment(order: DeviceOrder): string {
  const lines = stringify([deviceSettings(order, fillIn)])
    .trimEnd()
    .split('\n');
  return [
    '',
    '# Ordered, and its connection is not known yet: add its bus above and this to the devices.',
    ...lines.map((line) => `#   ${line}`),
    '',
  ].join('\n');
}

import { findProfile } from '@tiepoint/hardware-profiles';
import { stringify } from 'yaml';
import type { RealDevice } from './options.ts';

/** A device as the emulated site says that it serves it. */
export type ServedDevice = { readonly id: string; readonly unit: number; readonly bus: ServedBus };
export type ServedBus =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'rtu-over-tcp'; readonly host: string; readonly port: number; readonly baudRate: number }
  | {
      readonly kind: 'rtu';
      readonly path: string;
      readonly baudRate: number;
      readonly parity?: 'none' | 'even' | 'odd';
    };

export type GatewayPlan = { readonly id: string; readonly devices: readonly PlannedDevice[] };
type PlannedDevice = ServedDevice & { readonly profile: string; readonly settings: Readonly<Record<string, unknown>> };

/** What only configuration knows of the emulated devices. */
const emulated: Readonly<
  Record<
    string,
    { readonly gateway: string; readonly profile: string; readonly settings: Readonly<Record<string, unknown>> }
  >
> = {
  'meter-1': { gateway: 'gw-home', profile: 'ami-meter-200a', settings: { title: 'Home: meter with service switch' } },
  'pv-1': {
    gateway: 'gw-home',
    profile: 'sunspec-inverter',
    settings: { title: 'Home: PV inverter, 6 kW', switchedBy: 'meter-1' },
  },
  'battery-1': { gateway: 'gw-site', profile: 'sunspec-der', settings: { title: 'Site: battery, 100 kW / 200 kWh' } },
  'genset-1': {
    gateway: 'gw-site',
    profile: 'deepsea-genset',
    settings: {
      title: 'Site: diesel generator, 500 kW',
      limits: { ratedPowerW: 500_000, ratedCurrentA: 752, ratedVoltageV: 277 },
      // The emulated set lays its registers out as the profile has them; at a real one somebody must have looked.
      confirmed: findProfile('deepsea-genset')?.unconfirmed ?? [],
      fuel: { tankL: 1000, consumptionLPerKwh: 0.27 },
    },
  },
  'meter-2': { gateway: 'gw-site', profile: 'eastron-sdm630', settings: { title: 'Site: main meter' } },
  'relay-1': { gateway: 'gw-site', profile: 'kmtronic-relay', settings: { title: 'Site: load-shedding relays' } },
};

export function emulatedGateways(served: readonly ServedDevice[]): readonly GatewayPlan[] {
  const planned = served.flatMap((device) => {
    const known = emulated[device.id];
    return known === undefined ? [] : [{ ...known, ...device }];
  });
  const ids = [...new Set(planned.map(({ gateway }) => gateway))];
  return ids.map((id) => ({
    id,
    devices: planned.filter(({ gateway }) => gateway === id).map(({ gateway: _gateway, ...device }) => device),
  }));
}

/** A dump never moves, so nothing is written to it. */
export function imageGateway(device: ServedDevice, profile: string): GatewayPlan {
  return {
    id: 'gw-image',
    devices: [{ ...device, profile, settings: { title: 'From a register dump', readOnly: true } }],
  };
}

export function realGateway(devices: readonly RealDevice[]): GatewayPlan {
  return {
    id: 'gw-real',
    devices: devices.map((device, index) => ({ ...device, id: `real-${index + 1}`, settings: {} })),
  };
}

/** The agent's one file. Devices at one place share its bus, as they share the wire. */
export function gatewayFile(
  plan: GatewayPlan,
  { mqttUrl, identity, dataDir, readOnly }: { mqttUrl: string; identity: string; dataDir: string; readOnly: boolean },
): string {
  const places = [...new Map(plan.devices.map(({ bus }) => [JSON.stringify(bus), bus])).entries()];
  const nameOf = (bus: ServedBus): string => `bus-${places.findIndex(([key]) => key === JSON.stringify(bus)) + 1}`;
  return stringify({
    gateway: { id: plan.id, dataDir, readOnly },
    mqtt: { url: mqttUrl },
    identity,
    buses: places.map(([, bus]) => ({ name: nameOf(bus), ...bus })),
    devices: plan.devices.map(({ id, unit, bus, profile, settings }) => ({
      id,
      bus: nameOf(bus),
      unit,
      profile,
      ...settings,
    })),
  });
}
